// Pure: values in, values out.

/**
 * What an answer is, by the bytes with which it begins, whatever it is said to be. A source may
 * serve a playlist as a film; what names further places must not reach a player as it is.
 *
 * @module
 */

import { PLAYLIST_MARK } from "./hls.ts";

/**
 * A playlist that can be written anew; something else that names `places`; what may be carried as
 * it is; or bytes that do not tell yet.
 */
export type Nature = "playlist" | "places" | "other" | "unclear";

/** So many bytes tell, where fewer do not. */
export const TELLING_BYTES = 1024;

/** How pages, DASH, lists of assets and other playlists begin, and no text that is played. */
const NAMES_PLACES = /^(?:#|<[!?a-z]|\{\s*(?:"|$)|\[(?:\s*(?:[{["]|$)|[a-z]+\])|"?https?:)/i;
const MAY_NAME_PLACES = /^[#<{["h]/i;
/** Any sixteen bytes are a key (RFC 8216, 5.2), and too few to name a place. */
const KEY_BYTES = 16;

/** What begins with some bytes; `complete` where they are all that there is. */
export function natureOf(bytes: Uint8Array, { complete }: { complete: boolean }): Nature {
  const seenAll = complete && bytes.length <= TELLING_BYTES;
  const known = complete || bytes.length >= TELLING_BYTES;
  // What a player skips in front of a playlist; the decoder leaves out a byte order mark.
  const text = textOf(bytes.subarray(0, TELLING_BYTES)).trimStart();
  if (text.startsWith(PLAYLIST_MARK)) return "playlist";
  if (text === "") return seenAll ? "other" : known ? "places" : "unclear";
  if (!MAY_NAME_PLACES.test(text) || (seenAll && bytes.length <= KEY_BYTES)) return "other";
  if (!known) return "unclear";
  return NAMES_PLACES.test(text) && !isMedia(bytes) ? "places" : "other";
}

/**
 * What bytes from the middle tell: media they are where one of 32 is of a kind that no text has
 * (WHATWG MIME Sniffing, "binary data byte"), and of what is compressed one of ten is.
 */
export function natureWithin(bytes: Uint8Array, { complete }: { complete: boolean }): Nature {
  return isMedia(bytes) || (complete && bytes.length === 0) ? "other" : "unclear";
}

function isMedia(bytes: Uint8Array): boolean {
  const looked = bytes.subarray(0, TELLING_BYTES);
  let binary = 0;
  for (const byte of looked) if (isBinary(byte)) binary += 1;
  return binary > 0 && binary * 32 >= looked.length;
}

function isBinary(byte: number): boolean {
  return byte <= 0x08 || byte === 0x0b || (byte >= 0x0e && byte <= 0x1f && byte !== 0x1b);
}

/** As text, but for half a byte order mark at the end. */
function textOf(bytes: Uint8Array): string {
  const half = bytes.at(-1) === 0xef ? 1 : bytes.at(-2) === 0xef && bytes.at(-1) === 0xbb ? 2 : 0;
  return new TextDecoder().decode(bytes.subarray(0, bytes.length - half));
}
