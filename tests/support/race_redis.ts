/**
 * Redis as a race uses it: over many connections at once, looked into before and after each run.
 *
 * @module
 */

import type { PoolSettings } from "../../src/gate/policy.ts";
import type { Span } from "./gate_history.ts";
import { lookCommand, readLook } from "./redis_look.ts";
import { createRedisClient, type Reply } from "./resp.ts";
import type { Command } from "./rest_protocol.ts";

/** See the module. */
export type RaceRedis = {
  /** Runs a command, and tells between which times of Redis it ran. */
  run(command: Command): Promise<{ reply: Reply; span: Span }>;
  /** The most seats that were occupied at a look, and how many looks there were. */
  readonly looks: { most: number; count: number };
  [Symbol.dispose](): void;
};

const CONNECTIONS = 16;

/** Makes connections to the Redis on `port`, to look at one pool. */
export function createRaceRedis(
  port: number,
  { pool, settings }: { pool: string; settings: PoolSettings },
): RaceRedis {
  const clients = Array.from({ length: CONNECTIONS }, () => createRedisClient(port));
  const look = lookCommand(pool, settings);
  const looks = { most: 0, count: 0 };
  let turns = 0;

  return {
    looks,
    async run(command) {
      const client = clients[turns++ % CONNECTIONS]!;
      const [before, reply = null, after] = await client.batch([look, command, look]);
      const [first, last] = [readLook(before), readLook(after)];
      looks.count += 2;
      looks.most = Math.max(looks.most, first.occupied, last.occupied);
      return { reply, span: { from: first.at, to: last.at } };
    },
    [Symbol.dispose]() {
      for (const client of clients) client.disconnect();
    },
  };
}
