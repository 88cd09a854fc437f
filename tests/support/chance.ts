/**
 * Chance that comes out the same for the same seed.
 *
 * @module
 */

/** Draws that follow from a seed. */
export type Chance = {
  /** Between `from` and `to`, both included; whole. */
  whole(from: number, to: number): number;
  /** True so often, from 0 to 1. */
  happens(share: number): boolean;
  /** One of some values. */
  oneOf<T>(values: readonly T[]): T;
};

/** Makes draws by mulberry32, which is small and even enough for an evening and for a race. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0;

  function draw(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  return {
    whole: (from, to) => from + Math.floor(draw() * (to - from + 1)),
    happens: (share) => draw() < share,
    oneOf: (values) => values[Math.floor(draw() * values.length)]!,
  };
}

/** A seed for each of many who draw at once, by their numbers. */
export function seedOfOne(seed: number, ...numbers: readonly number[]): number {
  let mixed = 0;
  for (const number of [seed, ...numbers]) {
    mixed = Math.imul(mixed ^ number, 0x9e3779b1);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
    mixed ^= mixed >>> 13;
  }
  return mixed >>> 0;
}
