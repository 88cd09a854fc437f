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
  type Failure,
  type Log,
  type Now,
  type Outcome,
  StatusError,
} from "../ports.ts";
import { after, attempt } from "./awaitable.ts";
import { failureOf } from "./execute.ts";
import { createFailureLog } from "./failure_log.ts";

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
  log: Log;
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

/**
 * Calls a dependency; one that cannot wait answers at once. What else than an expected failure
 * such a one throws is a bug, and rejects.
 */
export type Call = <T>(
  dependency: Dependency,
  operation: (signal: AbortSignal) => Awaitable<T>,
  options?: CallOptions,
) => Awaitable<Outcome<T>>;

const NEVER = new AbortController().signal;

/** Makes the function that calls dependencies, counts its attempts and tells of its failures. */
export function createCall({ execute, bounds, monotonic, count, log }: CallDeps): Call {
  const tell: Readonly<Record<Dependency, (failure: Failure) => void>> = {
    gate: createFailureLog({ dependency: "gate", monotonic, log }),
    broker: createFailureLog({ dependency: "broker", monotonic, log }),
  };

  return function call(dependency, operation, options = {}) {
    const limits = bounds[dependency];
    return limits === undefined
      ? after(straight(operation), (outcome) => told(dependency, outcome))
      : bounded(dependency, operation, { ...options, limits });
  };

  async function bounded<T>(
    dependency: Dependency,
    operation: (signal: AbortSignal) => Awaitable<T>,
    { limits, deadline, attempts, signal }: CallOptions & { limits: Bounds },
  ): Promise<Outcome<T>> {
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
    return told(dependency, outcome);
  }

  function told<T>(dependency: Dependency, outcome: Outcome<T>): Outcome<T> {
    if (!outcome.ok && isFault(dependency, outcome)) tell[dependency](outcome.failure);
    return outcome;
  }
}

/** Not where it was never asked or the caller has gone; a broker's 404 says: no such episode. */
function isFault(
  dependency: Dependency,
  { failure, attempts }: { failure: Failure; attempts: number },
): boolean {
  if (attempts === 0 || failure.kind === "cancelled") return false;
  return dependency === "gate" || failure.kind !== "status" || failure.status !== 404;
}

function straight<T>(operation: (signal: AbortSignal) => Awaitable<T>): Awaitable<Outcome<T>> {
  return attempt<Outcome<T>>(
    () => after(operation(NEVER), (value) => ({ ok: true, value, attempts: 1 })),
    failed,
  );
}

function failed(error: unknown): Awaitable<Outcome<never>> {
  if (!(error instanceof BadReplyError || error instanceof StatusError)) {
    return Promise.reject(error);
  }
  return { ok: false, failure: failureOf(error), attempts: 1 };
}

/** Whole milliseconds until a deadline, from 0. */
export function millisecondsUntil(deadline: number, now: number): number {
  return Math.max(0, Math.ceil(deadline - now));
}
