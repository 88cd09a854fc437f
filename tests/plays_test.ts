import { createPlays, type Plays } from "../src/delivery/plays.ts";
import { createMemoryGate } from "../src/gate/memory.ts";
import { DEFAULT_SETTINGS } from "../src/gate/policy.ts";
import { createCall } from "../src/reliability/call.ts";
import { createExecutor } from "../src/reliability/execute.ts";
import { assert, assertEquals } from "./support/assert.ts";
import { type Clock, createClock } from "./support/clock.ts";

function emptyPlays(): { plays: Plays; clock: Clock } {
  const clock = createClock();
  const { now: monotonic, timeout } = clock;
  const execute = createExecutor({ now: monotonic, random: () => 0.5, timeout });
  const plays = createPlays({
    gate: createMemoryGate({ settings: DEFAULT_SETTINGS, now: monotonic }),
    call: createCall({
      execute: { gate: execute, broker: execute },
      bounds: {},
      monotonic,
      count() {},
      log() {},
    }),
    settings: DEFAULT_SETTINGS,
    beatMs: 15_000,
    gateOutagePlayMs: 300_000,
    playCacheMs: 60_000,
    monotonic,
    timeout,
    log() {},
  });
  return { plays, clock };
}

const ANNE = { viewer: "anne", note: "weir:a", device: "tv" };

Deno.test("a play that came to nothing is forgotten, one that was resolved is kept for a while", async () => {
  const { plays, clock } = emptyPlays();
  const refused = plays.play({ ...ANNE, id: "refused" });
  const done = await refused.begin();
  await clock.advance(5000);
  assert(plays.view("refused") !== undefined);
  done();
  const stopped = plays.play({ ...ANNE, id: "stopped" });
  stopped.resolved = { sources: [], at: clock.now() };
  await clock.advance(1000);
  assertEquals(plays.view("refused"), undefined);
  await clock.advance(58_000);
  assert(plays.view("stopped") !== undefined);
  await clock.advance(2000);
  assertEquals(plays.view("stopped"), undefined);
});
