/**
 * Answers with a playlist whose every part comes through the same play.
 *
 * @module
 */

import type { Now } from "../ports.ts";
import { playlistUrls, rewritePlaylist } from "./hls.ts";
import { partName } from "./name.ts";
import { PLAY_HEADERS } from "./passage.ts";
import type { Ticket, Tickets } from "./ticket.ts";

/** What a playlist's first bytes are (RFC 8216, 4.3.1.1). */
export const PLAYLIST_MARK = "#EXTM3U";
/** The longest playlist that is read, in bytes. */
export const MAX_PLAYLIST_BYTES: number = 2 * 1024 * 1024;

/** Parts are ticketed by the hour, so that a live playlist names the same part the same way. */
const PART_STEP_MS = 3_600_000;

/** Makes the function that answers with a playlist; `url` is where it was found. */
export function createPlaylists(
  { tickets, now }: { tickets: Tickets; now: Now },
): (text: string, from: { url: string; ticket: Ticket }) => Promise<Response | undefined> {
  return async function answer(text, { url, ticket }) {
    if (!text.trimStart().startsWith(PLAYLIST_MARK)) return undefined;
    const issuedAt = Math.floor(now() / PART_STEP_MS) * PART_STEP_MS;
    const urls = playlistUrls(text, url);
    const tickets = await Promise.all(urls.map((part) => seal({ ...ticket, issuedAt, part })));
    const paths = new Map(urls.map((part, index) => [part, tickets[index]!]));
    return new Response(rewritePlaylist(text, url, (part) => paths.get(part)!), {
      headers: { ...PLAY_HEADERS, "content-type": "application/vnd.apple.mpegurl" },
    });
  };

  async function seal(ticket: Ticket & { part: string }): Promise<string> {
    return `/play/${await tickets.seal(ticket)}/${partName(ticket.part)}`;
  }
}
