import type { RunScript } from "../../src/gate/redis.ts";
import { isRedisError, type Reply } from "./resp.ts";
import type { RedisServer } from "./redis_server.ts";
import { sha1 } from "./rest_scripts.ts";

/** The one line of the scripts that asks Redis for the time. */
const TIME_LINE = /^.*redis\.call\('TIME'\).*$/m;

/** What stands there in a test: the time is one more argument, behind all others. */
const CLOCK_LINE = "local clock = tonumber(ARGV[#ARGV]) " +
  "local seconds, micros = math.floor(clock / 1000), clock % 1000 * 1000";

/**
 * Runs the gate's scripts in a real Redis, with a clock of the test's own in place of the line
 * that asks for the time.
 */
export function scriptsAt(redis: RedisServer, now: () => number): RunScript {
  return async (script, keys, args) => {
    const rest = [`${keys.length}`, ...keys, ...args, `${now()}`];
    return checked(await redis.command("EVAL", withClock(script), ...rest));
  };
}

/** As {@linkcode scriptsAt}, by EVALSHA, and by EVAL where Redis does not have the script. */
export function cachedScriptsAt(redis: RedisServer, now: () => number): RunScript {
  const shas = new Map<string, Promise<string>>();
  return async (script, keys, args) => {
    const rest = [`${keys.length}`, ...keys, ...args, `${now()}`];
    let sha = shas.get(script);
    if (sha === undefined) shas.set(script, sha = sha1(withClock(script)));
    const reply = await redis.command("EVALSHA", await sha, ...rest);
    if (!isRedisError(reply) || !reply.error.startsWith("NOSCRIPT")) return checked(reply);
    return checked(await redis.command("EVAL", withClock(script), ...rest));
  };
}

function withClock(script: string): string {
  const text = script.replace(TIME_LINE, CLOCK_LINE);
  if (text === script) throw new Error("the script asks for the time in another way");
  return text;
}

function checked(reply: Reply): Reply {
  if (isRedisError(reply)) throw new Error(reply.error);
  return reply;
}
