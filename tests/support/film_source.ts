/**
 * A source behind a `fetch` of the test's own: a film of 1000 bytes at every path, given as the
 * test lets it.
 *
 * @module
 */

import type { Fetch } from "../../src/ports.ts";
import { assertEquals } from "./assert.ts";
import { originBytes } from "./origin_bytes.ts";
import { createTap, type Tap, TAP_SEED } from "./tap.ts";

/** How long every film is. */
export const FILM_BYTES = 1000;

/** See the module. */
export type FilmSource = {
  fetch: Fetch;
  /** What it was asked, in order. */
  requests: Request[];
  /** What it gave to each GET, in order; the first ten bytes are given at once. */
  taps: Tap[];
  /** Answers instead, where it gives anything. */
  reply: (request: Request, signal: AbortSignal) => Reply | Promise<Reply>;
};

type Reply = Response | undefined;

/** What came of a reading. */
export type Read = "bytes" | "end" | "broken";

/** The player's end of a play. */
export type Player = {
  read(): Promise<Read>;
  /** How many bytes came; they must be those of the film from where it was opened. */
  got(): number;
  /** Goes away. */
  close(): Promise<void>;
};

/** Makes a source. */
export function filmSource(reply: FilmSource["reply"] = () => undefined): FilmSource {
  const source: FilmSource = {
    requests: [],
    taps: [],
    reply,
    async fetch(request, init) {
      source.requests.push(request);
      return await source.reply(request, init!.signal!) ?? film(request);
    },
  };

  function film(request: Request): Response {
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "");
    const from = Number(range?.[1] ?? 0);
    const last = range?.[2] ? Number(range[2]) : FILM_BYTES - 1;
    const headers = new Headers({
      "content-type": "video/mp4",
      "content-length": String(last + 1 - from),
      "accept-ranges": "bytes",
      "etag": '"film"',
      "last-modified": "Sat, 14 Mar 2026 19:30:00 GMT",
    });
    if (range) headers.set("content-range", `bytes ${from}-${last}/${FILM_BYTES}`);
    const status = range ? 206 : 200;
    if (request.method === "HEAD") return new Response(null, { status, headers });
    const tap = createTap(from);
    source.taps.push(tap);
    tap.give(10);
    return new Response(tap.body, { status, headers });
  }

  return source;
}

/** Begins to play an answer, which gives the film from an offset on. */
export function play(response: Response, from = 0): Player {
  const reader = response.body!.getReader();
  const chunks: number[] = [];
  return {
    async read() {
      try {
        const { done, value } = await reader.read();
        chunks.push(...value ?? []);
        return done ? "end" : "bytes";
      } catch {
        return "broken";
      }
    },
    got() {
      const expected = originBytes(TAP_SEED, { from, to: from + chunks.length });
      assertEquals(new Uint8Array(chunks), expected);
      return chunks.length;
    },
    close: () => reader.cancel(),
  };
}

/** Begins to play an answer, and reads the first bytes. */
export async function begun(response: Response, from = 0): Promise<Player> {
  const player = play(response, from);
  assertEquals(await player.read(), "bytes");
  return player;
}
