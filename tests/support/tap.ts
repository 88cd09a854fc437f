/**
 * A source's body that gives what the test lets it give, and tells when it is asked and let go.
 *
 * @module
 */

import { originBytes } from "./origin_bytes.ts";

/** See the module. */
export type Tap = {
  body: ReadableStream<Uint8Array>;
  /** Gives the next so many bytes of the file. */
  give(size: number): void;
  /** Ends as a body that is whole does. */
  finish(): void;
  /** Breaks as a connection does. */
  fail(): void;
  /** How often it was asked for a chunk. */
  asked: number;
  /** Whether it was let go. */
  cancelled: boolean;
};

/** The seed of the file that taps give. */
export const TAP_SEED = 11;

/** Makes a tap that begins at an offset of the file. */
export function createTap(from = 0): Tap {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  let at = from;
  const body = new ReadableStream<Uint8Array>({
    start: (own) => void (controller = own),
    pull: () => void (tap.asked += 1),
    cancel: () => void (tap.cancelled = true),
  }, { highWaterMark: 0 });
  const tap: Tap = {
    body,
    asked: 0,
    cancelled: false,
    give(size) {
      controller.enqueue(originBytes(TAP_SEED, { from: at, to: at + size }));
      at += size;
    },
    finish: () => controller.close(),
    fail: () => controller.error(new TypeError("connection reset")),
  };
  return tap;
}
