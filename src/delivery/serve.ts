/**
 * Answers with a source's bytes: what HTTP wants passed is passed, and nothing else.
 *
 * @module
 */

import type { Now, Source, Timeout } from "../ports.ts";
import { OPEN_CORS } from "../http/respond.ts";
import { discard, readText } from "../upstream/reply.ts";
import { carry } from "./carry.ts";
import { hasPlaylistPath, isPlaylist, playlistUrls, rewritePlaylist } from "./hls.ts";
import { playName } from "./name.ts";
import type { PlayAsk } from "./opening.ts";
import type { Play } from "./plays.ts";
import { findRow } from "./row.ts";
import type { AskSource, SourceAnswer } from "./source.ts";
import type { Ticket, Tickets } from "./ticket.ts";

/** Serves a play's bytes; `undefined` where its source does not give them. */
export type Serve = (
  ask: PlayAsk,
  play: Play,
  sources: readonly Source[],
) => Promise<Response | undefined>;

/** What serving needs. */
export type ServeDeps = {
  askSource: AskSource;
  /** Files of our own, by their paths. */
  askOwn: (request: Request, path: string) => Promise<Response | undefined>;
  tickets: Tickets;
  stallMs: number;
  /** A player that takes nothing for so long does not hold the source. */
  restMs: number;
  /** Wall clock, in milliseconds since 1970. */
  now: Now;
  monotonic: Now;
  timeout: Timeout;
};

/** What is asked of one place: a row's own URL, or that of a part. */
type Place = { url: string; headers: Readonly<Record<string, string>>; row: number };

const PASSED = [
  "content-type",
  "content-length",
  "content-range",
  "accept-ranges",
  "etag",
  "last-modified",
];
const WANTED = ["range", "if-range", "user-agent"];
const LONGEST_HEADER = 1024;
const MAX_PLAYLIST_BYTES = 2 * 1024 * 1024;
/** Parts are ticketed by the hour, so that a live playlist names the same part the same way. */
const PART_STEP_MS = 3_600_000;

/** Makes the function that serves plays. */
export function createServe(deps: ServeDeps): Serve {
  return async function serve(ask, play, sources) {
    const found = findRow(sources, ask.ticket.row);
    if (found === undefined) return undefined;
    const { source, index } = found;
    const url = ask.ticket.part ?? source.url;
    const place: Place = { url, headers: source.headers ?? {}, row: index };
    const answer = await askPlace(place, ask, wantedOf(ask.request, place));
    if (answer === undefined) return undefined;
    const { response } = answer;
    if (
      ask.request.method === "GET" && isPlaylist(response.headers.get("content-type"), answer.url)
    ) {
      return await playlist(answer, ask, play);
    }
    if (response.status === 416) {
      await discard(response);
      return new Response(null, { status: 416, headers: passed(response) });
    }
    if (response.status !== 200 && response.status !== 206) {
      await discard(response);
      return ask.request.method === "HEAD"
        ? new Response(null, { headers: passed(response) })
        : undefined;
    }
    if (ask.request.method === "HEAD" || response.body === null) {
      await discard(response);
      return new Response(null, { status: response.status, headers: passed(response) });
    }
    return stream(answer, place, { ask, play });
  };

  /** Asks for a place, the answer's headers within the time that a stall may last. */
  async function askPlace(
    place: Place,
    { request, origin }: PlayAsk,
    wanted: Readonly<Record<string, string>>,
  ): Promise<SourceAnswer | undefined> {
    const method = request.method === "HEAD" ? "HEAD" : "GET";
    if (place.url.startsWith("/")) {
      const own = new Request(origin + place.url, { method, headers: wanted });
      const response = await deps.askOwn(own, place.url);
      return response && { response, url: own.url };
    }
    const controller = new AbortController();
    const abort = () => controller.abort();
    const timer = deps.timeout(deps.stallMs);
    timer.addEventListener("abort", abort, { once: true });
    request.signal.addEventListener("abort", abort, { once: true });
    try {
      const { url, headers } = place;
      return await deps.askSource({ url, method, headers, wanted }, controller.signal);
    } catch {
      // The source does not answer, or may not be asked: the table has one row for both.
      return undefined;
    } finally {
      timer.removeEventListener("abort", abort);
      request.signal.removeEventListener("abort", abort);
    }
  }

  function stream(
    { response }: SourceAnswer,
    place: Place,
    { ask, play }: { ask: PlayAsk; play: Play },
  ): Response {
    const headers = passed(response);
    const length = "content-length" in headers ? Number(headers["content-length"]) : undefined;
    const from = firstByte(response);
    const validator = strongValidator(response);
    const resumable = validator !== undefined && length !== undefined &&
      (response.status === 206 || headers["accept-ranges"] === "bytes");

    async function reopen(sent: number): Promise<ReadableStream<Uint8Array> | undefined> {
      const next = from + sent;
      const wanted = {
        ...wantedOf(ask.request, place),
        "range": `bytes=${next}-${from + length! - 1}`,
        "if-range": validator!,
      };
      const again = await askPlace(place, ask, wanted);
      if (again === undefined) return undefined;
      const same = again.response.status === 206 && firstByte(again.response) === next &&
        strongValidator(again.response) === validator;
      if (same && again.response.body !== null) return again.response.body;
      await discard(again.response);
      return undefined;
    }

    const { body, connection } = carry({
      body: response.body!,
      length,
      reopen: resumable ? reopen : undefined,
      readmit: () => play.readmit(),
      onBytes: (count) => play.flowed(count),
      onClose: () => play.disconnect(connection),
      stallMs: deps.stallMs,
      restMs: deps.restMs,
      monotonic: deps.monotonic,
    });
    play.connect(connection, place.row);
    return new Response(body, { status: response.status, headers });
  }

  async function playlist(
    { response, url }: SourceAnswer,
    { ticket }: PlayAsk,
    play: Play,
  ): Promise<Response | undefined> {
    let text: string;
    try {
      text = await readText(response, MAX_PLAYLIST_BYTES);
    } catch {
      // Too long, or cut short: no playlist that could be played.
      return undefined;
    }
    if (!text.trimStart().startsWith("#EXTM3U")) return undefined;
    play.inPieces();
    play.flowed(text.length);
    const issuedAt = Math.floor(deps.now() / PART_STEP_MS) * PART_STEP_MS;
    const urls = playlistUrls(text, url);
    const sealed = await Promise.all(urls.map((part) => partPath({ ...ticket, issuedAt, part })));
    const paths = new Map(urls.map((part, index) => [part, sealed[index]!]));
    return new Response(rewritePlaylist(text, url, (part) => paths.get(part)!), {
      headers: {
        ...OPEN_CORS,
        "content-type": "application/vnd.apple.mpegurl",
        "cache-control": "private, no-store",
      },
    });
  }

  async function partPath(ticket: Ticket & { part: string }): Promise<string> {
    return `/play/${await deps.tickets.seal(ticket)}/${playName(ticket.part)}`;
  }
}

/** What the client wants to read. Playlists are read whole. */
function wantedOf({ headers }: Request, { url }: Place): Record<string, string> {
  const whole = !url.startsWith("/") && hasPlaylistPath(url);
  const wanted: Record<string, string> = {};
  for (const name of WANTED) {
    const value = headers.get(name);
    if (value === null || value.length > LONGEST_HEADER) continue;
    if (!whole || name === "user-agent") wanted[name] = value;
  }
  return wanted;
}

function passed({ headers }: Response): Record<string, string> {
  const answer: Record<string, string> = {
    ...OPEN_CORS,
    "access-control-expose-headers": "accept-ranges, content-length, content-range, etag",
    "cache-control": "private, no-store",
  };
  for (const name of PASSED) {
    const value = headers.get(name);
    if (value !== null && value.length <= LONGEST_HEADER) answer[name] = value;
  }
  // Encoded all the same: what is carried is the decoded body, whose length nobody told.
  if (headers.has("content-encoding")) delete answer["content-length"];
  return answer;
}

function firstByte(response: Response): number {
  const found = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "");
  return response.status === 206 && found ? Number(found[1]) : 0;
}

function strongValidator({ headers }: Response): string | undefined {
  const etag = headers.get("etag");
  if (etag !== null && !etag.startsWith("W/")) return etag;
  return headers.get("last-modified") ?? undefined;
}
