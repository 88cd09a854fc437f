/**
 * One connection of a play as `carry` makes it, between a source and a player that do as told.
 *
 * @module
 */

import { carry, type CarryOptions, type Connection } from "../../src/delivery/carry.ts";
import { assertEquals } from "./assert.ts";
import { createClock } from "./clock.ts";
import { originBytes } from "./origin_bytes.ts";
import { createTap, type Tap, TAP_SEED } from "./tap.ts";

/** A source that gives nothing for so long is broken off. */
export const STALL_MS = 10_000;
/** A player that takes nothing for so long does not hold the source. */
export const REST_MS = 45_000;
/** How long the file is, unless a test says otherwise. */
export const LENGTH = 100;

/** A connection under test, and all that is around it. */
export type Carried = {
  /** The source as it was opened first. */
  tap: Tap;
  /** What the connection told and asked for. */
  seen: { bytes: number; closed: number; reopened: number[]; readmitted: number };
  connection: Connection;
  player: Player;
  /** Moves the clock, and has the connection looked after. */
  after(ms: number): Promise<void>;
  settle(): Promise<void>;
};

/** The other end: it reads when it is told to, and remembers what came. */
export type Player = {
  read(): Promise<"bytes" | "end" | "broken">;
  /** How many bytes came; they must be those of the file, in order. */
  got(): number;
  cancel(): Promise<void>;
};

/** Makes one; the source is opened again at `again`, where there is one. */
export function carried(options: Partial<CarryOptions> & { again?: Tap } = {}): Carried {
  const clock = createClock();
  const tap = createTap();
  const seen = { bytes: 0, closed: 0, reopened: [] as number[], readmitted: 0 };
  const { body, connection } = carry({
    reader: tap.body.getReader(),
    length: LENGTH,
    reopen(sent) {
      seen.reopened.push(sent);
      return Promise.resolve(options.again?.body.getReader());
    },
    readmit() {
      seen.readmitted += 1;
      return Promise.resolve(true);
    },
    onBytes: (count) => void (seen.bytes += count),
    onClose: () => void (seen.closed += 1),
    stallMs: STALL_MS,
    restMs: REST_MS,
    monotonic: clock.now,
    ...options,
  });
  const player = createPlayer(body);
  async function after(ms: number): Promise<void> {
    await clock.advance(ms);
    connection.tend(clock.now());
    await clock.settle();
  }
  return { tap, seen, connection, player, after, settle: clock.settle };
}

function createPlayer(body: ReadableStream<Uint8Array>): Player {
  const reader = body.getReader();
  let got = new Uint8Array();
  return {
    async read() {
      try {
        const { done, value } = await reader.read();
        if (done) return "end";
        got = new Uint8Array([...got, ...value]);
        return "bytes";
      } catch {
        return "broken";
      }
    },
    got() {
      assertEquals(got, originBytes(TAP_SEED, { from: 0, to: got.length }));
      return got.length;
    },
    cancel: () => reader.cancel(),
  };
}
