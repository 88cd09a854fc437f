import type { RunScript } from "../../src/gate/redis.ts";
import { isRedisError } from "./resp.ts";
import type { RedisServer } from "./redis_server.ts";

/** The one line of the scripts that asks Redis for the time. */
const TIME_LINE = /^.*redis\.call\('TIME'\).*$/m;

/**
 * Runs the gate's scripts in a real Redis, with a clock of the test's own in place of the line
 * that asks for the time.
 */
export function scriptsAt(redis: RedisServer, now: () => number): RunScript {
  return async (script, keys, args) => {
    const clock = now();
    const line = `local seconds, micros = ${Math.floor(clock / 1000)}, ${clock % 1000 * 1000}`;
    const text = script.replace(TIME_LINE, line);
    if (text === script) throw new Error("the script asks for the time in another way");
    const reply = await redis.command("EVAL", text, String(keys.length), ...keys, ...args);
    if (isRedisError(reply)) throw new Error(reply.error);
    return reply;
  };
}
