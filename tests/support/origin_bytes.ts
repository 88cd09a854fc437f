/**
 * What the origin's files hold: a pure function of seed and offset, so that nothing is stored and
 * any range can be checked.
 *
 * @module
 */

/** A byte range, `to` exclusive. */
export type Span = { from: number; to: number };

/** The bytes of the file that grows from `seed`, as if it had no end. */
export function originBytes(seed: number, { from, to }: Span): Uint8Array<ArrayBuffer> {
  const first = Math.floor(from / 4);
  const words = new Uint32Array(Math.ceil(to / 4) - first);
  for (let index = 0; index < words.length; index++) words[index] = mix(seed, first + index);
  return new Uint8Array(words.buffer).slice(from - first * 4, to - first * 4);
}

/** The finalizer of MurmurHash3: neighbours share nothing. */
function mix(seed: number, word: number): number {
  let value = Math.imul(word ^ Math.imul(seed, 0x9e3779b1), 0x85ebca6b);
  value = Math.imul(value ^ value >>> 13, 0xc2b2ae35);
  return value ^ value >>> 16;
}
