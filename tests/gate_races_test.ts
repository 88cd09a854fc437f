import { assertEquals, assertGreater } from "./support/assert.ts";
import { findOrder } from "./support/gate_order.ts";
import { seedHint, seedOf } from "./support/gate_trial.ts";
import { FAULTS } from "./support/race_faults.ts";
import type { RaceGate } from "./support/race_gates.ts";
import { explain, OCCURRENCES, tally } from "./support/race_tally.ts";
import { type Race, race, RACE_SETTINGS } from "./support/races.ts";
import type { RedisServer } from "./support/redis_server.ts";
import { testWithRedis } from "./support/test_with_redis.ts";

const OPERATIONS = 10_000;
/** What occurs depends on time, and so on the machine: whatever did not is waited for so long. */
const MORE_RACES = 8;
const MORE_OPERATIONS = 2500;
/** So many show what is broken. */
const FEW_OPERATIONS = 1000;

const seed = seedOf(Deno.env.get("WEIR_TEST_SEED"), Math.random);

testWithRedis(
  `processes that race are answered as if one asked after another, ${OPERATIONS} operations long`,
  async (redis) => {
    try {
      const run = await race(redis, { seed, operations: OPERATIONS });
      assertGreater(run.looks.count, OPERATIONS);
      let missing = missingIn(run, [...OCCURRENCES, ...FAULTS]);
      for (let more = 1; missing.length > 0 && more <= MORE_RACES; more++) {
        const another = { seed: seed + more, operations: MORE_OPERATIONS };
        missing = missingIn(await race(redis, another), missing);
      }
      assertEquals(missing, []);
    } catch (error) {
      throw new Error(seedHint(seed), { cause: error });
    }
  },
);

testWithRedis("a gate that has a seat too many is found out", async (redis) => {
  const { looks } = await raceBroken(redis, "has a seat too many");
  assertGreater(looks.most, RACE_SETTINGS.capacity);
});

testWithRedis("a gate that looks first and admits then is found out", async (redis) => {
  const { looks } = await raceBroken(redis, "looks first and admits then");
  assertGreater(looks.most, RACE_SETTINGS.capacity);
});

testWithRedis("a gate that releases whoever has the seat now is found out", async (redis) => {
  const { looks } = await raceBroken(redis, "releases whoever has the seat now");
  assertEquals(looks.most, RACE_SETTINGS.capacity);
});

testWithRedis("a gate that lists what it listed before is found out", async (redis) => {
  const { looks } = await raceBroken(redis, "lists what it listed before");
  assertEquals(looks.most, RACE_SETTINGS.capacity);
});

/** Which of these did not occur in a race. Throws where the law does not explain it. */
function missingIn(run: Race, wanted: readonly string[]): string[] {
  const counts = tally(explain(run), run);
  return wanted.filter((each) => !counts.has(each));
}

/** Races with a gate that is broken, of which some answer has to show it. */
async function raceBroken(redis: RedisServer, gate: RaceGate): Promise<Race> {
  const run = await race(redis, { seed, operations: FEW_OPERATIONS, gate });
  const { kind } = findOrder(run.history, RACE_SETTINGS);
  assertEquals(kind, "breach", `nothing was found out; ${seedHint(seed)}`);
  return run;
}
