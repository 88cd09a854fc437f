/**
 * Watching a play at the handler boundary.
 *
 * @module
 */

import { assertEquals } from "./assert.ts";
import { play, type Player } from "./film_source.ts";
import { ANNE, type PlayApp } from "./playing.ts";
import type { Tap } from "./tap.ts";

/** Somebody who watches: the player, and what the source gives it. */
export type Watching = { player: Player; tap: Tap; path: string };

/** Begins to watch. */
export async function watch(app: PlayApp, from: string = ANNE, path?: string): Promise<Watching> {
  const at = path ?? await app.path(from);
  const response = await app.open(at, { from });
  assertEquals(response.status, 200);
  const player = play(response);
  assertEquals(await player.read(), "bytes");
  return { player, tap: app.film.taps.at(-1)!, path: at };
}

/** Ten more bytes come, and the gate is told where it is to be. */
export async function more(app: PlayApp, { player, tap }: Watching): Promise<string> {
  tap.give(10);
  const read = await player.read();
  await app.clock.settle();
  return read;
}

/** Bytes come every five seconds for so long. */
export async function flow(app: PlayApp, watching: Watching, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 5000) {
    await app.clock.advance(5000);
    assertEquals(await more(app, watching), "bytes");
  }
}
