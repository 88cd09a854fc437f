import { assert, assertGreaterOrEqual } from "./support/assert.ts";
import { seedOf, type Trial, tryGates } from "./support/gate_trial.ts";
import { testWithRedis } from "./support/test_with_redis.ts";

const MOVES = 20_000;

/** Each must have been answered often, or the trial proves little. */
const REPLIES = [
  ...["new", "continued", "reconnected", "rotated", "blocked"].map((kind) => `admit ${kind}`),
  ...["beat held", "beat gone"],
  ...["leaving", "left", "ignored"].map((kind) => `release ${kind}`),
  ...["evict evicted", "evict unknown", "list seats"],
];
const OFTEN = 50;

const seed = seedOf(Deno.env.get("WEIR_TEST_SEED"), Math.random);

Deno.test(`the memory gate does what the law says, ${MOVES} moves long`, async () => {
  assertThorough(await tryGates({ moves: MOVES, seed }));
});

testWithRedis(
  `Redis and the memory gate do what the law says, ${MOVES} moves long`,
  async (redis) => {
    assertThorough(await tryGates({ moves: MOVES, seed, redis }));
  },
);

function assertThorough({ moves, replies }: Trial): void {
  assertGreaterOrEqual(moves, MOVES);
  for (const kind of REPLIES) {
    const count = replies.get(kind) ?? 0;
    assert(count >= OFTEN, `${kind} was answered ${count} times only`);
  }
}
