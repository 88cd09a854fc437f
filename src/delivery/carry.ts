/**
 * Carries a source's bytes to a player: one chunk at a time, as the player takes them.
 *
 * @module
 */

import type { BodyReader, Now } from "../ports.ts";

/** One player's connection to a play. */
export type Connection = {
  /** Ends it uncleanly, so that the player knows that it did not get everything. */
  end(): void;
  /** Looks after it: a stalled read is broken off, and a source is not held while a player rests. */
  tend(now: number): void;
};

/** Where the bytes come from, and what they are part of. */
export type CarryOptions = {
  /** Reads the source's answer. */
  reader: BodyReader;
  /** The first bytes, where it has given them already. */
  head?: Uint8Array;
  /** How many bytes it has to be; `undefined` where the source did not say. */
  length: number | undefined;
  /**
   * Asks the source again for what follows the first `sent` bytes; gives nothing where it cannot be
   * had, or may not be the same any more.
   */
  reopen: ((sent: number) => Promise<BodyReader | undefined>) | undefined;
  /** Whether the play still has its seat, asked when a player goes on after a long rest. */
  readmit: () => Promise<boolean>;
  /** Told of bytes that have come. */
  onBytes: (count: number) => void;
  /** Told once, when the connection is over, however it ended. */
  onClose: () => void;
  /** A source that gives nothing for so long is broken off. */
  stallMs: number;
  /** A player that takes nothing for so long does not hold the source. */
  restMs: number;
  monotonic: Now;
};

/** With which a body is broken on purpose; srvx needs a reason to end anything. */
export const PLAY_ENDED = "the play has ended";

/** Starts to carry. */
export function carry(
  options: CarryOptions,
): { body: ReadableStream<Uint8Array>; connection: Connection } {
  const { length, reopen, readmit, onBytes, onClose, monotonic } = options;
  let reader: BodyReader | undefined = options.reader;
  let controller: ReadableStreamDefaultController<Uint8Array>;
  let head = options.head;
  let sent = 0;
  let resumed = false;
  let closed = false;
  let stalled = false;
  let readingSince: number | undefined;
  let restingSince: number | undefined = monotonic();

  function close(): void {
    closed = true;
    drop(reader);
    reader = undefined;
    onClose();
  }

  function end(): void {
    if (closed) return;
    close();
    controller.error(PLAY_ENDED);
  }

  async function read(): Promise<Uint8Array | "end" | "broken"> {
    const first = head;
    head = undefined;
    if (first !== undefined) return first;
    readingSince = monotonic();
    const got = await reader!.read().catch(() => undefined);
    readingSince = undefined;
    if (got?.value !== undefined) return got.value;
    const whole = length === undefined ? got !== undefined && !stalled : sent === length;
    return whole ? "end" : "broken";
  }

  async function goOn(): Promise<boolean> {
    const again = await reopen?.(sent);
    if (again === undefined) return false;
    reader = again;
    head = undefined;
    if (closed) drop(reader);
    return !closed;
  }

  async function pull(): Promise<void> {
    restingSince = undefined;
    while (!closed) {
      if (reader === undefined && !(await readmit() && !closed && await goOn())) return end();
      const chunk = await read();
      if (closed) return;
      if (chunk === "end") {
        close();
        return controller.close();
      }
      if (chunk !== "broken") {
        sent += chunk.byteLength;
        restingSince = monotonic();
        controller.enqueue(chunk);
        return onBytes(chunk.byteLength);
      }
      drop(reader);
      if (resumed || !await goOn()) return end();
      resumed = true;
    }
  }

  const body = new ReadableStream<Uint8Array>({
    start: (own) => void (controller = own),
    // What fails in between is no reason to keep a connection that nobody looks after.
    pull: () => pull().catch(end),
    cancel: close,
  }, { highWaterMark: 0 });

  return {
    body,
    connection: {
      end,
      tend(now) {
        if (readingSince !== undefined && now - readingSince >= options.stallMs) {
          // One that does not even end when it is broken off will not by itself.
          if (stalled) return end();
          stalled = true;
          drop(reader);
        }
        const rests = restingSince !== undefined && now - restingSince >= options.restMs;
        if (rests && sent !== length && reader !== undefined && reopen !== undefined) {
          drop(reader);
          reader = undefined;
        }
      },
    },
  };
}

/** A body that is not wanted any more; that it was broken already changes nothing. */
function drop(reader: BodyReader | undefined): void {
  reader?.cancel().catch(() => {});
}
