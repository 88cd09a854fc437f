/**
 * The ways to a gate in Redis, and the faults that each may have: of Redis itself, and of what lies
 * between.
 *
 * @module
 */

import { createTcpScripts } from "../../src/entry/redis.ts";
import type { PoolSettings } from "../../src/gate/policy.ts";
import { createRedisGate, type RunScript } from "../../src/gate/redis.ts";
import type { Gate } from "../../src/ports.ts";
import { createRestScripts } from "../../src/upstream/upstash.ts";
import type { RedisServer } from "./redis_server.ts";
import { startRestBridge } from "./rest_bridge.ts";
import * as rest from "./rest_faults.ts";
import type { Intercept } from "./rest_protocol.ts";
import * as tcp from "./tcp_faults.ts";

/** What lies between Weir and its Redis. */
export type Way = AsyncDisposable & {
  /** Makes a gate that has asked nothing yet. */
  gate(): Gate;
  /** Does to every exchange what `wire` says. */
  meddle(wire: Wire | undefined): void;
  /** How many connections Redis has while so many gates are in use, ours to look at it among them. */
  connections(gates: number): number;
};

/** The names of the ways. */
export type WayName = "REST" | "TCP";

/** What happens to an exchange, on each way; nothing where the way knows no such thing. */
export type Wire = { REST?: Intercept; TCP?: tcp.TcpFault };

/** A connection that is silent for so long while an ask is given up, is opened anew. */
const SILENCE_MS = 100;

/** Lays each way to a Redis. */
export const WAYS: Readonly<Record<WayName, (redis: RedisServer, pool: PoolSettings) => Way>> = {
  REST(redis, settings) {
    const bridge = startRestBridge(redis);
    const { url, token } = bridge;
    return {
      gate: () => gateOf(createRestScripts({ url, token, fetch }), settings),
      meddle: (wire) => void (bridge.intercept = wire?.REST),
      connections: () => 1,
      [Symbol.asyncDispose]: () => bridge[Symbol.asyncDispose](),
    };
  },
  TCP(redis, settings) {
    const front = tcp.startTcpFaults(redis.port);
    const stack = new DisposableStack();
    return {
      gate() {
        const url = `redis://127.0.0.1:${front.port}`;
        return gateOf(stack.use(createTcpScripts({ url, silenceMs: SILENCE_MS })), settings);
      },
      meddle: (wire) => void (front.fault = wire?.TCP),
      connections: (gates) => 1 + gates,
      async [Symbol.asyncDispose]() {
        stack.dispose();
        await front[Symbol.asyncDispose]();
      },
    };
  },
};

function gateOf(run: RunScript, settings: PoolSettings): Gate {
  return createRedisGate({ run, pool: "test", settings });
}

/** The connection ends before Redis has been asked. */
export const DROPPED: Wire = { REST: rest.connectionDropped, TCP: tcp.dropped };

/** Redis is asked, and the connection ends before its answer. */
export const REPLY_LOST: Wire = { REST: rest.replyLost, TCP: tcp.replyLost };

/** Redis is asked, and its answer breaks off. */
export const REPLY_CUT: Wire = { REST: rest.bodyCut, TCP: tcp.replyCut };

/** Redis is asked, and its answer comes byte by byte, each once `step` has resolved. */
export function slowly(step: () => Promise<unknown>): Wire {
  return { REST: rest.byteByByte(step), TCP: tcp.byteByByte(step) };
}

/** Redis refuses whatever it is asked. */
export function refusing(error: string): Wire {
  return {
    REST: () => Response.json({ error }, { status: 400 }),
    TCP: tcp.says(`-${error}\r\n`),
  };
}
