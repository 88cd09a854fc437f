/**
 * The head of an answer: as much of it as tells what it is.
 *
 * @module
 */

import { type Nature, natureOf, natureWithin, TELLING_BYTES } from "./beginning.ts";
import type { Told } from "../reliability/failure_log.ts";
import { firstByte, lengthOf } from "./passage.ts";
import { attempt, type ServeAsk } from "./place.ts";

/** The bytes that were read, if any came, what they tell, and whether they are all there are. */
export type Head = { bytes?: Uint8Array; nature: Nature; complete: boolean };

/** Fewer bytes from the middle tell nothing: they might stand beside the one odd byte of a text. */
const SHORT_BYTES = 256;

/**
 * Reads the head; `undefined` where nothing comes in time. The rest of the body stays unread, also
 * where it has broken off: a resume may bring it.
 */
export async function readHead(
  response: Response,
  ask: ServeAsk,
  tell: (failure: Told) => void,
): Promise<Head | undefined> {
  if (response.body === null) return { nature: "other", complete: true };
  const fromStart = firstByte(response) === 0;
  const length = lengthOf(response.headers) ?? Infinity;
  if (!fromStart && length < SHORT_BYTES) return { nature: "unclear", complete: false };
  const judge = fromStart ? natureOf : natureWithin;
  const reader = response.body.getReader();
  let bytes: Uint8Array = new Uint8Array();
  let complete = false;
  let nature = judge(bytes, { complete });
  while (nature === "unclear" && !complete && bytes.length < TELLING_BYTES) {
    const read = await attempt(ask, () => reader.read(), tell);
    if (read === undefined) {
      reader.cancel().catch(() => {});
      if (bytes.length === 0) return undefined;
      break;
    }
    if (read.value !== undefined) bytes = joined(bytes, read.value);
    complete = read.done;
    nature = judge(bytes, { complete });
  }
  reader.releaseLock();
  return bytes.length === 0 ? { nature, complete } : { bytes, nature, complete };
}

function joined(before: Uint8Array, next: Uint8Array): Uint8Array {
  if (before.length === 0) return next;
  const both = new Uint8Array(before.length + next.length);
  both.set(before);
  both.set(next, before.length);
  return both;
}
