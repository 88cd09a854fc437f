/**
 * The gate in Redis: one script per operation, one round trip, the server's own clock. How a
 * script reaches Redis (REST, TCP) is handed in as {@linkcode RunScript}.
 *
 * @module
 */

import type { Gate, GoneReason, Seat } from "../ports.ts";
import { BadReplyError } from "../ports.ts";
import { checkAdmit, checkBeat, checkId, checkList, checkRelease, checkSettings } from "./ask.ts";
import type { PoolSettings } from "./policy.ts";
import admitLua from "./admit.lua" with { type: "text" };
import beatLua from "./beat.lua" with { type: "text" };
import evictLua from "./evict.lua" with { type: "text" };
import listLua from "./list.lua" with { type: "text" };
import poolLua from "./pool.lua" with { type: "text" };
import releaseLua from "./release.lua" with { type: "text" };

/**
 * Runs one of the gate's {@linkcode SCRIPTS} with its keys and arguments and gives Redis' reply;
 * throws `StatusError` where Redis was asked over HTTP and answered with a status that is no
 * success, `BadReplyError` where it answered nonsense, and what the network throws otherwise.
 */
export type RunScript = (
  script: string,
  keys: readonly string[],
  args: readonly string[],
  signal?: AbortSignal,
) => Promise<unknown>;

/** The scripts, by the operation that each decides. */
export const SCRIPTS: Readonly<Record<keyof Gate, string>> = Object.freeze({
  admit: `${poolLua}\n${admitLua}`,
  beat: `${poolLua}\n${beatLua}`,
  release: `${poolLua}\n${releaseLua}`,
  evict: `${poolLua}\n${evictLua}`,
  list: `${poolLua}\n${listLua}`,
});

/** The layout's number: a release that lays out its keys otherwise takes another. */
const LAYOUT = 1;

/** The keys of a pool, in the order in which the scripts take them; all in one cluster slot. */
export function poolKeys(pool: string): string[] {
  return ["sessions", "leaving", "leavers", "cooling", "gone", "info"]
    .map((part) => `weir:${LAYOUT}:{${pool}}:${part}`);
}

/**
 * Makes a gate for one pool. Throws a `RangeError` where it is asked in a wrong way, before
 * anything is sent.
 */
export function createRedisGate(options: {
  run: RunScript;
  pool: string;
  settings: PoolSettings;
}): Gate {
  const { run, pool, settings } = options;
  checkId("pool", pool);
  checkSettings(settings);
  const keys = poolKeys(pool);

  async function ask(
    operation: keyof Gate,
    args: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<ReplyReader> {
    const { capacity, inactivityMs, rotationIdleMs, graceMs, cooldownMs, memoryMs } = settings;
    const pooled = [capacity, inactivityMs, rotationIdleMs, graceMs, cooldownMs, memoryMs];
    const reply = await run(SCRIPTS[operation], keys, [...pooled.map(String), ...args], signal);
    return readReply(reply);
  }

  return {
    async admit(asked, signal) {
      checkAdmit(asked);
      const { session, viewer, holdMs, note } = asked;
      const reply = await ask("admit", [
        session,
        viewer,
        holdMs === undefined ? "" : String(holdMs),
        note === undefined ? "0" : "1",
        note ?? "",
      ], signal);
      const at = reply.whole(0);
      const kind = reply.oneOf(1, ["continued", "reconnected", "new", "rotated", "blocked"]);
      if (kind === "blocked") {
        return { kind, at, cause: "capacity", retryAfterMs: reply.whole(2) };
      }
      const expiresAt = reply.whole(2);
      if (kind !== "rotated") return { kind, at, expiresAt };
      return { kind, at, expiresAt, out: { session: reply.text(3), viewer: reply.text(4) } };
    },
    async beat(asked, signal) {
      checkBeat(asked);
      const { session, holdMs } = asked;
      const reply = await ask(
        "beat",
        [session, holdMs === undefined ? "" : String(holdMs)],
        signal,
      );
      const at = reply.whole(0);
      if (reply.oneOf(1, ["held", "gone"]) === "held") {
        return { kind: "held", at, expiresAt: reply.whole(2) };
      }
      return { kind: "gone", at, reason: reply.oneOf(2, GONE_REASONS) };
    },
    async release(asked, signal) {
      checkRelease(asked);
      const { session, expiresAt, grace } = asked;
      const reply = await ask("release", [session, String(expiresAt), grace ? "1" : "0"], signal);
      return { kind: reply.oneOf(1, ["leaving", "left", "ignored"]), at: reply.whole(0) };
    },
    async evict({ session }, signal) {
      checkId("session", session);
      const reply = await ask("evict", [session], signal);
      return { kind: reply.oneOf(1, ["evicted", "unknown"]), at: reply.whole(0) };
    },
    async list(asked = {}, signal) {
      checkList(asked);
      const { most = Infinity } = asked;
      const reply = await ask("list", ["", most === Infinity ? "" : String(most)], signal);
      const info = new Map(reply.pairs(4));
      const seats: Seat[] = [
        ...reply.pairs(2).map(([session, expiresAt]): Seat => (
          { state: "standing", session, ...seatInfo(info, session), expiresAt: whole(expiresAt) }
        )),
        ...reply.pairs(3).map(([session, leftAt]): Seat => (
          { state: "leaving", session, ...seatInfo(info, session), leftAt: whole(leftAt) }
        )),
      ];
      return { at: reply.whole(0), occupied: reply.whole(1), seats };
    },
  };
}

const GONE_REASONS: readonly GoneReason[] = ["rotated", "evicted", "expired", "left", "unknown"];

function seatInfo(
  info: ReadonlyMap<string, string>,
  session: string,
): { viewer: string; since: number; note?: string } {
  const found = /^(\d+) ([A-Za-z0-9_-]+)$/.exec(info.get(session) ?? "");
  if (!found) throw new BadReplyError();
  const seat = { viewer: found[2]!, since: whole(found[1]!) };
  const note = info.get(`${session}:note`);
  return note === undefined ? seat : { ...seat, note };
}

type ReplyReader = {
  text(index: number): string;
  whole(index: number): number;
  oneOf<const T extends string>(index: number, allowed: readonly T[]): T;
  pairs(index: number): [string, string][];
};

function readReply(reply: unknown): ReplyReader {
  if (!Array.isArray(reply)) throw new BadReplyError();
  const items: readonly unknown[] = reply;
  return {
    text: (index) => text(items[index]),
    whole: (index) => whole(text(items[index])),
    oneOf(index, allowed) {
      const found = allowed.find((word) => word === items[index]);
      if (found === undefined) throw new BadReplyError();
      return found;
    },
    pairs(index) {
      const flat: unknown = items[index];
      if (!Array.isArray(flat) || flat.length % 2 !== 0) throw new BadReplyError();
      const texts = flat.map(text);
      return Array.from({ length: texts.length / 2 }, (_, i) => [texts[2 * i]!, texts[2 * i + 1]!]);
    },
  };
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new BadReplyError();
  return value;
}

function whole(digits: string): number {
  const value = Number(digits);
  if (!/^\d+$/.test(digits) || !Number.isSafeInteger(value)) throw new BadReplyError();
  return value;
}
