/**
 * Flights: identical work in progress is done once and shared by all who wait for it.
 *
 * @module
 */

import type { Awaitable } from "../ports.ts";
import { after } from "./awaitable.ts";

/** How waiting for a flight ended: it landed, or the one who waited left before. */
export type Joined<T> = { kind: "landed"; value: T } | { kind: "left" };

/** One piece of work in progress. */
export type Flight<T> = {
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal;
  /** `false` where its work was done at once: there is nothing that others could join. */
  readonly inProgress: boolean;
  /** Waits for the flight until it lands or one of `leave` aborts; the last to leave cancels it. */
  join(...leave: AbortSignal[]): Awaitable<Joined<T>>;
  /** Cancels the flight for all who wait; each is answered `left` at once. */
  cancel(): void;
};

/**
 * Starts a flight that belongs to nobody: who asked first may leave without ending it for the
 * others. It goes on for as long as somebody waits. `onEnd` is called when work that was not done
 * at once has ended, however it did, and never before this function has returned.
 */
export function startFlight<T>(
  work: (signal: AbortSignal) => Awaitable<T>,
  onEnd: () => void = () => {},
): Flight<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const joined = after(work(signal), (value): Joined<T> => ({ kind: "landed", value }));
  return joined instanceof Promise
    ? inTheAir(joined, { controller, onEnd })
    : { signal, inProgress: false, cancel() {}, join: () => joined };
}

function inTheAir<T>(
  work: Promise<Joined<T>>,
  { controller, onEnd }: { controller: AbortController; onEnd: () => void },
): Flight<T> {
  const { signal } = controller;
  const waiting = new Set<() => void>();
  let ended = false;
  const landed = work.finally(() => {
    ended = true;
    onEnd();
  });
  // Whoever waits is told of a failure; where all have left there is nobody to tell.
  landed.catch(() => {});

  return {
    signal,
    inProgress: true,
    cancel() {
      controller.abort();
      for (const left of waiting) left();
    },
    async join(...leave) {
      let left: () => void = () => {};
      const joined = new Promise<Joined<T>>((resolve, reject) => {
        left = () => resolve({ kind: "left" });
        landed.then(resolve, reject);
      });
      waiting.add(left);
      for (const each of leave) each.addEventListener("abort", left, { once: true });
      if (signal.aborted || leave.some((each) => each.aborted)) left();
      try {
        return await joined;
      } finally {
        for (const each of leave) each.removeEventListener("abort", left);
        waiting.delete(left);
        if (waiting.size === 0 && !ended) controller.abort();
      }
    },
  };
}

/** Flights by the key of what they do. */
export type Flights<T> = {
  /** Joins the flight of a key, or starts it. */
  join(
    key: string,
    work: (signal: AbortSignal) => Awaitable<T>,
    ...leave: AbortSignal[]
  ): Awaitable<Joined<T>>;
  /** How many are in progress. */
  size(): number;
};

/**
 * Makes an empty map of flights.
 *
 * @param options.share `false` where a promise made in another request may never resolve (workerd)
 */
export function createFlights<T>(options: {
  share: boolean;
  /** Called whenever a flight is joined that was in progress already. */
  onJoin: () => void;
}): Flights<T> {
  const flights = new Map<string, Flight<T>>();
  return {
    size: () => flights.size,
    join(key, work, ...leave) {
      if (!options.share) return startFlight(work).join(...leave);
      const current = flights.get(key);
      if (current !== undefined && !current.signal.aborted) {
        options.onJoin();
        return current.join(...leave);
      }
      const flight = startFlight(work, () => {
        if (flights.get(key) === flight) flights.delete(key);
      });
      if (flight.inProgress) flights.set(key, flight);
      return flight.join(...leave);
    },
  };
}
