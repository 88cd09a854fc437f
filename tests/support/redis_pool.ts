/**
 * The whole of a pool as it lies in Redis, read past the gate's scripts, so that looking at it
 * changes nothing.
 *
 * @module
 */

import type { PoolSettings } from "../../src/gate/policy.ts";
import { poolKeys } from "../../src/gate/scripts.ts";
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

/** As wide as a band of scores in `seats` (src/gate/open.lua). */
const BAND = 2 ** 51;

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
  const [seats, leavers, past, info] = replies.map(pairs);
  const known = new Map(info);
  const seat = (session: string) => {
    const [, since, viewer] = /^(\d+) (.+)$/.exec(known.get(session) ?? "") ?? [];
    if (viewer === undefined) throw new Error(`nothing is known of the seat of ${session}`);
    return { session, viewer, since: Number(since), note: known.get(`${session}:note`) };
  };
  const held = scored(seats!);
  const remembered = scored(past!);
  const state: PoolState = {
    settings: options.settings,
    latest: latest(seats!),
    sessions: held.filter(([, score]) => score >= 0)
      .map(([id, expiresAt]) => ({ ...seat(id), expiresAt })),
    leaving: held.filter(([, score]) => score < 0)
      .map(([id, score]) => ({ ...seat(id), leftAt: score + 2 * BAND })),
    cooling: remembered.filter(([member]) => member.startsWith(":"))
      .map(([member, score]) => ({ viewer: member.slice(1), since: score / 8 })),
    gone: remembered.filter(([member]) => !member.startsWith(":"))
      .map(([session, score]) => (
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
  const seated = new Set(held.map(([session]) => session));
  assertEquals(
    [...known.keys()].filter((field) => field !== "~" && !seated.has(field.replace(/:note$/, ""))),
    [],
    "facts are kept of seats alone",
  );
  return state;
}

function latest(seats: readonly [string, string][]): number | undefined {
  const found = seats.find(([member]) => member === "~now");
  return found && Math.floor(-Number(found[1]) / 64);
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
