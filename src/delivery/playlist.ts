/**
 * Answers with a playlist whose every part comes through the same play.
 *
 * @module
 */

import type { Now, Turn } from "../ports.ts";
import { type Piece, PLAYLIST_MARK, playlistLines } from "./hls.ts";
import { partName } from "./name.ts";
import type { Ticket, Tickets } from "./ticket.ts";

/** The longest playlist that is read, in bytes. */
export const MAX_PLAYLIST_BYTES: number = 4 * 1024 * 1024;

/** Four hours in pieces of two seconds are 7 200. */
const MOST_PARTS = 20_000;
/** How much longer than what was read tickets may make it. */
const MAX_ANSWER_BYTES = 4 * MAX_PLAYLIST_BYTES;
/** So many pieces are made, a few milliseconds' work, before all others have their turn. */
const BATCH = 256;
/** Parts are ticketed by the hour, so that a live playlist names the same part the same way. */
const PART_STEP_MS = 3_600_000;

/**
 * Writes a playlist anew; `undefined` where it is none, or too much. `url` is where it was found,
 * `length` is in bytes.
 */
export type RewritePlaylist = (
  text: string,
  from: { url: string; ticket: Ticket },
) => Promise<{ body: ReadableStream<Uint8Array>; length: number } | undefined>;

/** Makes the function that writes playlists anew. */
export function createPlaylists(
  { tickets, now, turn }: { tickets: Tickets; now: Now; turn: Turn },
): RewritePlaylist {
  const encoder = new TextEncoder();
  let queue: Promise<void> = Promise.resolve();

  return async function rewrite(text, { url, ticket }) {
    // Players want the mark first (RFC 8216, 4.3.1.1), whatever a source puts in front.
    const playlist = text.trimStart();
    if (!playlist.startsWith(PLAYLIST_MARK)) return undefined;
    const issuedAt = Math.floor(now() / PART_STEP_MS) * PART_STEP_MS;
    const paths = new Map<string, string>();
    const chunks: Uint8Array[] = [];
    let parts = 0;
    let length = 0;
    for (const pieces of batches(playlist, url)) {
      if (chunks.length > 0) await breathe();
      const urls = pieces?.flatMap((piece) => typeof piece === "string" ? [] : [piece.url]) ?? [];
      parts += urls.length;
      if (pieces === undefined || parts > MOST_PARTS || length > MAX_ANSWER_BYTES) return undefined;
      await Promise.all([...new Set(urls)].map(async (part) => {
        if (!paths.has(part)) paths.set(part, await seal({ ...ticket, issuedAt, part }));
      }));
      const written = pieces.map((piece) =>
        typeof piece === "string" ? piece : paths.get(piece.url)
      );
      const chunk = encoder.encode(written.join(""));
      chunks.push(chunk);
      length += chunk.byteLength;
    }
    return { body: streamOf(chunks), length };
  };

  /** One batch a turn, however many playlists are written at once. */
  function breathe(): Promise<void> {
    return queue = queue.then(turn);
  }

  async function seal(ticket: Ticket & { part: string }): Promise<string> {
    return `/play/${await tickets.seal(ticket)}/${partName(ticket.part)}`;
  }
}

function* batches(text: string, url: string): Generator<Piece[] | undefined> {
  let batch: Piece[] = [];
  let work = 0;
  let between = "";
  for (const line of playlistLines(text, url)) {
    if (line === undefined) return yield undefined;
    work += 1 + line.length;
    if (line.length > 0) {
      batch.push(between, ...line);
      between = "\n";
    }
    if (work < BATCH) continue;
    yield batch;
    batch = [];
    work = 0;
  }
  yield batch;
}

function streamOf(chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
  }, { highWaterMark: 0 });
}
