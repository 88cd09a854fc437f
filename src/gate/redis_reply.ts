/**
 * What the scripts reply, judged: one line of words, and lists of texts behind it where seats are
 * listed. Whatever has another shape is a `BadReplyError`.
 *
 * @module
 */

import {
  BadReplyError,
  type BeatReply,
  type EvictReply,
  type GoneReason,
  type ReleaseReply,
  type Seat,
  type SeatList,
  type Verdict,
} from "../ports.ts";

const ADMITTED = ["continued", "reconnected", "new"] as const;
const REASONS: readonly GoneReason[] = ["rotated", "evicted", "expired", "left", "unknown"];

/** Reads the reply of `admit.lua`. */
export function readVerdict(reply: unknown): Verdict {
  const [now, kind, time, ...out] = wordsOf(reply);
  const at = whole(now);
  if (kind === "blocked") return { kind, at, cause: "capacity", retryAfterMs: whole(time) };
  const expiresAt = whole(time);
  if (kind !== "rotated") return { kind: oneOf(kind, ADMITTED), at, expiresAt };
  return { kind, at, expiresAt, out: { session: text(out[0]), viewer: text(out[1]) } };
}

/** Reads the reply of `beat.lua`. */
export function readBeat(reply: unknown): BeatReply {
  const [now, kind, what] = wordsOf(reply);
  const at = whole(now);
  if (kind === "held") return { kind, at, expiresAt: whole(what) };
  return { kind: oneOf(kind, ["gone"]), at, reason: oneOf(what, REASONS) };
}

/** Reads the reply of `release.lua`. */
export function readRelease(reply: unknown): ReleaseReply {
  const [now, kind] = wordsOf(reply);
  return { kind: oneOf(kind, ["leaving", "left", "ignored"]), at: whole(now) };
}

/** Reads the reply of `evict.lua`. */
export function readEvict(reply: unknown): EvictReply {
  const [now, kind] = wordsOf(reply);
  return { kind: oneOf(kind, ["evicted", "unknown"]), at: whole(now) };
}

/** Reads the reply of `list.lua`. */
export function readList(reply: unknown): SeatList {
  if (!Array.isArray(reply)) throw new BadReplyError();
  const [line, standing, leaving, info] = reply;
  const [now, occupied] = wordsOf(line);
  const known = pairs(info).map(seatInfo).values();
  const next = () => known.next().value ?? bad();
  const seats: Seat[] = [
    ...pairs(standing).map(([session, expiresAt]): Seat => (
      { state: "standing", session, ...next(), expiresAt: whole(expiresAt) }
    )),
    ...pairs(leaving).map(([session, leftAt]): Seat => (
      { state: "leaving", session, ...next(), leftAt: whole(leftAt) }
    )),
  ];
  return { at: whole(now), occupied: whole(occupied), seats };
}

function seatInfo(
  [facts, note]: readonly [string, string],
): { viewer: string; since: number; note?: string } {
  const found = /^(\d+) ([A-Za-z0-9_-]+)$/.exec(facts) ?? bad();
  const seat = { viewer: found[2]!, since: whole(found[1]) };
  if (note === "") return seat;
  return note.startsWith("=") ? { ...seat, note: note.slice(1) } : bad();
}

function wordsOf(line: unknown): readonly string[] {
  return text(line).split(" ");
}

function pairs(flat: unknown): [string, string][] {
  if (!Array.isArray(flat) || flat.length % 2 !== 0) throw new BadReplyError();
  const texts = flat.map(text);
  return Array.from({ length: texts.length / 2 }, (_, i) => [texts[2 * i]!, texts[2 * i + 1]!]);
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new BadReplyError();
  return value;
}

function bad(): never {
  throw new BadReplyError();
}

function oneOf<const T extends string>(word: string | undefined, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === word);
  if (found === undefined) throw new BadReplyError();
  return found;
}

function whole(digits: string | undefined): number {
  const value = /^\d+$/.test(digits ?? "") ? Number(digits) : NaN;
  if (!Number.isSafeInteger(value)) throw new BadReplyError();
  return value;
}
