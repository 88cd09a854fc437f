/**
 * The whole of a pool as it lies in Redis, read past the gate's scripts, so that looking at it
 * changes nothing.
 *
 * @module
 */

import type { PoolSettings } from "../../src/gate/policy.ts";
import { poolKeys } from "../../src/gate/redis.ts";
import type { GoneReason } from "../../src/ports.ts";
import { assertEquals } from "./assert.ts";
import type { PoolState } from "./gate_model.ts";
import type { RedisServer } from "./redis_server.ts";
import type { Reply } from "./resp.ts";

const REASONS: Readonly<Record<number, GoneReason>> = {
  1: "rotated",
  2: "evicted",
  3: "expired",
  4: "left",
};

/**
 * Reads a pool, with what is due to be pruned still in it. Throws where its keys do not fit
 * together, or hold anything that belongs to no seat.
 */
export async function readPool(
  redis: RedisServer,
  options: { pool: string; settings: PoolSettings },
): Promise<PoolState> {
  const keys = poolKeys(options.pool);
  const replies = await redis.batch(
    keys.map((key, index) =>
      index === keys.length - 1 ? ["HGETALL", key] : ["ZRANGE", key, "0", "-1", "WITHSCORES"]
    ),
  );
  const [sessions, leaving, leavers, cooling, gone, info] = replies.map(pairs);
  const seats = new Map(info);
  const seat = (session: string) => {
    const [, since, viewer] = /^(\d+) (.+)$/.exec(seats.get(session) ?? "") ?? [];
    if (viewer === undefined) throw new Error(`nothing is known of the seat of ${session}`);
    return { session, viewer, since: Number(since), note: seats.get(`${session}:note`) };
  };
  const state: PoolState = {
    settings: options.settings,
    latest: latest(sessions!),
    sessions: scored(sessions!).map(([id, expiresAt]) => ({ ...seat(id), expiresAt })),
    leaving: scored(leaving!).map(([id, leftAt]) => ({ ...seat(id), leftAt })),
    cooling: scored(cooling!).map(([viewer, since]) => ({ viewer, since })),
    gone: scored(gone!).map(([session, score]) => (
      { session, reason: REASONS[score % 8]!, at: Math.floor(score / 8) }
    )),
  };
  assertEquals(
    leavers!.map(([member]) => member).filter((member) => member !== "~").sort(),
    state.leaving.map(({ session, viewer, leftAt }) => (
      `${viewer}:${String(leftAt).padStart(16, "0")}:${session}`
    )).sort(),
    "the leavers are those who are leaving",
  );
  const seated = new Set([...state.sessions, ...state.leaving].map(({ session }) => session));
  assertEquals(
    [...seats.keys()].filter((field) => field !== "~" && !seated.has(field.replace(/:note$/, ""))),
    [],
    "facts are kept of seats alone",
  );
  return state;
}

function latest(sessions: readonly [string, string][]): number | undefined {
  const found = sessions.find(([member]) => member === "~now");
  return found && -Number(found[1]);
}

function scored(members: readonly [string, string][]): [string, number][] {
  return members.filter(([member]) => !member.startsWith("~"))
    .map(([member, score]) => [member, Number(score)]);
}

function pairs(reply: Reply): [string, string][] {
  if (!Array.isArray(reply)) throw new Error(`no list: ${JSON.stringify(reply)}`);
  const flat = reply.map(String);
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!]);
}
