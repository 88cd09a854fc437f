/**
 * Calls of dependencies: through the executor where there are bounds, straight where nothing can
 * wait.
 *
 * @module
 */

import {
  type Awaitable,
  BadReplyError,
  type Bounds,
  type Count,
  type Execute,
  type Now,
  type Outcome,
  StatusError,
} from "../ports.ts";
import { failureOf } from "./execute.ts";

/** What is asked over the network. */
export type Dependency = "gate" | "broker";

/** What calls need. */
export type CallDeps = {
  /** The executor of each dependency. */
  execute: Readonly<Record<Dependency, Execute>>;
  /** The bounds of each; none for one that cannot wait (memory gate, embedded broker). */
  bounds: { readonly [D in Dependency]?: Bounds };
  /** Monotonic milliseconds. */
  monotonic: Now;
  count: Count;
};

/** How one call is bounded beyond its dependency's bounds. */
export type CallOptions = {
  /** By when it is over, in monotonic milliseconds. */
  deadline?: number;
  /** @default 2 */
  attempts?: 1 | 2;
  /** The caller's own. */
  signal?: AbortSignal;
};

/** Calls a dependency. What else than an expected failure one throws that cannot wait, is a bug. */
export type Call = <T>(
  dependency: Dependency,
  operation: (signal: AbortSignal) => Awaitable<T>,
  options?: CallOptions,
) => Promise<Outcome<T>>;

const NEVER = new AbortController().signal;

/** Makes the function that calls dependencies, and counts its attempts. */
export function createCall({ execute, bounds, monotonic, count }: CallDeps): Call {
  return async function call(dependency, operation, { deadline, attempts, signal } = {}) {
    const limits = bounds[dependency];
    if (limits === undefined) return await straight(operation);
    const leftMs = deadline === undefined ? Infinity : millisecondsUntil(deadline, monotonic());
    const outcome = await execute[dependency](
      (attempt) => operation(attempt.signal),
      {
        ...limits,
        totalTimeoutMs: Math.min(limits.totalTimeoutMs, leftMs),
        attempts: attempts ?? 2,
      },
      signal,
    );
    count("attempts", dependency, outcome.attempts);
    if (outcome.attempts === 2) count("retries", dependency);
    return outcome;
  };
}

async function straight<T>(
  operation: (signal: AbortSignal) => Awaitable<T>,
): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await operation(NEVER), attempts: 1 };
  } catch (error) {
    if (!(error instanceof BadReplyError || error instanceof StatusError)) throw error;
    return { ok: false, failure: failureOf(error), attempts: 1 };
  }
}

/** Whole milliseconds until a deadline, from 0. */
export function millisecondsUntil(deadline: number, now: number): number {
  return Math.max(0, Math.ceil(deadline - now));
}
