import fc from "fast-check";
import { createMemoryGate, type MemoryGate } from "../src/gate/memory.ts";
import type { PoolSettings } from "../src/gate/policy.ts";
import { createRedisGate } from "../src/gate/redis.ts";
import type { Now } from "../src/ports.ts";
import { assert, assertEquals, assertLessOrEqual } from "./support/assert.ts";
import { LAW_SETTINGS } from "./support/gate_law.ts";
import { INVARIANTS, sight, type Sighting } from "./support/gate_invariants.ts";
import { type Move, moveArbitrary, settingsArbitrary } from "./support/gate_moves.ts";
import { seedHint, seedOf } from "./support/gate_trial.ts";
import { cachedScriptsAt } from "./support/tcp_scripts.ts";
import { testWithRedis } from "./support/test_with_redis.ts";

const RUNS = 200;
const RUNS_IN_REDIS = 20;
const WAITED_OUT_AT_LEAST = 50;
/** Longer than any setting and any hold that is drawn. */
const LONG_MS = 100_000_000;

const seed = seedOf(Deno.env.get("WEIR_TEST_SEED"), Math.random);
const movesArbitrary = fc.array(moveArbitrary, { maxLength: 80, size: "max" });

for (const { claim, breach } of INVARIANTS) {
  Deno.test(`in memory: ${claim}`, async () => {
    await hold(RUNS, async (settings, moves) => {
      assertEquals(breach(await sight(moves, settings, createMemoryGate), settings), undefined);
    });
  });
}

testWithRedis("in Redis all of that holds too", async (redis) => {
  await hold(RUNS_IN_REDIS, async (settings, moves) => {
    await redis.command("FLUSHALL");
    const seen = await sight(
      moves,
      settings,
      ({ settings, now }) =>
        createRedisGate({ run: cachedScriptsAt(redis, now), pool: "test", settings }),
    );
    for (const { claim, breach } of INVARIANTS) {
      assertEquals(breach(seen, settings), undefined, claim);
    }
  });
});

Deno.test("the sightings show refusals waited out, within the capacity and above it", async () => {
  const waitedOut: Sighting[] = [];
  await hold(RUNS, async (settings, moves) => {
    const seen = await sight(moves, settings, createMemoryGate);
    waitedOut.push(...seen.filter((sighting) => sighting.waitedOut));
  });
  const above = waitedOut.filter(({ after, capacity }) => after.occupied > capacity);
  assert(waitedOut.length - above.length >= WAITED_OUT_AT_LEAST, `${waitedOut.length} only`);
  assert(above.length > 0, "none above the capacity");
});

Deno.test("in memory: a pool that everybody has left and that has forgotten them is empty", async () => {
  await hold(RUNS, async (settings, moves) => {
    let lateMs = 0;
    const { made, maps } = collectingMaps(() => {
      const gates: MemoryGate[] = [];
      const make = ({ settings, now }: { settings: PoolSettings; now: Now }) => {
        gates.push(createMemoryGate({ settings, now: () => now() + lateMs }));
        return gates[0]!;
      };
      return { gates, seen: sight(moves, settings, make) };
    });
    await made.seen;
    lateMs = LONG_MS;
    assertEquals(made.gates[0]!.list().seats, []);
    assert(maps.length > 0);
    assertEquals(maps.map(({ size }) => size), maps.map(() => 0));
  });
});

Deno.test("in memory: who is forgotten is kept no longer than others are known", () => {
  let now = 0;
  const settings = { ...LAW_SETTINGS, capacity: 1000 };
  const { made: gate, maps } = collectingMaps(() => createMemoryGate({ settings, now: () => now }));
  const { inactivityMs, memoryMs } = settings;
  // One comes in each millisecond and none comes back: so many are known at most.
  const known = inactivityMs + memoryMs;
  for (; now < 20 * known; now++) {
    gate.admit({ session: `s${now}`, viewer: `v${now % 7}` });
    for (const { size } of maps) assertLessOrEqual(size, 2 * known + 1);
  }
  now += LONG_MS;
  gate.list();
  assertEquals(maps.map(({ size }) => size), maps.map(() => 0));
});

/** Collects the maps in which whatever `make` makes at once keeps its state. */
function collectingMaps<T>(make: () => T): { made: T; maps: Map<unknown, unknown>[] } {
  const maps: Map<unknown, unknown>[] = [];
  const usual = globalThis.Map;
  globalThis.Map = class<K, V> extends usual<K, V> {
    constructor(entries?: Iterable<readonly [K, V]> | null) {
      super(entries);
      maps.push(this);
    }
  };
  try {
    return { made: make(), maps };
  } finally {
    globalThis.Map = usual;
  }
}

async function hold(
  numRuns: number,
  claim: (
    settings: PoolSettings,
    moves: readonly Move[],
  ) => Promise<void>,
): Promise<void> {
  await fc.assert(fc.asyncProperty(settingsArbitrary, movesArbitrary, claim), {
    seed,
    numRuns,
    reporter(run) {
      if (run.failed) throw new Error(`${seedHint(seed)}\n${fc.defaultReportMessage(run)}`);
    },
  });
}
