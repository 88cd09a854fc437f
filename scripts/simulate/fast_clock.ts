/**
 * A clock that runs as fast as the work is done: it goes on to the next timer as soon as everything
 * that hangs on the last one has come to rest.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { Awaitable, Now, Timeout } from "../../src/ports.ts";

/** See the module. */
export type FastClock = {
  /** Milliseconds, both as wall and as monotonic time. */
  now: Now;
  /** As `AbortSignal.timeout`, on this clock. */
  timeout: Timeout;
  /** Waits on this clock. */
  sleep(ms: number): Promise<void>;
  /** The clock stands still until this work is done, which may take turns of its own. */
  during<T>(work: Awaitable<T>): Promise<T>;
  /** Runs until a promise is settled, and tells of each second that goes by. */
  runUntil(over: Promise<unknown>, onSecond: () => void): Promise<void>;
};

type Timer = { at: number; ring: () => void };

const SECOND_MS = 1000;

/** Makes one. */
export function createFastClock(start: number): FastClock {
  const timers: Timer[] = [];
  let now = start;
  let working = 0;

  function schedule(ms: number, ring: () => void): void {
    const at = now + ms;
    let place = timers.length;
    while (place > 0 && timers[place - 1]!.at > at) place -= 1;
    timers.splice(place, 0, { at, ring });
  }

  async function rest(): Promise<void> {
    do await new Promise<void>((resolve) => setImmediate(resolve)); while (working > 0);
  }

  return {
    now: () => now,
    timeout(ms) {
      const controller = new AbortController();
      schedule(ms, () => controller.abort());
      return controller.signal;
    },
    sleep: (ms) => new Promise((resolve) => schedule(ms, resolve)),
    async during(work) {
      working += 1;
      try {
        return await work;
      } finally {
        working -= 1;
      }
    },
    async runUntil(over, onSecond) {
      let running = true;
      const stop = () => void (running = false);
      over.then(stop, stop);
      await rest();
      for (let timer = timers.shift(); running && timer !== undefined; timer = timers.shift()) {
        for (; now + SECOND_MS <= timer.at; now += SECOND_MS) onSecond();
        now = timer.at;
        timer.ring();
        await rest();
      }
      await over;
    },
  };
}
