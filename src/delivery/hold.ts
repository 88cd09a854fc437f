/**
 * A play's hold on its seat: when the gate saw it last, what it is told, and whether the play may
 * go on.
 *
 * @module
 */

import type { PoolSettings } from "../gate/policy.ts";
import type { AdmitAsk, Gate, Now } from "../ports.ts";
import type { Call } from "../reliability/call.ts";

/** What is known here of one session's seat. */
export type Hold = {
  /** Whether there is one, as far as is known here. */
  isSeated(): boolean;
  /** Whether the gate was asked lately enough to open once more without. */
  isTrusted(): boolean;
  /** Whether this process took it, so that no other is known to carry the play. */
  isOwn(): boolean;
  /** It was seen; `taken` where it was given here and now. */
  seen(expiresAt: number, taken: boolean): void;
  /** How long ago it was seen, in milliseconds. */
  seenAgoMs(): number;
  /** There is none, for the gate could not be asked: the play has begun all the same. */
  ungated(): void;
  /** It was taken away: what goes on in spite of it asks the gate first. */
  lose(): void;
  /**
   * Asks the gate, once for all who want to know: whether it is still held, or may be had again, or
   * the gate cannot be asked for no longer than a play bears.
   */
  ask(): Promise<boolean>;
  /** Whether it is time to tell the gate of what flowed at a time, or to try that once more. */
  isDue(flowedAt: number): boolean;
  /** Gives it back; there is none from then on. */
  release(grace: boolean): Promise<void>;
  /** Whether it has not been seen for so long that the gate has given it up. */
  isLapsed(): boolean;
  /** Waits for a release that is under way. */
  released(): Promise<void>;
  /** Whether nothing of it is left to look after. */
  isOver(): boolean;
  /** Beats that the gate has taken. */
  beats(): number;
};

/** What a hold needs. */
export type HoldDeps = {
  gate: Gate;
  call: Call;
  /** Bytes that flow are told to the gate at most so often. */
  beatMs: number;
  /** How long the gate holds a seat that is not seen, and one that was left. */
  settings: Pick<PoolSettings, "inactivityMs" | "graceMs">;
  /** A play goes on for so long while the gate cannot be asked. */
  gateOutagePlayMs: number;
  monotonic: Now;
};

/** Makes the hold of a session that has no seat yet. */
export function createHold(seat: AdmitAsk, deps: HoldDeps): Hold {
  const { gate, call, beatMs, monotonic } = deps;
  const { session } = seat;
  let expiresAt: number | undefined;
  let seenAt = -Infinity;
  let trustedAt = -Infinity;
  let toldAt = -Infinity;
  let triedAt = -Infinity;
  let ownUntil = -Infinity;
  let asking: Promise<boolean> | undefined;
  let outageSince: number | undefined;
  let releasing: Promise<unknown> | undefined;
  let beats = 0;

  function isOwn(): boolean {
    return monotonic() < ownUntil;
  }

  function seen(until: number, taken: boolean): void {
    const now = monotonic();
    ownUntil = taken || isOwn() ? Infinity : -Infinity;
    expiresAt = until;
    seenAt =
      trustedAt =
      toldAt =
      triedAt =
        now;
    outageSince = undefined;
  }

  function ask(): Promise<boolean> {
    triedAt = monotonic();
    return asking ??= askGate().finally(() => asking = undefined);
  }

  async function askGate(): Promise<boolean> {
    const beaten = await call("gate", (signal) => gate.beat({ session }, signal));
    if (!beaten.ok) return bearsOutage();
    if (beaten.value.kind === "held") {
      beats += 1;
      seen(beaten.value.expiresAt, false);
      return true;
    }
    // Nobody took the seat away: it was left in between, or Redis has lost its memory.
    const { reason } = beaten.value;
    if (reason !== "left" && reason !== "unknown") return false;
    const admitted = await call("gate", (signal) => gate.admit(seat, signal));
    if (!admitted.ok) return bearsOutage();
    if (admitted.value.kind === "blocked") return false;
    seen(admitted.value.expiresAt, admitted.value.kind !== "continued");
    return true;
  }

  function bearsOutage(): boolean {
    const now = monotonic();
    outageSince ??= now;
    const bears = now - outageSince < deps.gateOutagePlayMs;
    if (bears && expiresAt !== undefined) trustedAt = now;
    return bears;
  }

  return {
    isSeated: () => expiresAt !== undefined,
    isOwn,
    seenAgoMs: () => monotonic() - seenAt,
    isLapsed: () => expiresAt !== undefined && monotonic() - seenAt >= deps.settings.inactivityMs,
    isTrusted: () => monotonic() - trustedAt < beatMs,
    seen,
    ungated() {
      outageSince = undefined;
    },
    lose() {
      trustedAt =
        toldAt =
        triedAt =
        ownUntil =
          -Infinity;
      expiresAt = undefined;
    },
    ask,
    isDue: (flowedAt) => flowedAt > toldAt && monotonic() - triedAt >= beatMs,
    async release(grace) {
      if (expiresAt === undefined) return;
      const given = { session, expiresAt, grace };
      // Who comes back within the grace finds what was left here.
      if (isOwn()) ownUntil = monotonic() + (grace ? deps.settings.graceMs : 0);
      expiresAt = undefined;
      trustedAt = -Infinity;
      const released = Promise.resolve(
        call("gate", (signal) => gate.release(given, signal), { attempts: 1 }),
      );
      // Whoever waits for it goes on, however it ends.
      releasing = released.catch(() => {});
      try {
        await released;
      } finally {
        releasing = undefined;
      }
    },
    released: async () => void await releasing,
    isOver: () => expiresAt === undefined && releasing === undefined,
    beats: () => beats,
  };
}
