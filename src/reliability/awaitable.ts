/**
 * What may have to wait, without waiting where it need not: an `await` costs a turn of the
 * microtasks even for a value that is there, and a stream answer would take a dozen of them.
 *
 * @module
 */

import type { Awaitable } from "../ports.ts";

/** Goes on with a value: at once where it is there. */
export function after<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Does one more thing when a value is there or will never be, and waits for it. */
export function lastly<T>(value: Awaitable<T>, last: () => Awaitable<void>): Awaitable<T> {
  return value instanceof Promise ? value.finally(last) : after(last(), () => value);
}

/** Does some work; where it fails, now or later, `failed` says what comes of that. */
export function attempt<T>(
  work: () => Awaitable<T>,
  failed: (error: unknown) => Awaitable<T>,
): Awaitable<T> {
  try {
    const value = work();
    return value instanceof Promise ? value.catch(failed) : value;
  } catch (error) {
    return failed(error);
  }
}
