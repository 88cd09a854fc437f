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
import { isId } from "./ask.ts";

const ADMITTED = ["continued", "reconnected", "new"] as const;
const REASONS: readonly GoneReason[] = ["rotated", "evicted", "expired", "left", "unknown"];

type Pair = readonly [string, string];

/** Reads the reply of `admit.lua`. */
export function readVerdict(reply: unknown): Verdict {
  const [now, kind, time, ...out] = wordsOf(reply);
  const at = whole(now);
  if (kind === "rotated") {
    const [session, viewer] = exactly(2, out);
    const rotated = { session: id(session), viewer: id(viewer) };
    return { kind, at, expiresAt: whole(time, at + 1), out: rotated };
  }
  exactly(0, out);
  if (kind === "blocked") return { kind, at, cause: "capacity", retryAfterMs: whole(time, 1) };
  return { kind: oneOf(kind, ADMITTED), at, expiresAt: whole(time, at + 1) };
}

/** Reads the reply of `beat.lua`. */
export function readBeat(reply: unknown): BeatReply {
  const [now, kind, what] = exactly(3, wordsOf(reply));
  const at = whole(now);
  if (kind === "held") return { kind, at, expiresAt: whole(what, at + 1) };
  return { kind: oneOf(kind, ["gone"]), at, reason: oneOf(what, REASONS) };
}

/** Reads the reply of `release.lua`. */
export function readRelease(reply: unknown): ReleaseReply {
  const [now, kind] = exactly(2, wordsOf(reply));
  return { kind: oneOf(kind, ["leaving", "left", "ignored"]), at: whole(now) };
}

/** Reads the reply of `evict.lua`. */
export function readEvict(reply: unknown): EvictReply {
  const [now, kind] = exactly(2, wordsOf(reply));
  return { kind: oneOf(kind, ["evicted", "unknown"]), at: whole(now) };
}

/** Reads the reply of `list.lua`. */
export function readList(reply: unknown): SeatList {
  const [line, ...lists] = exactly(4, Array.isArray(reply) ? reply : bad());
  const [now, occupied] = exactly(2, wordsOf(line));
  const at = whole(now);
  const [standing, leaving, info] = lists.map(pairs) as [Pair[], Pair[], Pair[]];
  const facts = exactly(standing.length + leaving.length, info).map(readFacts).values();
  const seats = [
    ...standing.map(([session, expiresAt]): Seat => ({
      state: "standing",
      session: id(session),
      ...facts.next().value!,
      expiresAt: whole(expiresAt, at + 1),
    })),
    ...leaving.map(([session, leftAt]): Seat => ({
      state: "leaving",
      session: id(session),
      ...facts.next().value!,
      leftAt: whole(leftAt, 0, at),
    })),
  ];
  return { at, occupied: whole(occupied), seats };
}

function readFacts(
  [facts, note]: Pair,
): { viewer: string; since: number; note?: string } {
  const [since, viewer] = exactly(2, facts.split(" "));
  const seat = { viewer: id(viewer), since: whole(since) };
  if (note === "") return seat;
  return note.startsWith("=") ? { ...seat, note: note.slice(1) } : bad();
}

function wordsOf(line: unknown): readonly string[] {
  return text(line).split(" ");
}

function pairs(flat: unknown): Pair[] {
  if (!Array.isArray(flat) || flat.length % 2 !== 0) return bad();
  const texts = flat.map(text);
  return Array.from({ length: texts.length / 2 }, (_, i) => [texts[2 * i]!, texts[2 * i + 1]!]);
}

function exactly<T>(count: number, all: readonly T[]): readonly T[] {
  return all.length === count ? all : bad();
}

function text(value: unknown): string {
  return typeof value === "string" ? value : bad();
}

function id(word: string | undefined): string {
  return word !== undefined && isId(word) ? word : bad();
}

function oneOf<const T extends string>(word: string | undefined, allowed: readonly T[]): T {
  return allowed.find((each) => each === word) ?? bad();
}

function whole(digits: string | undefined, least = 0, most = Number.MAX_SAFE_INTEGER): number {
  const value = /^\d+$/.test(digits ?? "") ? Number(digits) : NaN;
  return value >= least && value <= most ? value : bad();
}

function bad(): never {
  throw new BadReplyError();
}
