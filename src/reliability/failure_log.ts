/**
 * Tells the operator why a dependency fails, without telling it of every call.
 *
 * @module
 */

import type { Failure, Log, Now } from "../ports.ts";

/** A line stands for all failures since the one before it. */
const QUIET_MS = 60_000;

/** A failure, or that what is to be asked may not be. */
export type Told = Failure | { kind: "refused" };

/** Makes the function that is told of a dependency's failures: one line a minute at most. */
export function createFailureLog(options: {
  /** What has failed, as the line names it. */
  dependency: string;
  /** Monotonic milliseconds. */
  monotonic: Now;
  log: Log;
}): (failure: Told) => void {
  const { dependency, monotonic, log } = options;
  let toldAt = -Infinity;
  let failures = 0;

  return function tell(failure) {
    failures += 1;
    const now = monotonic();
    if (now - toldAt < QUIET_MS) return;
    log("warn", "dependency_failed", { dependency, ...factsOf(failure), failures });
    toldAt = now;
    failures = 0;
  };
}

function factsOf(failure: Told): { kind: Told["kind"]; status?: number; code?: string } {
  const { kind } = failure;
  if (kind === "status") return { kind, status: failure.status };
  return kind === "bad_reply" && failure.code !== undefined
    ? { kind, code: failure.code }
    : { kind };
}
