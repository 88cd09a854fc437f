/**
 * Upstash's REST protocol over HTTP in front of a real Redis.
 *
 * @module
 */

import { startDroppableServer } from "./droppable.ts";
import type { RedisServer } from "./redis_server.ts";
import { isRedisError } from "./resp.ts";
import { createRestEndpoint, type RestOptions, type RestSeen, type Run } from "./rest_protocol.ts";
import { acceptKeyLocking } from "./rest_scripts.ts";

/** A listening bridge. */
export type RestBridge = RestSeen & {
  /** Its address, without a slash at the end. */
  readonly url: string;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Starts a bridge on a free port of 127.0.0.1. With `upstash` it takes scripts that begin with
 * the key-locking line, as Upstash does; without, Redis refuses them.
 *
 * @example
 * ```ts ignore
 * await using redis = await startRedis();
 * await using bridge = startRestBridge(redis, { intercept: inTurn(replyLost) });
 * const client = new Redis({ url: bridge.url, token: bridge.token });
 * ```
 */
export function startRestBridge(
  redis: Pick<RedisServer, "batch">,
  options: RestOptions & { upstash?: boolean } = {},
): RestBridge {
  const run = runOn(redis);
  const endpoint = createRestEndpoint(options.upstash ? acceptKeyLocking(run) : run, options);
  const { url, [Symbol.asyncDispose]: dispose } = startDroppableServer(
    async (request) => {
      const answer = await endpoint.handle(request);
      return endpoint.intercept === undefined ? answer : withoutNoise(answer);
    },
  );
  return Object.assign(endpoint, { url, [Symbol.asyncDispose]: dispose });
}

function runOn(redis: Pick<RedisServer, "batch">): Run {
  return async (commands, { atomic }) => {
    if (!atomic) return redis.batch(commands);
    const outcome = (await redis.batch([["MULTI"], ...commands, ["EXEC"]])).at(-1);
    if (Array.isArray(outcome) || isRedisError(outcome)) return outcome;
    throw new TypeError(`Cannot read EXEC's reply: must be a list, current value is ${outcome}`);
  };
}

/** A body that breaks off ends short of its Content-Length instead: `Deno.serve` logs an error. */
function withoutNoise(response: Response): Response {
  if (response.body === null) return response;
  return new Response(ReadableStream.from(untilBroken(response.body)), response);
}

async function* untilBroken(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  try {
    yield* body;
  } catch {
    return;
  }
}
