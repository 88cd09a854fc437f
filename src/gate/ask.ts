// Pure: values in, values out.

/**
 * What the gate refuses to be asked: checked by both implementations before anything is read or
 * written.
 *
 * @module
 */

import type { AdmitAsk, BeatAsk, ListAsk, ReleaseAsk } from "../ports.ts";
import type { PoolSettings } from "./policy.ts";

const ID_LENGTH = 64;
/** By their codes the characters of an id: looked up, for a pattern takes three times as long. */
const IN_ID: readonly boolean[] = Array.from(
  { length: 128 },
  (_, code) => /[A-Za-z0-9_-]/.test(String.fromCharCode(code)),
);
const NOTE_BYTES = 256;
/** Some 1 000 years in milliseconds: every sum of times is still exact. */
const MOST = 2 ** 45;

/** Whether a text may be the id of a session, a viewer or a pool. */
export function isId(text: string): boolean {
  if (typeof text !== "string") return false;
  const { length } = text;
  if (length < 1 || length > ID_LENGTH) return false;
  for (let place = 0; place < length; place++) {
    if (IN_ID[text.charCodeAt(place)] !== true) return false;
  }
  return true;
}

/** Throws a `RangeError` that names the first setting that breaks its rule. */
export function checkSettings(settings: PoolSettings): void {
  checkWhole("capacity", settings.capacity, 1);
  checkWhole("inactivityMs", settings.inactivityMs, 1);
  if (settings.rotationIdleMs !== "off") {
    checkWhole("rotationIdleMs", settings.rotationIdleMs, 1);
  }
  checkWhole("graceMs", settings.graceMs, 0);
  checkWhole("cooldownMs", settings.cooldownMs, 0);
  checkWhole("memoryMs", settings.memoryMs, 1);
}

/**
 * Throws a `RangeError` where an admission is asked for in a wrong way. The ids of a session that is
 * `known` have been looked at before, which takes longer than all the rest.
 */
export function checkAdmit(
  ask: AdmitAsk,
  known?: { readonly viewer: { readonly id: string } },
): void {
  if (known === undefined) checkId("session", ask.session);
  const isKnown = ask.viewer === (known === undefined ? ask.session : known.viewer.id);
  if (!isKnown) checkId("viewer", ask.viewer);
  if (ask.holdMs !== undefined) checkWhole("holdMs", ask.holdMs, 1);
  if (ask.note !== undefined && !isWithin(ask.note, NOTE_BYTES)) {
    throw new RangeError(`note must be at most ${NOTE_BYTES} bytes`);
  }
}

/** Throws a `RangeError` where a beat is sent in a wrong way; as in {@linkcode checkAdmit}. */
export function checkBeat(ask: BeatAsk, known?: unknown): void {
  if (known === undefined) checkId("session", ask.session);
  if (ask.holdMs !== undefined) checkWhole("holdMs", ask.holdMs, 1);
}

/** Throws a `RangeError` where a release is asked for in a wrong way; as in {@linkcode checkAdmit}. */
export function checkRelease(ask: ReleaseAsk, known?: unknown): void {
  if (known === undefined) checkId("session", ask.session);
  checkWhole("expiresAt", ask.expiresAt, 0, Number.MAX_SAFE_INTEGER);
}

/** Throws a `RangeError` where a list is asked for in a wrong way. */
export function checkList(ask: ListAsk): void {
  if (ask.most !== undefined && ask.most !== Infinity) {
    checkWhole("most", ask.most, 0, Number.MAX_SAFE_INTEGER);
  }
}

/** Throws a `RangeError` where a text is no id. */
export function checkId(what: string, id: string): void {
  if (!isId(id)) throw new RangeError(`${what} must be 1 to 64 of A-Z a-z 0-9 _ -`);
}

function checkWhole(what: string, value: number, least: number, most = MOST): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new RangeError(
    `${what} must be a whole number from ${least} to ${most}, current value is ${value}`,
  );
}

/** UTF-8 takes one to three bytes for each of UTF-16's units. */
function isWithin(text: string, bytes: number): boolean {
  if (typeof text !== "string") return false;
  if (3 * text.length <= bytes) return true;
  return text.length <= bytes && new TextEncoder().encode(text).length <= bytes;
}
