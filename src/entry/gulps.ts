/**
 * Reads a source's bytes on Deno at less cost: a film that flows fast in large pieces, and the memory
 * of each piece given back as soon as it is sent.
 *
 * @module
 */

import type { Now, OpenReader } from "../ports.ts";

/** How bytes are read: how much at once, and what has come since when. */
export type Pace = { size: number; fast: boolean; bytes: number; since: number };

/**
 * Pieces wait in the server while a player rests, so that they are small to begin with: it keeps 16 of
 * them at most, and 408 KB (hyper 1, `MAX_BUF_LIST_BUFFERS`, `DEFAULT_MAX_BUFFER_SIZE`).
 */
export const SIP = 24 * 1024;
/** Half of the most that Deno's `fetch` has ready, 408 KB as well: two take it without a rest. */
export const GULP = 204 * 1024;
/** More than sockets take of a film whose player rests: Linux sends up to 4 MB ahead (`tcp_wmem`). */
const WINDOW = 5 * 1024 * 1024;
const FAST_MS = 1250;

/** The pace at the beginning. */
export function firstPace(now: number): Pace {
  return { size: SIP, fast: false, bytes: 0, since: now };
}

/** The pace after a piece of `got` bytes: larger while pieces are full and the window fills fast. */
export function nextPace({ size, fast, bytes, since }: Pace, got: number, now: number): Pace {
  const sum = bytes + got;
  const window = sum < WINDOW
    ? { fast, bytes: sum, since }
    : { fast: now - since <= FAST_MS, bytes: 0, since: now };
  if (!window.fast) return { size: SIP, ...window };
  if (got === size) return { size: Math.min(size * 2, GULP), ...window };
  return { size: got * 4 < size ? Math.max(size / 2, SIP) : size, ...window };
}

/**
 * Makes the function that opens a body of bytes. What a reader gave is taken back when it is asked
 * for more: fit for Deno's server alone, which has handed a piece on to the socket's queue by then
 * (Deno 2.9, `ext/web/06_streams.js`, `readableStreamReadFn`). The queue keeps the memory until it
 * is sent; left to the garbage collector it would pile up, and no memory be used twice.
 */
export function createGulps({ monotonic }: { monotonic: Now }): OpenReader {
  return function open(body) {
    const reader = body.getReader({ mode: "byob" });
    let pace = firstPace(monotonic());
    let given: ArrayBuffer | undefined;
    return {
      async read() {
        given?.transfer(0);
        given = undefined;
        const { done, value } = await reader.read(new Uint8Array(pace.size));
        if (done) return {};
        given = value.buffer;
        pace = nextPace(pace, value.byteLength, monotonic());
        return { value };
      },
      cancel: () => reader.cancel(),
    };
  };
}
