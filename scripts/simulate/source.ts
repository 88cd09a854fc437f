/**
 * The source: it gives everybody whatever they ask for, and knows how many streams it carries.
 *
 * @module
 */

import type { Fetch, Now, Source } from "../../src/ports.ts";

/** See the module. */
export type SimulatedSource = {
  /** The network, in which there is nothing but this source. */
  fetch: Fetch;
  /** How many streams it carries at the moment. */
  carried(): number;
};

/** What a second of film is, in bytes: players count in seconds, so that one is enough. */
export const BYTES_PER_SEC = 1;

/** A connection of which nobody has taken a byte for so long carries nothing. */
const SILENT_MS = 60_000;
const CHUNK_SEC = 5;
const ORIGIN = "https://source.example";

/** Whether a URL is the source's own. */
export function isSourceUrl(url: string): boolean {
  return url.startsWith(`${ORIGIN}/`);
}

/** The streams of an episode, whose id ends in its length. */
export function sourcesOf(episode: string): readonly Source[] {
  const runtimeSec = Number(episode.split(":").at(-1));
  return [{ url: `${ORIGIN}/${episode}.mp4`, filename: "episode.mp4", runtimeSec }];
}

/** Makes one. */
export function createSource(now: Now): SimulatedSource {
  const open = new Map<symbol, number>();

  function bytes(from: number, to: number): ReadableStream<Uint8Array> {
    const id = Symbol();
    let at = from;
    open.set(id, now());
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        const size = Math.min(CHUNK_SEC * BYTES_PER_SEC, to - at);
        at += size;
        open.set(id, now());
        controller.enqueue(new Uint8Array(size));
        if (at < to) return;
        open.delete(id);
        controller.close();
      },
      cancel: () => void open.delete(id),
    }, { highWaterMark: 0 });
  }

  return {
    fetch(request) {
      const length = Number(/(\d+)\.mp4$/.exec(request.url)![1]) * BYTES_PER_SEC;
      const [, from = "0", last = ""] =
        /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "") ?? [];
      const to = last === "" ? length : Number(last) + 1;
      const headers = {
        "content-type": "video/mp4",
        "content-length": String(to - Number(from)),
        "content-range": `bytes ${from}-${to - 1}/${length}`,
        "accept-ranges": "bytes",
        "etag": '"film"',
      };
      const body = request.method === "HEAD" ? null : bytes(Number(from), to);
      return Promise.resolve(new Response(body, { status: 206, headers }));
    },
    carried: () => [...open.values()].filter((takenAt) => now() - takenAt < SILENT_MS).length,
  };
}
