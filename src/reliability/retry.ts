// Pure: values in, values out.

/**
 * When a failed call is tried once more, and after which pause.
 *
 * @module
 */

import type { Bounds, Failure } from "../ports.ts";

/** Whether a failure may pass by itself: 408, 429, 5xx, a timeout, a connection that failed. */
export function isTransient(failure: Failure): boolean {
  switch (failure.kind) {
    case "timeout":
    case "network":
      return true;
    case "status":
      return failure.status === 408 || failure.status === 429 || failure.status >= 500;
    case "cancelled":
    case "bad_reply":
      return false;
  }
}

/**
 * The pause before the retry in milliseconds, or `undefined` where there is no retry. `Retry-After`
 * is the pause's lower bound, on which the jitter stands, so that those who were told the same
 * time do not come back as one.
 */
export function retryPause(
  failure: Failure,
  options: { bounds: Bounds; leftMs: number; draw: number },
): number | undefined {
  const { bounds, leftMs, draw } = options;
  if (!isTransient(failure)) return undefined;
  const leastMs = failure.kind === "status" ? failure.retryAfterMs ?? 0 : 0;
  const pauseMs = Math.ceil(leastMs + draw * bounds.retryJitterMs);
  return pauseMs < leftMs ? pauseMs : undefined;
}

/**
 * A dependency's retry budget, in whole tenths of a retry: full at 10 retries; a retry takes one,
 * a success gives a tenth, and so does each second.
 */
export type RetryBudget = { readonly tenths: number; readonly at: number };

const FULL_TENTHS = 100;
const RETRY_TENTHS = 10;
const TENTH_MS = 1000;

/** The budget that a dependency begins with. */
export function fullBudget(now: number): RetryBudget {
  return { tenths: FULL_TENTHS, at: now };
}

/** The budget with what time has given it. */
export function refill(budget: RetryBudget, now: number): RetryBudget {
  const gained = Math.max(0, Math.floor((now - budget.at) / TENTH_MS));
  return { tenths: add(budget.tenths, gained), at: budget.at + gained * TENTH_MS };
}

/** The budget after a success. */
export function gain(budget: RetryBudget): RetryBudget {
  return { ...budget, tenths: add(budget.tenths, 1) };
}

/** The budget after a retry, or `undefined` where there is not enough for one. */
export function spend(budget: RetryBudget): RetryBudget | undefined {
  if (budget.tenths < RETRY_TENTHS) return undefined;
  return { ...budget, tenths: budget.tenths - RETRY_TENTHS };
}

function add(tenths: number, gained: number): number {
  return Math.min(FULL_TENTHS, tenths + gained);
}
