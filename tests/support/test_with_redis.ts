/**
 * Tests against a real Redis, where there is one.
 *
 * @module
 */

import { HOW_TO_GET_REDIS, redisAvailable, type RedisServer, startRedis } from "./redis_server.ts";

const available = await redisAvailable();
const demanded = Deno.env.get("CI") === "true";

/** Remembers across the files of one run, which share nothing but the process. */
const SAID = "WEIR_TEST_REDIS_SAID";

/**
 * Registers a test that has a fresh `redis-server` of its own, ended when `run` is done. Where
 * there is none on PATH the test is ignored and one line says so; with `CI=true` it fails.
 *
 * @example
 * ```ts ignore
 * testWithRedis("PING is answered", async (redis) => {
 *   assertEquals(await redis.command("PING"), "PONG");
 * });
 * ```
 */
export function testWithRedis(
  name: string,
  run: (redis: RedisServer, t: Deno.TestContext) => void | Promise<void>,
  options: { redisArgs?: readonly string[] } = {},
): void {
  const ignore = !available && !demanded;
  if (ignore) sayOnce();
  Deno.test({
    name,
    ignore,
    async fn(t) {
      await using redis = await startRedis(options.redisArgs);
      await run(redis, t);
    },
  });
}

function sayOnce(): void {
  if (Deno.env.has(SAID)) return;
  Deno.env.set(SAID, "1");
  console.warn(`No redis-server on PATH: its tests are skipped; ${HOW_TO_GET_REDIS}`);
}
