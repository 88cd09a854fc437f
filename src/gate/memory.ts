/**
 * The gate in memory: for one process, on a monotonic clock. Twin of the Lua scripts.
 *
 * @module
 */

import type { Gate, Now, Seat, Verdict } from "../ports.ts";
import { checkAdmit, checkBeat, checkId, checkList, checkRelease, checkSettings } from "./ask.ts";
import { type AdmitFacts, decideAdmit, hold, type PoolSettings } from "./policy.ts";
import { Pool } from "./pool.ts";
import type { Session, Viewer } from "./session.ts";

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
  const pool = new Pool(settings, options.now);
  const facts = new Facts(pool);

  function admit(ask: Parameters<Gate["admit"]>[0]): Verdict {
    const { session, viewer, note } = ask;
    const own = pool.session(session);
    checkAdmit(ask, own);
    const now = pool.open();
    const expiresAt = now + hold(ask.holdMs, settings);
    facts.about(own, viewer);
    const decision = decideAdmit(facts, settings, now);
    switch (decision.kind) {
      case "blocked":
        return {
          kind: "blocked",
          at: now,
          cause: "capacity",
          retryAfterMs: decision.retryAfterMs,
        };
      case "continued": {
        if (note !== undefined) own!.note = note;
        pool.hold(own!, expiresAt);
        return { kind: "continued", at: now, expiresAt };
      }
      case "reconnected": {
        const from = facts.leaving!;
        pool.pass(from, session, viewer, note ?? from.note, expiresAt);
        return { kind: "reconnected", at: now, expiresAt };
      }
      case "new": {
        pool.seat(session, viewer, now, note, expiresAt);
        return { kind: "new", at: now, expiresAt };
      }
      case "rotated": {
        const oldest = pool.standing.first()!;
        const out = { session: oldest.id, viewer: oldest.viewer.id };
        pool.end(oldest, "rotated", now);
        if (settings.cooldownMs > 0) pool.cool(oldest.viewer, now);
        pool.seat(session, viewer, now, note, expiresAt);
        return { kind: "rotated", at: now, expiresAt, out };
      }
    }
  }

  return {
    admit,
    beat(ask) {
      const own = pool.session(ask.session);
      checkBeat(ask, own);
      const now = pool.open();
      if (!hasSeat(own)) {
        return { kind: "gone", at: now, reason: own?.state === "gone" ? own.reason : "unknown" };
      }
      const expiresAt = now + hold(ask.holdMs, settings);
      pool.hold(own, expiresAt);
      return { kind: "held", at: now, expiresAt };
    },
    release(ask) {
      const own = pool.session(ask.session);
      checkRelease(ask, own);
      const now = pool.open();
      if (own?.state !== "standing" || own.time !== ask.expiresAt) {
        return { kind: "ignored", at: now };
      }
      if (ask.grace) {
        pool.leave(own, now);
        return { kind: "leaving", at: now };
      }
      pool.end(own, "left", now);
      return { kind: "left", at: now };
    },
    evict({ session }) {
      const own = pool.session(session);
      if (own === undefined) checkId("session", session);
      const now = pool.open();
      if (!hasSeat(own)) return { kind: "unknown", at: now };
      pool.end(own, "evicted", now);
      return { kind: "evicted", at: now };
    },
    list(asked = {}) {
      checkList(asked);
      const { most = Infinity } = asked;
      const now = pool.open();
      const { occupied } = pool;
      if (occupied > most) return { at: now, occupied, seats: [] };
      const seats: Seat[] = [
        ...pool.standing.sorted().map((each): Seat => (
          { state: "standing", ...seatInfo(each), expiresAt: each.time }
        )),
        ...pool.leaving.sorted().map((each): Seat => (
          { state: "leaving", ...seatInfo(each), leftAt: each.time }
        )),
      ];
      return { at: now, occupied, seats };
    },
  };
}

/** What the policy wants to know of who asks, looked up when it does. */
class Facts implements AdmitFacts {
  readonly #pool: Pool;
  #own: Session | undefined;
  #viewer = "";

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** The next decision is about a session, as it is known, and its viewer's id. */
  about(own: Session | undefined, viewer: string): void {
    this.#own = own;
    this.#viewer = viewer;
  }

  get standing(): boolean {
    return this.#own?.state === "standing";
  }

  /** The session of {@linkcode leaver}. */
  get leaving(): Session | undefined {
    return this.#own?.state === "leaving" ? this.#own : this.#asking?.leaver;
  }

  get leaver(): string | undefined {
    return this.leaving?.id;
  }

  get occupied(): number {
    return this.#pool.occupied;
  }

  get oldestExpiresAt(): number | undefined {
    return this.#pool.standing.first()?.time;
  }

  get firstLeftAt(): number | undefined {
    return this.#pool.leaving.first()?.time;
  }

  get coolingSince(): number | undefined {
    const asking = this.#asking;
    return asking?.cools ? asking.time : undefined;
  }

  get #asking(): Viewer | undefined {
    const viewer = this.#own?.viewer;
    return viewer?.id === this.#viewer ? viewer : this.#pool.viewer(this.#viewer);
  }
}

function hasSeat(
  session: Session | undefined,
): session is Session & { state: "standing" | "leaving" } {
  return session?.state === "standing" || session?.state === "leaving";
}

function seatInfo(
  { id, viewer, since, note }: Session,
): { session: string; viewer: string; since: number; note?: string } {
  const info = { session: id, viewer: viewer.id, since };
  return note === undefined ? info : { ...info, note };
}

/** A gate that answers at once. */
export type MemoryGate = {
  [K in keyof Gate]: (...asked: Parameters<Gate[K]>) => Awaited<ReturnType<Gate[K]>>;
};
