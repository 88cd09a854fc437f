// Pure: values in, values out.

/**
 * The gate's law once more, as a state machine over the whole state of a pool, rule by
 * rule and with no thought of cost. It knows nothing of the policy's decisions and nothing of how a
 * gate stores its seats, so that it can find both of them wrong.
 *
 * @module
 */

import type {
  AdmitAsk,
  BeatAsk,
  BeatReply,
  EvictReply,
  GoneReason,
  ListAsk,
  ReleaseAsk,
  ReleaseReply,
  Seat,
  SeatList,
  Verdict,
} from "../../src/ports.ts";
import type { PoolSettings } from "../../src/gate/policy.ts";

type Seated = { session: string; viewer: string; since: number; note: string | undefined };

/** A session that has a seat. */
export type Standing = Seated & { expiresAt: number };

/** A session whose seat waits for its viewer. */
export type Leaving = Seated & { leftAt: number };

/** All that a pool is at one time. */
export type PoolState = {
  readonly settings: PoolSettings;
  /** The latest time seen; the clock of the last operation, unless that had stepped back. */
  readonly latest: number | undefined;
  readonly sessions: readonly Standing[];
  readonly leaving: readonly Leaving[];
  readonly cooling: readonly { viewer: string; since: number }[];
  readonly gone: readonly { session: string; reason: GoneReason; at: number }[];
};

/** One operation of the gate, with what it asks. */
export type Operation =
  | { op: "admit"; ask: AdmitAsk }
  | { op: "beat"; ask: BeatAsk }
  | { op: "release"; ask: ReleaseAsk }
  | { op: "evict"; ask: { session: string } }
  | { op: "list"; ask: ListAsk };

/** What an operation is answered. */
export type OperationReply = Verdict | BeatReply | ReleaseReply | EvictReply | SeatList;

/** What an operation comes to. */
export type Step = { state: PoolState; reply: OperationReply };

/** A pool that nobody has asked yet. */
export function emptyPool(settings: PoolSettings): PoolState {
  return { settings, latest: undefined, sessions: [], leaving: [], cooling: [], gone: [] };
}

/** Carries one operation out when the clock shows `clock` milliseconds. */
export function step(before: PoolState, operation: Operation, clock: number): Step {
  const now = timeOf(before, clock);
  const state = pruned(now < (before.latest ?? now) ? emptyPool(before.settings) : before, now);
  switch (operation.op) {
    case "admit":
      return admit(state, operation.ask, now);
    case "beat":
      return beat(state, operation.ask, now);
    case "release":
      return release(state, operation.ask, now);
    case "evict":
      return evict(state, operation.ask, now);
    case "list":
      return { state, reply: seatList(state, operation.ask, now) };
  }
}

/** When something ends by itself, or may be rotated out; in no order, past ones too. */
export function turningPoints({ settings, ...state }: PoolState): number[] {
  return [
    ...state.sessions.map(({ expiresAt }) => expiresAt),
    ...state.leaving.map(({ leftAt }) => leftAt + settings.graceMs),
    ...state.cooling.map(({ since }) => since + settings.cooldownMs),
    ...state.gone.map(({ at }) => at + settings.memoryMs),
    ...settings.rotationIdleMs === "off"
      ? []
      : state.sessions.map((each) => seenAt(each, settings) + idleMs(settings)),
  ];
}

/** Rule (a): the pool's time. */
function timeOf({ latest, settings }: PoolState, clock: number): number {
  if (latest === undefined || latest - clock > settings.inactivityMs) return clock;
  return Math.max(latest, clock);
}

/** Rule (b). */
function pruned(state: PoolState, now: number): PoolState {
  const { graceMs, cooldownMs, memoryMs } = state.settings;
  const expired = state.sessions.filter(({ expiresAt }) => now >= expiresAt);
  const left = state.leaving.filter(({ leftAt }) => now - leftAt >= graceMs);
  let gone = state.gone;
  for (const { session, expiresAt } of expired) gone = known(gone, session, "expired", expiresAt);
  for (const { session, leftAt } of left) gone = known(gone, session, "left", leftAt + graceMs);
  return {
    settings: state.settings,
    latest: now,
    sessions: without(state.sessions, expired),
    leaving: without(state.leaving, left),
    cooling: state.cooling.filter(({ since }) => now - since < cooldownMs),
    gone: gone.filter(({ at }) => now - at < memoryMs),
  };
}

function admit(state: PoolState, ask: AdmitAsk, now: number): Step {
  const kind = kindOf(state, ask, now);
  if (kind === "blocked") {
    const retryAfterMs = waitOf(state, ask, now);
    return { state, reply: { kind, at: now, cause: "capacity", retryAfterMs } };
  }
  const expiresAt = now + hold(state.settings, ask.holdMs);
  const asked = { session: ask.session, viewer: ask.viewer };
  const reply = { kind, at: now, expiresAt } as const;
  switch (kind) {
    case "continued": {
      const sessions = state.sessions.map((each) =>
        each.session === ask.session ? { ...each, expiresAt, note: ask.note ?? each.note } : each
      );
      return { state: { ...state, sessions }, reply: { ...reply, kind } };
    }
    case "reconnected": {
      const seat = seatToPass(state, ask)!;
      const seated = { ...asked, since: seat.since, note: ask.note ?? seat.note, expiresAt };
      return {
        state: {
          ...state,
          leaving: without(state.leaving, [seat]),
          sessions: [...state.sessions, seated],
        },
        reply: { ...reply, kind },
      };
    }
    case "new": {
      const seated = { ...asked, since: now, note: ask.note, expiresAt };
      return {
        state: { ...state, sessions: [...state.sessions, seated] },
        reply: { ...reply, kind },
      };
    }
    case "rotated": {
      const { session, viewer } = seenLongestAgo(state)!;
      const rest = state.sessions.filter((each) => each.session !== session);
      const seated = { ...asked, since: now, note: ask.note, expiresAt };
      return {
        state: {
          ...state,
          sessions: [...rest, seated],
          gone: known(state.gone, session, "rotated", now),
          cooling: [
            ...state.cooling.filter((each) => each.viewer !== viewer),
            { viewer, since: now },
          ],
        },
        reply: { ...reply, kind, out: { session, viewer } },
      };
    }
  }
}

/** Rules 1 to 5: which of them fits. */
function kindOf(state: PoolState, ask: AdmitAsk, now: number): Verdict["kind"] {
  const { capacity, rotationIdleMs } = state.settings;
  const occupied = state.sessions.length + state.leaving.length;
  if (state.sessions.some(({ session }) => session === ask.session)) return "continued";
  if (seatToPass(state, ask) !== undefined) return "reconnected";
  if (occupied < capacity) return "new";
  if (occupied > capacity || rotationIdleMs === "off") return "blocked";
  if (state.cooling.some(({ viewer }) => viewer === ask.viewer)) return "blocked";
  const oldest = seenLongestAgo(state);
  if (oldest === undefined) return "blocked";
  const idleFor = now - seenAt(oldest, state.settings);
  return idleFor >= idleMs(state.settings) ? "rotated" : "blocked";
}

/** Rule 5's `retryAfterMs`, found by asking again at every time when something changes by itself. */
function waitOf(state: PoolState, ask: AdmitAsk, now: number): number {
  if (state.sessions.length + state.leaving.length > state.settings.capacity) {
    const ends = [
      ...state.sessions.map(({ expiresAt }) => expiresAt),
      ...state.leaving.map(({ leftAt }) => leftAt + state.settings.graceMs),
    ];
    return Math.min(...ends) - now;
  }
  const later = turningPoints(state).filter((time) => time > now).sort((a, b) => a - b);
  const time = later.find((time) => kindOf(pruned(state, time), ask, time) !== "blocked");
  return time! - now;
}

function beat(state: PoolState, ask: BeatAsk, now: number): Step {
  const { session } = ask;
  const expiresAt = now + hold(state.settings, ask.holdMs);
  const held = [...state.sessions, ...state.leaving].find((each) => each.session === session);
  if (held === undefined) {
    const reason = state.gone.find((each) => each.session === session)?.reason ?? "unknown";
    return { state, reply: { kind: "gone", at: now, reason } };
  }
  const { viewer, since, note } = held;
  const rest = taken(state, session);
  const sessions = [...rest.sessions, { session, viewer, since, note, expiresAt }];
  return { state: { ...rest, sessions }, reply: { kind: "held", at: now, expiresAt } };
}

function release(state: PoolState, ask: ReleaseAsk, now: number): Step {
  const seat = state.sessions.find(({ session }) => session === ask.session);
  if (seat === undefined || seat.expiresAt !== ask.expiresAt) {
    return { state, reply: { kind: "ignored", at: now } };
  }
  const { session, viewer, since, note } = seat;
  const rest = taken(state, session);
  if (!ask.grace) {
    const gone = known(state.gone, session, "left", now);
    return { state: { ...rest, gone }, reply: { kind: "left", at: now } };
  }
  const leaving = [...rest.leaving, { session, viewer, since, note, leftAt: now }];
  return { state: { ...rest, leaving }, reply: { kind: "leaving", at: now } };
}

function evict(state: PoolState, { session }: { session: string }, now: number): Step {
  if (![...state.sessions, ...state.leaving].some((each) => each.session === session)) {
    return { state, reply: { kind: "unknown", at: now } };
  }
  const gone = known(state.gone, session, "evicted", now);
  return { state: { ...taken(state, session), gone }, reply: { kind: "evicted", at: now } };
}

function seatList(state: PoolState, { most = Infinity }: ListAsk, now: number): SeatList {
  const occupied = state.sessions.length + state.leaving.length;
  if (occupied > most) return { at: now, occupied, seats: [] };
  const seats: Seat[] = [
    ...inOrder(state.sessions, ({ expiresAt }) => expiresAt).map((each): Seat => (
      { state: "standing", ...shown(each), expiresAt: each.expiresAt }
    )),
    ...inOrder(state.leaving, ({ leftAt }) => leftAt).map((each): Seat => (
      { state: "leaving", ...shown(each), leftAt: each.leftAt }
    )),
  ];
  return { at: now, occupied, seats };
}

function seatToPass({ leaving }: PoolState, ask: AdmitAsk): Leaving | undefined {
  return leaving.find(({ session }) => session === ask.session) ??
    inOrder(leaving.filter(({ viewer }) => viewer === ask.viewer), ({ leftAt }) => leftAt)[0];
}

function seenLongestAgo({ sessions }: PoolState): Standing | undefined {
  return inOrder(sessions, ({ expiresAt }) => expiresAt)[0];
}

function seenAt({ expiresAt }: Standing, { inactivityMs }: PoolSettings): number {
  return expiresAt - inactivityMs;
}

function idleMs({ rotationIdleMs, graceMs }: PoolSettings): number {
  return Math.max(rotationIdleMs === "off" ? Infinity : rotationIdleMs, graceMs);
}

function hold({ rotationIdleMs, inactivityMs }: PoolSettings, holdMs?: number): number {
  return rotationIdleMs === "off" ? holdMs ?? inactivityMs : inactivityMs;
}

function known(gone: PoolState["gone"], session: string, reason: GoneReason, at: number) {
  return [...gone.filter((each) => each.session !== session), { session, reason, at }];
}

function taken(state: PoolState, session: string): PoolState {
  return {
    ...state,
    sessions: state.sessions.filter((each) => each.session !== session),
    leaving: state.leaving.filter((each) => each.session !== session),
  };
}

function without<T>(all: readonly T[], some: readonly T[]): readonly T[] {
  return some.length === 0 ? all : all.filter((each) => !some.includes(each));
}

function inOrder<T extends Seated>(seats: readonly T[], time: (seat: T) => number): T[] {
  return [...seats].sort((a, b) => time(a) - time(b) || (a.session < b.session ? -1 : 1));
}

function shown({ session, viewer, since, note }: Seated) {
  return note === undefined ? { session, viewer, since } : { session, viewer, since, note };
}
