/**
 * The executor: one dependency call inside its bounds.
 *
 * @module
 */

import {
  type Attempt,
  type Awaitable,
  BadReplyError,
  type Execute,
  type Failure,
  type Now,
  type Random,
  StatusError,
  type Timeout,
} from "../ports.ts";
import { fullBudget, gain, refill, retryPause, spend } from "./retry.ts";

/** So long an operation that was told to stop may take to end before it is left behind. */
const STOP_MS = 50;

/**
 * Makes the executor of one dependency, with a retry budget of its own.
 *
 * @example
 * ```ts
 * import { createExecutor } from "./execute.ts";
 *
 * const execute = createExecutor({ now: () => performance.now(), random: Math.random });
 * const outcome = await execute(
 *   ({ signal }) => Promise.resolve(signal.aborted),
 *   { attemptTimeoutMs: 100, totalTimeoutMs: 200, retryJitterMs: 20 },
 * );
 * // { ok: true, value: false, attempts: 1 }
 * ```
 */
export function createExecutor(options: {
  /** Monotonic milliseconds. */
  now: Now;
  random: Random;
  /** @default AbortSignal.timeout */
  timeout?: Timeout;
}): Execute {
  const { now, random, timeout = AbortSignal.timeout.bind(AbortSignal) } = options;
  let budget = fullBudget(now());

  return async function execute(operation, bounds, signal) {
    const deadline = now() + bounds.totalTimeoutMs;
    for (let number: 1 | 2 = 1;; number = 2) {
      if (signal?.aborted) return failed({ kind: "cancelled" }, number - 1);
      const leftMs = Math.ceil(deadline - now());
      if (leftMs <= 0) return failed({ kind: "timeout" }, number - 1);
      const result = await attempt(
        operation,
        number,
        timeout(Math.min(bounds.attemptTimeoutMs, leftMs)),
        signal,
      );
      budget = refill(budget, now());
      if (result.ok) {
        budget = gain(budget);
        return { ok: true, value: result.value, attempts: number };
      }
      if (number === 2 || bounds.attempts === 1) return failed(result.failure, number);
      const pauseMs = retryPause(result.failure, {
        bounds,
        leftMs: deadline - now(),
        draw: random(),
      });
      const spent = pauseMs === undefined ? undefined : spend(budget);
      if (pauseMs === undefined || spent === undefined) return failed(result.failure, number);
      budget = spent;
      await stopped(timeout(pauseMs), signal);
    }
  };

  async function attempt<T>(
    operation: (attempt: Attempt) => Awaitable<T>,
    number: 1 | 2,
    deadline: AbortSignal,
    caller: AbortSignal | undefined,
  ): Promise<{ ok: true; value: T } | { ok: false; failure: Failure }> {
    // Linked by hand: AbortSignal.any loses aborts and leaks (Node 20, Deno 2).
    const controller = new AbortController();
    let stop: (kind: "timeout" | "cancelled") => void = () => {};
    const stopping = new Promise<"timeout" | "cancelled">((resolve) => stop = resolve);
    const onDeadline = () => (stop("timeout"), controller.abort());
    const onCaller = () => (stop("cancelled"), controller.abort());
    deadline.addEventListener("abort", onDeadline, { once: true });
    caller?.addEventListener("abort", onCaller, { once: true });
    if (deadline.aborted) onDeadline();
    try {
      const settled = settle(operation, { signal: controller.signal, number });
      const first = await Promise.race([settled, stopping]);
      if (typeof first !== "string") return first;
      await Promise.race([settled, stopped(timeout(STOP_MS))]);
      return { ok: false, failure: { kind: first } };
    } finally {
      deadline.removeEventListener("abort", onDeadline);
      caller?.removeEventListener("abort", onCaller);
    }
  }
}

async function settle<T>(
  operation: (attempt: Attempt) => Awaitable<T>,
  attempt: Attempt,
): Promise<{ ok: true; value: T } | { ok: false; failure: Failure }> {
  try {
    return { ok: true, value: await operation(attempt) };
  } catch (error) {
    return { ok: false, failure: failureOf(error) };
  }
}

/**
 * What an operation threw, as a failure. Who aborted is known without the error; error shapes
 * differ on every runtime.
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof BadReplyError) {
    const { code } = error;
    return code === undefined ? { kind: "bad_reply" } : { kind: "bad_reply", code };
  }
  if (!(error instanceof StatusError)) return { kind: "network" };
  const { status, retryAfterMs } = error;
  return retryAfterMs === undefined
    ? { kind: "status", status }
    : { kind: "status", status, retryAfterMs };
}

function failed(
  failure: Failure,
  attempts: number,
): { ok: false; failure: Failure; attempts: number } {
  return { ok: false, failure, attempts };
}

/** Waits until one of the signals aborts. */
function stopped(timer: AbortSignal, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      timer.removeEventListener("abort", done);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    timer.addEventListener("abort", done, { once: true });
    signal?.addEventListener("abort", done, { once: true });
    if (timer.aborted || signal?.aborted) done();
  });
}
