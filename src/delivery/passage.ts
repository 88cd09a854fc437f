// Pure: values in, values out.

/**
 * What passes between a player and a source: what the player wants to read, and what HTTP wants
 * told of what it gets; nothing else.
 *
 * @module
 */

import { OPEN_CORS } from "../http/cors.ts";
import { hasPlaylistPath } from "./hls.ts";

const WANTED = ["range", "if-range", "user-agent"];
const TOLD = [
  "content-type",
  "content-length",
  "content-range",
  "accept-ranges",
  "etag",
  "last-modified",
];
const LONGEST = 1024;

/** The headers of a play's answer, whatever it tells besides. */
export const PLAY_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  ...OPEN_CORS,
  "access-control-expose-headers": "accept-ranges, content-length, content-range, etag",
  "cache-control": "private, no-store",
  // What a source answers is no page of ours.
  "content-security-policy": "sandbox",
  "x-content-type-options": "nosniff",
});

/** What a player wants to read. Playlists are read whole. */
export function wantedOf(headers: Headers, url: string): Record<string, string> {
  const whole = !url.startsWith("/") && hasPlaylistPath(url);
  const wanted: Record<string, string> = {};
  for (const name of WANTED) {
    const value = headers.get(name);
    if (value === null || value.length > LONGEST || (whole && name !== "user-agent")) continue;
    wanted[name] = value;
  }
  return wanted;
}

/** What a player is told of a source's answer. */
export function toldOf(headers: Headers): Record<string, string> {
  const told: Record<string, string> = { ...PLAY_HEADERS };
  for (const name of TOLD) {
    const value = headers.get(name);
    if (value !== null && value.length <= LONGEST) told[name] = value;
  }
  return told;
}

/** The place of an answer's first byte within the whole. */
export function firstByte({ status, headers }: Response): number {
  const found = /^bytes (\d+)-/.exec(headers.get("content-range") ?? "");
  return status === 206 && found ? Number(found[1]) : 0;
}

/** What tells that a source still has the same bytes (RFC 9110, 8.8). */
export function strongValidator(headers: Headers): string | undefined {
  const etag = headers.get("etag");
  if (etag !== null && !etag.startsWith("W/")) return etag;
  return headers.get("last-modified") ?? undefined;
}

/**
 * Whether an answer may name further places in a way that is not rewritten: DASH, lists of assets in
 * JSON, other playlists, pages. A body that is encoded against our wish cannot be read either.
 */
export function mayLeak({ headers }: Response, url: string): boolean {
  const type = headers.get("content-type") ?? "";
  return /\b(?:x?html|xml|json|scpls)\b/i.test(type) ||
    /\.(mpd|json)$/i.test(new URL(url).pathname) ||
    (headers.get("content-encoding") ?? "identity") !== "identity";
}
