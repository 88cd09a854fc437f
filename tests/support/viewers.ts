/**
 * Viewers who ask a Weir under test for streams.
 *
 * @module
 */

import type { Source } from "../../src/ports.ts";
import { assertEquals } from "./assert.ts";
import type { TestApp } from "./app.ts";

/** One stream request on its way. */
export type StreamRequest = {
  readonly episode: string;
  /** Its client goes away. */
  leave(): void;
  /** What it came to so far: `waiting`, the cause, or the URL of its stream. */
  readonly cameTo: string;
  /** The same, once it is answered. */
  readonly answered: Promise<string>;
};

/** The path of an episode's streams. */
export function streamPath(episode: string): string {
  return `/stream/movie/${encodeURIComponent(episode)}.json`;
}

/** The URL at which an episode is found, and which names it. */
export function urlOf(episode: string): string {
  return `https://films.example/${encodeURIComponent(episode)}.mp4`;
}

/** What a broker gives for an episode. */
export function sourcesOf(episode: string): readonly Source[] {
  return [{ url: urlOf(episode) }];
}

/** Sends a stream request; every answer has to be one that Stremio's clients take. */
export function request(app: TestApp, from: string, episode: string): StreamRequest {
  const client = new AbortController();
  let cameTo = "waiting";
  const read = async () => {
    const response = await app.get(streamPath(episode), { from, signal: client.signal });
    assertEquals(response.status, 200);
    assertEquals(response.headers.get("access-control-allow-origin"), "*");
    const { streams, notice } = await response.json();
    const kept = notice?.cause === "not_found" ? "private, max-age=60" : "private, no-store";
    assertEquals(response.headers.get("cache-control"), kept);
    return cameTo = notice?.cause ?? streams[0].url;
  };
  return {
    episode,
    leave: () => client.abort(),
    answered: read(),
    get cameTo() {
      return cameTo;
    },
  };
}

/**
 * Gives the addresses of so many viewers, each known to the app already: who asks for the first
 * time has an HMAC to wait for, and that is no matter of a test's clock.
 */
export async function introduce(app: TestApp, count: number): Promise<string[]> {
  const addresses = Array.from({ length: count }, (_, i) => `198.51.${i >> 8}.${i & 255}`);
  await Promise.all(addresses.map((from) => app.get("/stream/movie/unknown.json", { from })));
  return addresses;
}

/** What the app's metrics say of a line, from its beginning; 0 where there is no such line. */
export function counted(app: TestApp, line: string): number {
  const text = app.metrics.text({ name: "test", capacity: 0, occupied: 0 });
  const found = text.split("\n").find((each) => each.startsWith(`weir_${line} `));
  return Number(found?.split(" ").at(-1) ?? 0);
}
