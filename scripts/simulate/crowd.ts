/**
 * Who is in an episode at the moment, as the households know it themselves.
 *
 * @module
 */

import type { Now } from "../../src/ports.ts";

/** See the module. */
export type Crowd = {
  /** A household's stream has begun, until it is over; `false` where nobody said goodbye. */
  enter(household: string): (goodbye: boolean) => void;
  /** How many seats are rightly not free: taken, in the grace, or silent for less than idleness. */
  inUse(): number;
};

/** Makes an empty one. */
export function createCrowd(
  now: Now,
  { graceMs, idleMs }: { graceMs: number; idleMs: number },
): Crowd {
  const until = new Map<string, number>();
  let entered = 0;
  return {
    enter(household) {
      const own = `${household} ${++entered}`;
      until.set(own, Infinity);
      return function leave(goodbye) {
        if (until.get(own) === Infinity) until.set(own, now() + (goodbye ? graceMs : idleMs));
      };
    },
    inUse() {
      for (const [own, end] of until) if (now() >= end) until.delete(own);
      return new Set([...until.keys()].map((own) => own.split(" ")[0])).size;
    },
  };
}
