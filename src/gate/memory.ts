/**
 * The gate in memory: for one process, on a monotonic clock. Twin of the Lua scripts.
 *
 * @module
 */

import type { Gate, GoneReason, Now, Seat, Verdict } from "../ports.ts";
import { checkAdmit, checkBeat, checkId, checkList, checkRelease, checkSettings } from "./ask.ts";
import {
  cooldownEnd,
  decideAdmit,
  graceEnd,
  hold,
  memoryEnd,
  type PoolSettings,
  settle,
} from "./policy.ts";
import { createSortedSet, type SortedSet } from "./sorted_set.ts";

type Info = { viewer: string; since: number; note: string | undefined };

/**
 * Makes a gate for one pool. Its functions answer at once, and throw a `RangeError` where they
 * are asked in a wrong way.
 *
 * @example
 * ```ts
 * import { createMemoryGate } from "./memory.ts";
 * import { DEFAULT_SETTINGS } from "./policy.ts";
 *
 * const gate = createMemoryGate({ settings: DEFAULT_SETTINGS, now: () => performance.now() });
 * gate.admit({ session: "tv", viewer: "anna" }); // { kind: "new", … }
 * ```
 */
export function createMemoryGate(options: { settings: PoolSettings; now: Now }): MemoryGate {
  const { settings } = options;
  checkSettings(settings);
  const sessions = createSortedSet();
  const leaving = createSortedSet();
  const leavers = new Map<string, SortedSet>();
  const cooling = createSortedSet();
  const gone = createSortedSet();
  const reasons = new Map<string, GoneReason>();
  const info = new Map<string, Info>();
  let latest: number | undefined;

  /** (a) and (b) of the law: the time of this operation, and the pool as it stands then. */
  function open(): number {
    const { now, afresh } = settle(Math.floor(options.now()), latest, settings);
    if (afresh) empty();
    latest = now;
    for (const { id, score } of sessions.takeUpTo(now)) end(id, "expired", score);
    for (const { id, score } of leaving.takeUpTo(graceEnd(now, settings))) {
      unlistLeaver(id);
      end(id, "left", score + settings.graceMs);
    }
    cooling.takeUpTo(cooldownEnd(now, settings));
    for (const { id } of gone.takeUpTo(memoryEnd(now, settings))) reasons.delete(id);
    return now;
  }

  function empty(): void {
    for (const part of [sessions, leaving, leavers, cooling, gone, reasons, info]) part.clear();
  }

  function end(session: string, reason: GoneReason, at: number): void {
    info.delete(session);
    gone.set(session, at);
    reasons.set(session, reason);
  }

  function listLeaver(session: string, leftAt: number): void {
    const { viewer } = info.get(session)!;
    const own = leavers.get(viewer) ?? createSortedSet();
    own.set(session, leftAt);
    leavers.set(viewer, own);
    leaving.set(session, leftAt);
  }

  function unlistLeaver(session: string): void {
    const { viewer } = info.get(session)!;
    const own = leavers.get(viewer)!;
    own.delete(session);
    if (own.size() === 0) leavers.delete(viewer);
    leaving.delete(session);
  }

  function admit(ask: Parameters<Gate["admit"]>[0]): Verdict {
    checkAdmit(ask);
    const { session, viewer, note } = ask;
    const now = open();
    const expiresAt = now + hold(ask.holdMs, settings);
    const oldest = sessions.first();
    const decision = decideAdmit(
      {
        standing: sessions.score(session) !== undefined,
        leaver: leaving.score(session) !== undefined ? session : leavers.get(viewer)?.first()?.id,
        occupied: sessions.size() + leaving.size(),
        oldestExpiresAt: oldest?.score,
        firstLeftAt: leaving.first()?.score,
        coolingSince: cooling.score(viewer),
      },
      settings,
      now,
    );
    switch (decision.kind) {
      case "blocked":
        return {
          kind: "blocked",
          at: now,
          cause: "capacity",
          retryAfterMs: decision.retryAfterMs,
        };
      case "continued": {
        if (note !== undefined) info.get(session)!.note = note;
        sessions.set(session, expiresAt);
        return { kind: "continued", at: now, expiresAt };
      }
      case "reconnected": {
        const seat = info.get(decision.leaver)!;
        unlistLeaver(decision.leaver);
        info.delete(decision.leaver);
        info.set(session, { viewer, since: seat.since, note: note ?? seat.note });
        sessions.set(session, expiresAt);
        return { kind: "reconnected", at: now, expiresAt };
      }
      case "new": {
        info.set(session, { viewer, since: now, note });
        sessions.set(session, expiresAt);
        return { kind: "new", at: now, expiresAt };
      }
      case "rotated": {
        const out = { session: oldest!.id, viewer: info.get(oldest!.id)!.viewer };
        sessions.delete(out.session);
        end(out.session, "rotated", now);
        if (settings.cooldownMs > 0) cooling.set(out.viewer, now);
        info.set(session, { viewer, since: now, note });
        sessions.set(session, expiresAt);
        return { kind: "rotated", at: now, expiresAt, out };
      }
    }
  }

  return {
    admit,
    beat(ask) {
      checkBeat(ask);
      const { session } = ask;
      const now = open();
      const expiresAt = now + hold(ask.holdMs, settings);
      if (leaving.score(session) !== undefined) unlistLeaver(session);
      else if (sessions.score(session) === undefined) {
        return { kind: "gone", at: now, reason: reasons.get(session) ?? "unknown" };
      }
      sessions.set(session, expiresAt);
      return { kind: "held", at: now, expiresAt };
    },
    release(ask) {
      checkRelease(ask);
      const { session } = ask;
      const now = open();
      if (sessions.score(session) !== ask.expiresAt) return { kind: "ignored", at: now };
      sessions.delete(session);
      if (ask.grace) {
        listLeaver(session, now);
        return { kind: "leaving", at: now };
      }
      end(session, "left", now);
      return { kind: "left", at: now };
    },
    evict({ session }) {
      checkId("session", session);
      const now = open();
      if (leaving.score(session) !== undefined) unlistLeaver(session);
      else if (!sessions.delete(session)) return { kind: "unknown", at: now };
      end(session, "evicted", now);
      return { kind: "evicted", at: now };
    },
    list(asked = {}) {
      checkList(asked);
      const { most = Infinity } = asked;
      const now = open();
      const occupied = sessions.size() + leaving.size();
      if (occupied > most) return { at: now, occupied, seats: [] };
      const seats: Seat[] = [
        ...sessions.sorted().map(({ id, score }): Seat => (
          { state: "standing", session: id, ...seatInfo(id), expiresAt: score }
        )),
        ...leaving.sorted().map(({ id, score }): Seat => (
          { state: "leaving", session: id, ...seatInfo(id), leftAt: score }
        )),
      ];
      return { at: now, occupied, seats };
    },
  };

  function seatInfo(session: string): { viewer: string; since: number; note?: string } {
    const { viewer, since, note } = info.get(session)!;
    return note === undefined ? { viewer, since } : { viewer, since, note };
  }
}

/** A gate that answers at once. */
export type MemoryGate = {
  [K in keyof Gate]: (...asked: Parameters<Gate[K]>) => Awaited<ReturnType<Gate[K]>>;
};
