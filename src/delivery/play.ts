/**
 * One play that runs here: its connections, and what their bytes say of it.
 *
 * @module
 */

import type { Log, Source } from "../ports.ts";
import { logBug } from "../http/bug.ts";
import type { Connection } from "./carry.ts";
import { createHold, type HoldDeps } from "./hold.ts";

/** A play as the operator sees it, where it runs. */
export type PlayView = {
  /** Carried since it began to run here. */
  readonly bytes: number;
  /** Carried in the last second or so. */
  readonly bytesPerSec: number;
  /** Beats that the gate has taken. */
  readonly beats: number;
  /** Players' connections that are open. */
  readonly connections: number;
  /** How long no bytes have flowed. */
  readonly idleSec: number;
};

/** One play that runs here. */
export type Play = {
  /** Its id, which is its session's. */
  readonly id: string;
  readonly viewer: string;
  /** What its seat says of it. */
  readonly note: string;
  /** What the broker gave for it, and when. */
  resolved: { sources: readonly Source[]; at: number } | undefined;
  /** Whether it has a seat, as far as is known here. */
  isSeated(): boolean;
  /** Whether the gate was asked lately enough to open it once more without. */
  holds(): boolean;
  /**
   * Begins an opening: until the function it gives is called, no connection does not mean that the
   * play is over. Waits for a release that is under way.
   */
  begin(): Promise<() => void>;
  /** Its seat was seen; `taken` where it was given here and now. */
  seen(expiresAt: number, taken: boolean): void;
  /** It was opened without a seat, for the gate could not be asked. */
  ungated(): void;
  /** A player has connected to one of its rows; those of another row end. */
  connect(connection: Connection, row: number): void;
  /** A connection is over. */
  disconnect(connection: Connection): void;
  /** Bytes have come. */
  flowed(bytes: number): void;
  /** It is read in pieces, so that no connection at the moment does not mean that it is over. */
  inPieces(): void;
  /** Whether it still has its seat, asked of the gate, or may go on while that cannot be asked. */
  readmit(): Promise<boolean>;
  /** Gives back, at once, a seat that an opening took for nothing, unless others still open. */
  giveBack(): Promise<void>;
};

/** What of a play only those look after who keep it. */
export type Running = Play & {
  /** The device that asked for it last. */
  device: string;
  /** Looks after it, once in a while; tells whether it may be forgotten. */
  sweep(now: number): boolean;
  /** Ends its connections: it has lost its seat. */
  end(): void;
  /**
   * Its device has turned to another play: where it is read in pieces, it is over with its last
   * connection. Waits for a release that follows.
   */
  leave(): Promise<void>;
  /** Its device asks for it; tells whether that had turned to another play. */
  comesBack(): boolean;
  view(): PlayView;
};

/** What a play needs. */
export type PlayDeps = HoldDeps & {
  /** What the broker gave is kept for so long. */
  playCacheMs: number;
  log: Log;
};

/** What a play is from its first request on. */
export type NamedPlay = { id: string; viewer: string; note: string; device: string };

/** Players open several connections at once, and forget some. */
const MOST_CONNECTIONS = 8;
/** A play in pieces is over when no piece has come for so long. */
const PIECE_GAP_MS = 30_000;

/** Makes a play that has nothing yet. */
export function createPlay(named: NamedPlay, deps: PlayDeps): Running {
  const { monotonic } = deps;
  const { id: session, viewer, note } = named;
  const hold = createHold({ session, viewer, note }, deps);
  const connections = new Map<Connection, number>();
  let openings = 0;
  let pieces = false;
  let left = false;
  let bytes = 0;
  let flowedAt = monotonic();
  let rate = { at: monotonic(), bytes: 0, perSec: 0 };

  function end(): void {
    hold.lose();
    for (const connection of [...connections.keys()]) connection.end();
  }

  /** What nobody waits for is a bug where it fails. */
  function aside(work: Promise<void>): void {
    work.catch((bug) => logBug(deps.log, bug));
  }

  async function beat(): Promise<void> {
    if (!await hold.ask()) end();
  }

  function isRead(): boolean {
    return connections.size > 0 || openings > 0;
  }

  /**
   * Whether a player may read on although none does here: in pieces, or through another process, which
   * would have told the gate of it by then.
   */
  function mayGoOn(): boolean {
    const gapMs = hold.isOwn() ? PIECE_GAP_MS : Math.max(PIECE_GAP_MS, 2 * deps.beatMs);
    const quietMs = Math.min(monotonic() - flowedAt, hold.seenAgoMs());
    return !left && (pieces || !hold.isOwn()) && quietMs < gapMs;
  }

  function releaseWhereOver(): void {
    if (!isRead() && !mayGoOn()) aside(hold.release(true));
  }

  const play: Running = {
    ...named,
    resolved: undefined,
    seen: hold.seen,
    ungated: hold.ungated,
    end,
    isSeated: hold.isSeated,
    holds: hold.isTrusted,
    async begin() {
      openings += 1;
      await hold.released();
      return function done() {
        openings -= 1;
        releaseWhereOver();
      };
    },
    connect(connection, row) {
      connections.set(connection, row);
      for (const [other, otherRow] of [...connections]) if (otherRow !== row) other.end();
      if (connections.size > MOST_CONNECTIONS) connections.keys().next().value!.end();
    },
    disconnect(connection) {
      connections.delete(connection);
      releaseWhereOver();
    },
    flowed(count) {
      bytes += count;
      flowedAt = monotonic();
      if (hold.isDue(flowedAt)) aside(beat());
    },
    inPieces() {
      pieces = true;
    },
    readmit: hold.ask,
    giveBack: async () => {
      if (connections.size === 0 && openings === 1) await hold.release(false);
    },
    sweep(now) {
      const sinceMs = Math.max(1, now - rate.at);
      rate = { at: now, bytes, perSec: Math.round((bytes - rate.bytes) * 1000 / sinceMs) };
      // No more streams than seats: a player that rests for so long opens the play again.
      if (hold.isLapsed()) end();
      for (const connection of [...connections.keys()]) connection.tend(now);
      // What flowed since the last beat is told when the next is due, also where nothing follows.
      if (hold.isSeated() && hold.isDue(flowedAt)) aside(beat());
      if (isRead()) return false;
      releaseWhereOver();
      // What came to nothing need not be kept: anybody can make such plays, as fast as they like.
      const keepMs = play.resolved === undefined ? 0 : Math.max(deps.playCacheMs, PIECE_GAP_MS);
      return hold.isOver() && now - flowedAt >= keepMs;
    },
    async leave() {
      if (!pieces) return;
      pieces = false;
      left = true;
      releaseWhereOver();
      await hold.released();
    },
    comesBack() {
      const back = left;
      pieces ||= left;
      left = false;
      return back;
    },
    view: () => ({
      bytes,
      bytesPerSec: rate.perSec,
      beats: hold.beats(),
      connections: connections.size,
      idleSec: Math.floor((monotonic() - flowedAt) / 1000),
    }),
  };
  return play;
}
