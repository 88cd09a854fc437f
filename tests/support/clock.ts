/**
 * A clock that only moves when it is told to, and the timers that hang on it.
 *
 * @module
 */

import type { Timeout } from "../../src/ports.ts";

/** See the module. */
export type Clock = {
  /** Milliseconds, both as wall and as monotonic time. */
  now: () => number;
  /** As `AbortSignal.timeout`, on this clock. */
  timeout: Timeout;
  /** Moves the clock; timers that come due abort in their order, each with what follows from it. */
  advance(ms: number): Promise<void>;
  /** Lets everything go on that waits for nothing but promises. */
  settle(): Promise<void>;
  /** How many timers have not come due. */
  pending(): number;
};

/** How many promises in a row may hang on each other. */
const TURNS = 200;

/** Makes a clock that stands at an ordinary evening. */
export function createClock(start = Date.UTC(2026, 2, 14, 19, 30)): Clock {
  let now = start;
  let timers: { at: number; controller: AbortController }[] = [];

  async function settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await null;
  }

  return {
    now: () => now,
    settle,
    pending: () => timers.length,
    timeout(ms) {
      const controller = new AbortController();
      timers.push({ at: now + ms, controller });
      return controller.signal;
    },
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const due = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        timers = timers.filter((timer) => timer !== due);
        now = Math.max(now, due.at);
        due.controller.abort(new DOMException("the time is up", "TimeoutError"));
        await settle();
      }
      now = end;
    },
  };
}
