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
const BAND = 1e15;

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
  const [seats, leavers, info] = replies.map(pairs);
  const known = new Map(info);
  const seat = (session: string) => {
    const [, since, viewer] = /^(\d+) (.+)$/.exec(known.get(session) ?? "") ?? [];
    if (viewer === undefined) throw new Error(`nothing is known of the seat of ${session}`);
    const note = known.get(`${session}:note`) || undefined;
    return { session, viewer, since: Number(since), note: note?.replace(/^=/, "") };
  };
  const held = scored(seats!).filter(([, score]) => score >= -BAND);
  const remembered = scored(seats!).filter(([, score]) => score < -BAND)
    .map(([member, score]) => ({
      member,
      reason: REASONS[(score + 2 * BAND) % 8]!,
      at: Math.floor((score + 2 * BAND) / 8),
    }));
  // Why a session went before it had its seat counts while it has it.
  const isMemory = ({ member }: { member: string }) =>
    !member.startsWith(":") && !remembered.some((each) => member === `!${each.member}`);
  const state: PoolState = {
    settings: options.settings,
    latest: latest(seats!),
    sessions: held.filter(([, score]) => score >= 0)
      .map(([id, expiresAt]) => ({ ...seat(id), expiresAt })),
    leaving: held.filter(([, score]) => score < 0)
      .map(([id, score]) => ({ ...seat(id), leftAt: score + BAND })),
    cooling: remembered.filter(({ member }) => member.startsWith(":"))
      .map(({ member, at }) => ({ viewer: member.slice(1), since: at })),
    gone: remembered.filter(isMemory)
      .map(({ member, reason, at }) => ({ session: member.replace(/^!/, ""), reason, at })),
  };
  assertEquals(
    leavers!.map(([member]) => member).filter((member) => member !== "~").sort(),
    state.leaving.map(({ session, viewer, leftAt }) => (
      `${viewer}:${String(leftAt).padStart(16, "0")}:${session}`
    )).sort(),
    "the leavers are those who are leaving",
  );
  const members = new Set(seats!.map(([member]) => member));
  assertEquals(
    [...known.keys()].filter((field) => field !== "~" && !members.has(field.replace(/:note$/, ""))),
    [],
    "facts are kept of those alone who have a seat or had one",
  );
  return state;
}

function latest(seats: readonly [string, string][]): number | undefined {
  const found = seats.find(([member]) => member === "~now");
  return found && Math.floor((-3 * BAND - Number(found[1])) / 128);
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
