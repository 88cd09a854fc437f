/**
 * The gate in Redis: one script per operation, one round trip, the server's own clock. How a
 * script reaches Redis (REST, TCP) is handed in as {@linkcode RunScript}.
 *
 * @module
 */

import type { Gate } from "../ports.ts";
import { checkAdmit, checkBeat, checkId, checkList, checkRelease, checkSettings } from "./ask.ts";
import { hold, type PoolSettings } from "./policy.ts";
import { readBeat, readEvict, readList, readRelease, readVerdict } from "./redis_reply.ts";
import { poolKeys, SCRIPTS } from "./scripts.ts";

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

  function ask(
    operation: keyof Gate,
    { session, holdMs }: { session: string; holdMs?: number | undefined },
    own: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const args = [session, ...holdTexts(holdMs, settings), ruleText(settings), ...own];
    return run(SCRIPTS[operation], keys, args, signal);
  }

  return {
    async admit(asked, signal) {
      checkAdmit(asked);
      const { viewer, note } = asked;
      const own = [viewer, note === undefined ? "" : `=${note}`];
      return readVerdict(await ask("admit", asked, own, signal));
    },
    async beat(asked, signal) {
      checkBeat(asked);
      return readBeat(await ask("beat", asked, [], signal));
    },
    async release(asked, signal) {
      checkRelease(asked);
      const { session, expiresAt, grace } = asked;
      const own = [String(expiresAt), grace ? "1" : "0"];
      return readRelease(await ask("release", { session }, own, signal));
    },
    async evict({ session }, signal) {
      checkId("session", session);
      return readEvict(await ask("evict", { session }, [], signal));
    },
    async list(asked = {}, signal) {
      checkList(asked);
      const { most = Infinity } = asked;
      const own = [most === Infinity ? "" : String(most)];
      return readList(await ask("list", NOBODY, own, signal));
    },
  };
}

/** All scripts read the session that asks; for the list it does not matter how that one stands. */
const NOBODY = { session: "-" };

/** The settings as the scripts take them, in one argument: each more is paid for with every call. */
function ruleText(settings: PoolSettings): string {
  const { capacity, inactivityMs, graceMs, cooldownMs, memoryMs } = settings;
  return `${capacity} ${inactivityMs} ${idleMs(settings)} ${graceMs} ${cooldownMs} ${memoryMs}`;
}

/** How long the seat is held, and the span: 2^span minutes are longer than twice every setting. */
function holdTexts(askedMs: number | undefined, settings: PoolSettings): [string, string] {
  const { inactivityMs, graceMs, cooldownMs, memoryMs } = settings;
  const holdMs = hold(askedMs, settings);
  const all = [holdMs, inactivityMs, idleMs(settings), graceMs, cooldownMs, memoryMs];
  const longestMs = Math.max(...all);
  return [String(holdMs), String(Math.ceil(Math.log2(2 * longestMs / 60_000 + 1)))];
}

/** 0 where rotation is off. */
function idleMs({ rotationIdleMs }: PoolSettings): number {
  return rotationIdleMs === "off" ? 0 : rotationIdleMs;
}
