/**
 * Operations that are given up before the gate has them, and carried out later all the same.
 *
 * @module
 */

import { createMemoryGate } from "../../src/gate/memory.ts";
import type { PoolSettings } from "../../src/gate/policy.ts";
import { createRedisGate } from "../../src/gate/redis.ts";
import type { Awaitable, Gate, Now } from "../../src/ports.ts";
import { createRestScripts } from "../../src/upstream/upstash.ts";
import { assertRejects } from "./assert.ts";
import type { RedisServer } from "./redis_server.ts";
import { startRestBridge } from "./rest_bridge.ts";

/** One operation, as it is asked of a gate. */
export type Asked = (gate: Gate, signal?: AbortSignal) => Awaitable<unknown>;

/** A gate, and operations that come late. */
export type LateGate = AsyncDisposable & {
  gate: Gate;
  /** Sends an operation and gives it up; what it gives carries it out, as often as it is called. */
  giveUp(asked: Asked): Promise<() => Promise<void>>;
};

/** A gate in memory. */
export function lateMemoryGate(settings: PoolSettings, now: Now): LateGate {
  const gate: Gate = createMemoryGate({ settings, now });
  const carryOut = (asked: Asked) => async () => {
    await asked(gate);
  };
  return {
    gate,
    giveUp: (asked) => Promise.resolve(carryOut(asked)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** A gate in a real Redis, behind what holds a request back and lets it go later. */
export async function lateRedisGate(
  settings: PoolSettings,
  redis: RedisServer,
): Promise<LateGate> {
  const bridge = startRestBridge(redis);
  const { url, token } = bridge;
  const run = createRestScripts({ url, token, fetch });
  const gate = createRedisGate({ run, pool: "test", settings });
  await loadScripts(gate);
  return {
    gate,
    async giveUp(asked) {
      const caller = new AbortController();
      const held = Promise.withResolvers<() => Promise<void>>();
      bridge.intercept = (_call, next) => {
        bridge.intercept = undefined;
        held.resolve(async () => {
          await (await next()).body?.cancel();
        });
        return new Promise<never>(() => {});
      };
      const answer = asked(gate, caller.signal);
      const carryOut = await held.promise;
      caller.abort();
      await assertRejects(async () => await answer, DOMException);
      return carryOut;
    },
    [Symbol.asyncDispose]: () => bridge[Symbol.asyncDispose](),
  };
}

/** So that a request is the operation itself, and not the question whether Redis has its script. */
async function loadScripts(gate: Gate): Promise<void> {
  const session = "nobody";
  await gate.admit({ session, viewer: session });
  await gate.evict({ session });
  await gate.beat({ session });
  await gate.release({ session, expiresAt: 0, grace: false });
  await gate.list();
}
