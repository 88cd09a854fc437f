import { createRedisGate } from "../src/gate/redis.ts";
import { assert, assertEquals } from "./support/assert.ts";
import { perform } from "./support/gate_operations.ts";
import { forEverySequence, memoryBreach, type Played, told } from "./support/gate_sequences.ts";
import type { RedisServer } from "./support/redis_server.ts";
import { same } from "./support/same.ts";
import { cachedScriptsAt } from "./support/tcp_scripts.ts";
import { testWithRedis } from "./support/test_with_redis.ts";

const CAPACITIES = [1, 2, 3];

/** How many sequences there are for each capacity: fewer would mean that some were left out. */
const COUNTS = { all: 1_061_501, admissions: 668_886 };

for (const capacity of CAPACITIES) {
  Deno.test(`the memory gate does what the law says to every 5 steps, capacity ${capacity}`, () => {
    assertEquals(forEverySequence({ capacity, steps: 5, of: "all" }, agree), COUNTS.all);
  });

  Deno.test(`the memory gate does what the law says to every 6 admissions, capacity ${capacity}`, () => {
    const count = forEverySequence({ capacity, steps: 6, of: "admissions" }, agree);
    assertEquals(count, COUNTS.admissions);
  });
}

testWithRedis("Redis does what the law says to every 3 steps, capacity 1 to 3", async (redis) => {
  const paths: Played[][] = [];
  for (const capacity of CAPACITIES) {
    forEverySequence({ capacity, steps: 3, of: "all" }, (path) => {
      if (path.length === 3) paths.push([...path]);
    });
  }
  assert(paths.length > 2000);
  for (const [index, path] of paths.entries()) await agreeInRedis(redis, `p${index}`, path);
});

function agree(path: readonly Played[]): void {
  const breach = memoryBreach(path);
  if (breach !== undefined) throw new Error(breach);
}

async function agreeInRedis(redis: RedisServer, pool: string, path: readonly Played[]) {
  let clock = 0;
  const { settings } = path[0]!.state;
  const gate = createRedisGate({ run: cachedScriptsAt(redis, () => clock), pool, settings });
  for (const [index, played] of path.entries()) {
    clock = played.clock;
    const reply = await perform(gate, played.operation);
    if (!same(reply, played.reply)) throw new Error(told(path.slice(0, index + 1), reply));
  }
}
