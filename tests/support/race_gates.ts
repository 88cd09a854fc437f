/**
 * The gate that races are run on, and some that are broken as gates are in the wild, to show that
 * a race finds them out.
 *
 * @module
 */

import { createRedisGate } from "../../src/gate/redis.ts";
import type { Gate, SeatList } from "../../src/ports.ts";

type Options = Parameters<typeof createRedisGate>[0];

const MANY_SEATS = 1000;

/** How to make each, by what it does. What one looks up beside an operation has no signal. */
export const RACE_GATES = {
  "keeps the law": createRedisGate,
  "has a seat too many": (options: Options): Gate => withSeats(options, 1),
  "looks first and admits then": (options: Options): Gate => {
    const gate = createRedisGate(options);
    const roomy = withSeats(options, MANY_SEATS);
    return {
      ...gate,
      async admit(ask, signal) {
        const { occupied } = await gate.list({ most: 0 });
        const free = occupied < options.settings.capacity;
        return await (free ? roomy : gate).admit(ask, signal);
      },
    };
  },
  "releases whoever has the seat now": (options: Options): Gate => {
    const gate = createRedisGate(options);
    return {
      ...gate,
      async release(ask, signal) {
        const { seats } = await gate.list();
        const seat = seats.find(({ session }) => session === ask.session);
        const expiresAt = seat?.state === "standing" ? seat.expiresAt : ask.expiresAt;
        return await gate.release({ ...ask, expiresAt }, signal);
      },
    };
  },
  "lists what it listed before": (options: Options): Gate => {
    const gate = createRedisGate(options);
    let before: SeatList | undefined;
    return {
      ...gate,
      async list(ask, signal) {
        const stale = before;
        before = await gate.list(ask, signal);
        return stale ?? before;
      },
    };
  },
} satisfies Readonly<Record<string, (options: Options) => Gate>>;

/** What a gate of {@linkcode RACE_GATES} does. */
export type RaceGate = keyof typeof RACE_GATES;

function withSeats(options: Options, more: number): Gate {
  const { settings } = options;
  return createRedisGate({
    ...options,
    settings: { ...settings, capacity: settings.capacity + more },
  });
}
