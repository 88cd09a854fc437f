/**
 * A Weir in front of a film in pieces.
 *
 * @module
 */

import type { GetOptions } from "./app.ts";
import { assertEquals } from "./assert.ts";
import { filmSource, play } from "./film_source.ts";
import { type PlayApp, playApp } from "./playing.ts";

/** Where its playlist is. */
export const LIST = "https://films.example/show/index.m3u8";
const PARTS = ["init.mp4", "k", "0.ts", "1.ts"];
const MEDIA = [
  "#EXTM3U",
  "#EXT-X-TARGETDURATION:6",
  '#EXT-X-MAP:URI="init.mp4"',
  '#EXT-X-KEY:METHOD=AES-128,URI="https://keys.example/k?1"',
  "#EXTINF:6,",
  "0.ts",
  "#EXTINF:6,",
  "1.ts",
  "",
].join("\n");

/** Makes one. */
export function hlsApp(options: Parameters<typeof playApp>[1] = {}): PlayApp {
  return playApp("proxy", {
    rows: () => [{ url: LIST, headers: { "authorization": "Bearer the source's" } }],
    film: filmSource(({ url }) =>
      url === LIST
        ? new Response(MEDIA, { headers: { "content-type": "application/vnd.apple.mpegurl" } })
        : undefined
    ),
    ...options,
  });
}

/** The paths of its playlist's parts, by the names that these have at the source. */
export async function partsOf(response: Response): Promise<Map<string, string>> {
  assertEquals(response.headers.get("content-type"), "application/vnd.apple.mpegurl");
  const paths = (await response.text()).match(/\/play\/[\w-]+\/[\w.-]+/g) ?? [];
  assertEquals(paths.length, PARTS.length);
  return new Map(PARTS.map((name, index) => [name, paths[index]!]));
}

/** Reads a part to its end, and gives its bytes, or the status of what is none. */
export async function whole(app: PlayApp, path: string, options?: GetOptions): Promise<number> {
  const opened = await app.open(path, options);
  if (opened.status !== 200) return opened.status;
  const tap = app.film.taps.at(-1)!;
  tap.give(990);
  tap.finish();
  const player = play(opened);
  while (await player.read() === "bytes");
  await app.clock.settle();
  return player.got();
}
