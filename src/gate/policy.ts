// Pure: values in, values out.

/**
 * The gate's law as decisions over a few facts. The memory gate and the Lua scripts gather the
 * same facts, by the same names and in the same order, and write what is decided here.
 *
 * @module
 */

/** The settings of a pool; times in whole milliseconds. */
export type PoolSettings = {
  /** Seats of the source, from 1.
   * @default 2 */
  capacity: number;
  /** A session that is not seen for so long loses its seat.
   * @default 1_200_000 */
  inactivityMs: number;
  /** From this idleness on a seat may be rotated to another viewer.
   * @default 45_000 */
  rotationIdleMs: number | "off";
  /** A released seat waits so long for its viewer.
   * @default 15_000 */
  graceMs: number;
  /** Who was rotated out rotates nobody out for so long; 0: no cool-off.
   * @default 60_000 */
  cooldownMs: number;
  /** How long the reason is remembered for which a session went.
   * @default 120_000 */
  memoryMs: number;
};

/** The settings that hold where nothing else is said. */
export const DEFAULT_SETTINGS: Readonly<PoolSettings> = Object.freeze({
  capacity: 2,
  inactivityMs: 1_200_000,
  rotationIdleMs: 45_000,
  graceMs: 15_000,
  cooldownMs: 60_000,
  memoryMs: 120_000,
});

/** What {@linkcode decideAdmit} wants to know, after pruning. */
export type AdmitFacts = {
  /** Whether the session stands. */
  readonly standing: boolean;
  /** The leaving session whose seat passes to this one: itself, else its viewer's earliest. */
  readonly leaver: string | undefined;
  /** Sessions and leaving ones together. */
  readonly occupied: number;
  /** When the session seen longest ago expires (ties by id). */
  readonly oldestExpiresAt: number | undefined;
  /** When the first leaving session left. */
  readonly firstLeftAt: number | undefined;
  /** Since when the viewer is cooling. */
  readonly coolingSince: number | undefined;
};

/** What an admission comes to. */
export type AdmitDecision =
  | { kind: "continued" | "new" | "rotated" }
  | { kind: "reconnected"; leaver: string }
  | { kind: "blocked"; retryAfterMs: number };

/**
 * The time that an operation uses, given what the clock says and the latest time that the pool
 * has seen: never earlier than that, so that a clock that steps back changes nothing; unless it
 * lies so far ahead that the clock was wrong then, in which case the pool starts afresh.
 */
export function settle(
  clock: number,
  latest: number | undefined,
  settings: PoolSettings,
): { now: number; afresh: boolean } {
  if (latest === undefined) return { now: clock, afresh: false };
  const afresh = latest - clock > settings.inactivityMs;
  return { now: afresh ? clock : Math.max(clock, latest), afresh };
}

/** How long a seat is held: the pool's own time where rotation is on, else what the ask brings. */
export function hold(askedMs: number | undefined, settings: PoolSettings): number {
  if (settings.rotationIdleMs !== "off") return settings.inactivityMs;
  return askedMs ?? settings.inactivityMs;
}

/** Up to which `leftAt` a leaving session is gone. */
export function graceEnd(now: number, settings: PoolSettings): number {
  return now - settings.graceMs;
}

/** Up to which `since` a cooling viewer is forgotten. */
export function cooldownEnd(now: number, settings: PoolSettings): number {
  return now - settings.cooldownMs;
}

/** Up to which `at` a gone session is forgotten. */
export function memoryEnd(now: number, settings: PoolSettings): number {
  return now - settings.memoryMs;
}

/** Steps 1 to 5 of an admission. */
export function decideAdmit(
  facts: AdmitFacts,
  settings: PoolSettings,
  now: number,
): AdmitDecision {
  if (facts.standing) return { kind: "continued" };
  if (facts.leaver !== undefined) return { kind: "reconnected", leaver: facts.leaver };
  if (facts.occupied < settings.capacity) return { kind: "new" };
  const rotatableIn = facts.occupied === settings.capacity
    ? untilRotation(facts, settings, now)
    : Infinity;
  if (rotatableIn <= 0) return { kind: "rotated" };
  return {
    kind: "blocked",
    retryAfterMs: Math.min(
      rotatableIn,
      (facts.oldestExpiresAt ?? Infinity) - now,
      (facts.firstLeftAt ?? Infinity) + settings.graceMs - now,
    ),
  };
}

function untilRotation(facts: AdmitFacts, settings: PoolSettings, now: number): number {
  if (settings.rotationIdleMs === "off" || facts.oldestExpiresAt === undefined) return Infinity;
  const idleMs = Math.max(settings.rotationIdleMs, settings.graceMs);
  const seenAt = facts.oldestExpiresAt - settings.inactivityMs;
  const untilIdle = seenAt + idleMs - now;
  if (facts.coolingSince === undefined) return untilIdle;
  return Math.max(untilIdle, facts.coolingSince + settings.cooldownMs - now);
}
