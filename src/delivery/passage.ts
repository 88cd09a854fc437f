// Pure: values in, values out.

/**
 * What passes between a player and a source: what the player wants to read, and what HTTP wants
 * told of what it gets; nothing else.
 *
 * @module
 */

import { OPEN_CORS } from "../http/cors.ts";
import { hasPlaylistPath } from "./hls.ts";
import { mediaType } from "./name.ts";

const TOLD = [
  "content-type",
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

/** What a player wants to read: one part of it at most, for several come in a form of their own. */
export function wantedOf(headers: Headers, url: string): Record<string, string> {
  const wanted = wholeOf(headers);
  const range = headers.get("range") ?? "";
  if (!url.startsWith("/") && hasPlaylistPath(url)) return wanted;
  if (!/^bytes=(?:\d{1,15}-\d{0,15}|-\d{1,15})$/.test(range)) return wanted;
  const condition = bounded(headers, "if-range");
  return { ...wanted, range, ...(condition === undefined ? {} : { "if-range": condition }) };
}

/** What a player wants where all of it is read: playlists are. */
export function wholeOf(headers: Headers): Record<string, string> {
  const agent = bounded(headers, "user-agent");
  return agent === undefined ? {} : { "user-agent": agent };
}

/** What a player is told of a source's answer. */
export function toldOf(headers: Headers): Record<string, string> {
  const told: Record<string, string> = { ...PLAY_HEADERS };
  for (const name of TOLD) {
    const value = bounded(headers, name);
    if (value !== undefined) told[name] = value;
  }
  const length = lengthOf(headers);
  if (length !== undefined) told["content-length"] = String(length);
  return told;
}

/**
 * How long an answer's body is, where that is told: once or several times alike, and by nothing that
 * goes before it (RFC 9110, 8.6; RFC 9112, 6.3).
 */
export function lengthOf(headers: Headers): number | undefined {
  if (headers.has("transfer-encoding")) return undefined;
  const [, digits] = /^(\d{1,15})(?:, ?\1)*$/.exec(headers.get("content-length") ?? "") ?? [];
  return digits === undefined ? undefined : Number(digits);
}

function bounded(headers: Headers, name: string): string | undefined {
  const value = headers.get(name);
  return value !== null && value.length <= LONGEST ? value : undefined;
}

/** The place of an answer's first byte within the whole; `undefined` for a part of nobody knows what. */
export function firstByte({ status, headers }: Response): number | undefined {
  if (status !== 206) return 0;
  const found = /^bytes (\d+)-/.exec(headers.get("content-range") ?? "");
  return found ? Number(found[1]) : undefined;
}

/**
 * What tells that a source still has the same bytes: an ETag that is not weak, or else the time of a
 * change that lies a second before the answer at least (RFC 9110, 8.8.2.2).
 */
export function strongValidator(headers: Headers): string | undefined {
  const etag = headers.get("etag");
  if (etag !== null) return etag.startsWith("W/") ? undefined : etag;
  const modified = headers.get("last-modified");
  const sinceMs = Date.parse(headers.get("date") ?? "") - Date.parse(modified ?? "");
  return modified !== null && sinceMs >= 1000 ? modified : undefined;
}

/**
 * Whether an answer is said to be what names further places in a way that is not rewritten: DASH,
 * lists of assets in JSON, other playlists, pages. Neither a body that is encoded against our wish
 * nor one of several parts can be looked at.
 */
export function mayLeak({ headers }: Response, url: string): boolean {
  const type = headers.get("content-type") ?? "";
  return /\b(?:x?html|xml|json|scpls|multipart)\b/i.test(type) ||
    /\.(mpd|json)$/i.test(new URL(url).pathname) ||
    (headers.get("content-encoding") ?? "identity") !== "identity";
}

/** What HEAD is told while there is no seat: what there would be, without asking the source. */
export function unaskedHead(name: string): Response {
  return new Response(null, {
    headers: {
      ...OPEN_CORS,
      "content-type": mediaType(name),
      "accept-ranges": "bytes",
      "cache-control": "private, no-store",
    },
  });
}
