/**
 * One play that runs here: its connections, its beats, and its end.
 *
 * @module
 */

import type { Gate, Log, Now, Source } from "../ports.ts";
import { logBug } from "../http/bug.ts";
import type { Call } from "../reliability/call.ts";
import type { Connection } from "./carry.ts";

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
  /** Its seat was given or seen. */
  seen(expiresAt: number): void;
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
export type PlayDeps = {
  gate: Gate;
  call: Call;
  /** Bytes that flow are told to the gate at most so often. */
  beatMs: number;
  /** A play goes on for so long while the gate cannot be asked. */
  gateOutagePlayMs: number;
  /** What the broker gave is kept for so long. */
  playCacheMs: number;
  monotonic: Now;
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
  const { gate, call, monotonic } = deps;
  const session = named.id;
  const connections = new Map<Connection, number>();
  let expiresAt: number | undefined;
  let trustedAt = -Infinity;
  let beatAt = -Infinity;
  let asking: Promise<boolean> | undefined;
  let outageSince: number | undefined;
  let releasing: Promise<unknown> | undefined;
  let openings = 0;
  let pieces = false;
  let left = false;
  let bytes = 0;
  let beats = 0;
  let flowedAt = monotonic();
  let rate = { at: monotonic(), bytes: 0, perSec: 0 };

  function seen(until: number): void {
    expiresAt = until;
    trustedAt = beatAt = monotonic();
    outageSince = undefined;
  }

  function end(): void {
    // What connects now in spite of it asks the gate with its first bytes.
    trustedAt = beatAt = -Infinity;
    expiresAt = undefined;
    for (const connection of [...connections.keys()]) connection.end();
  }

  /** What nobody waits for is a bug where it fails. */
  function aside(work: Promise<void>): void {
    work.catch((bug) => logBug(deps.log, bug));
  }

  async function beat(): Promise<void> {
    beatAt = monotonic();
    if (!await ask()) end();
  }

  /** Asks the gate, once for all who want to know, and tells whether the play may go on. */
  function ask(): Promise<boolean> {
    return asking ??= askGate().finally(() => asking = undefined);
  }

  async function askGate(): Promise<boolean> {
    const beaten = await call("gate", (signal) => gate.beat({ session }, signal));
    if (!beaten.ok) return bearsOutage();
    if (beaten.value.kind === "held") {
      beats += 1;
      seen(beaten.value.expiresAt);
      return true;
    }
    // Nobody took the seat away: it was left in between, or Redis has lost its memory.
    const { reason } = beaten.value;
    if (reason !== "left" && reason !== "unknown") return false;
    const { viewer, note } = named;
    const admitted = await call("gate", (signal) => gate.admit({ session, viewer, note }, signal));
    if (!admitted.ok) return bearsOutage();
    if (admitted.value.kind === "blocked") return false;
    seen(admitted.value.expiresAt);
    return true;
  }

  function bearsOutage(): boolean {
    const now = monotonic();
    outageSince ??= now;
    const bears = now - outageSince < deps.gateOutagePlayMs;
    if (bears && expiresAt !== undefined) trustedAt = now;
    return bears;
  }

  async function release(grace: boolean): Promise<void> {
    if (expiresAt === undefined) return;
    const given = { session, expiresAt, grace };
    expiresAt = undefined;
    trustedAt = -Infinity;
    const released = call("gate", (signal) => gate.release(given, signal), { attempts: 1 });
    // Whoever waits for it goes on, however it ends.
    releasing = released.catch(() => {});
    try {
      await released;
    } finally {
      releasing = undefined;
    }
  }

  function releaseWhereOver(): void {
    if (connections.size === 0 && openings === 0 && !pieces) aside(release(true));
  }

  const play: Running = {
    ...named,
    resolved: undefined,
    seen,
    end,
    isSeated: () => expiresAt !== undefined,
    holds: () => releasing === undefined && monotonic() - trustedAt < deps.beatMs,
    async begin() {
      openings += 1;
      await releasing;
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
      if (asking === undefined && flowedAt - beatAt >= deps.beatMs) aside(beat());
    },
    inPieces() {
      pieces = true;
    },
    readmit: ask,
    giveBack: async () => {
      if (connections.size === 0 && openings === 1) await release(false);
    },
    sweep(now) {
      const sinceMs = Math.max(1, now - rate.at);
      rate = { at: now, bytes, perSec: Math.round((bytes - rate.bytes) * 1000 / sinceMs) };
      for (const connection of [...connections.keys()]) connection.tend(now);
      // What flowed since the last beat is told when the next is due, also where nothing follows.
      const untold = expiresAt !== undefined && flowedAt > beatAt;
      if (untold && asking === undefined && now - beatAt >= deps.beatMs) aside(beat());
      if (connections.size > 0 || openings > 0) return false;
      if (!pieces || now - flowedAt >= PIECE_GAP_MS) aside(release(true));
      // What came to nothing need not be kept: anybody can make such plays, as fast as they like.
      const keepMs = play.resolved === undefined ? 0 : Math.max(deps.playCacheMs, PIECE_GAP_MS);
      return expiresAt === undefined && releasing === undefined && now - flowedAt >= keepMs;
    },
    async leave() {
      if (!pieces) return;
      pieces = false;
      left = true;
      releaseWhereOver();
      await releasing;
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
      beats,
      connections: connections.size,
      idleSec: Math.floor((monotonic() - flowedAt) / 1000),
    }),
  };
  return play;
}
