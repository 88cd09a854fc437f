/**
 * Every way out of the process, as function types: whoever runs Weir hands these in, and
 * nothing in `src/` outside `src/entry/` reaches for the clock, chance, the network or the
 * environment by itself.
 *
 * @module
 */

/** A value now or later: what cannot wait answers at once, and costs no promise. */
export type Awaitable<T> = T | Promise<T>;

/** Milliseconds from some fixed instant. */
export type Now = () => number;

/** A number in `[0, 1)`, as `Math.random` gives it. */
export type Random = () => number;

/** `fetch`, as much of it as Weir calls. */
export type Fetch = (request: Request, init?: { signal?: AbortSignal }) => Promise<Response>;

/** Reads a body, piece by piece; gives no value at its end. */
export type BodyReader = {
  /** What it gave before may be gone from then on. */
  read(): Promise<{ value?: Uint8Array | undefined }>;
  /** Lets the body go. */
  cancel(): Promise<void>;
};

/** Opens a body to be read. */
export type OpenReader = (body: ReadableStream<Uint8Array>) => BodyReader;

/**
 * Makes an answer that is given many times, of its text and headers: what it gives makes one more
 * with each call. Which way costs least is the runtime's to know.
 */
export type Repeat = (
  text: string,
  headers: Readonly<Record<string, string>>,
) => () => Response;

/** The address at the other end of a connection, as the runtime tells it. */
export type Peer = {
  /** An IPv4 or IPv6 address without port; empty where there is none (a Unix socket). */
  readonly address: string;
};

/** How loud a log line is. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/**
 * Takes one line for the operator: an event name in the field's words and flat facts beside it.
 * Never an address, a token or a URL.
 */
export type Log = (
  level: LogLevel,
  event: string,
  facts?: Readonly<Record<string, string | number | boolean | undefined>>,
) => void;

/** One playable stream of an episode, as a broker gives it. */
export type Source = {
  /** Absolute http(s) URL of the video. */
  url: string;
  /** The row's first line; short. */
  name?: string;
  /** The row's further lines. */
  description?: string;
  /** File name with extension; players find subtitles by it. */
  filename?: string;
  /** Size in bytes, a whole number. */
  videoSize?: number;
  /** Length in seconds. */
  runtimeSec?: number;
  /** Request headers that the source wants. */
  headers?: Readonly<Record<string, string>>;
};

/**
 * Asks the broker for an episode's streams. Throws `StatusError` where the broker answered with
 * an HTTP status that is no success (404: it knows no such episode), `BadReplyError` where it
 * answered nonsense, and whatever the network throws otherwise.
 */
export type Resolve = (episode: string, signal: AbortSignal) => Awaitable<readonly Source[]>;

/** What an admission asks for. Ids are `[A-Za-z0-9_-]{1,64}`. */
export type AdmitAsk = {
  /** The session that wants a seat. */
  session: string;
  /** Whose session it is. */
  viewer: string;
  /** How long the seat is held, in milliseconds; only read where rotation is off.
   * @default inactivityMs of the pool */
  holdMs?: number;
  /** An opaque text of at most 256 bytes, shown by `list`; kept as it was where absent. */
  note?: string;
};

/** What a beat asks for. */
export type BeatAsk = {
  /** The session that shows that it is still there. */
  session: string;
  /** As in {@linkcode AdmitAsk}. */
  holdMs?: number;
};

/** What a release asks for. */
export type ReleaseAsk = {
  /** The session whose seat is given back. */
  session: string;
  /** The `expiresAt` last seen of it; a session seen again since then is left alone. */
  expiresAt: number;
  /** Whether the seat waits `graceMs` for its viewer, or is free at once. */
  grace: boolean;
};

/**
 * What the gate decided. `at` is the time that the gate used, `expiresAt` when the seat lapses,
 * both in milliseconds of the gate's own clock.
 */
export type Verdict =
  | { kind: "continued" | "reconnected" | "new"; at: number; expiresAt: number }
  | { kind: "rotated"; at: number; expiresAt: number; out: { session: string; viewer: string } }
  | { kind: "blocked"; at: number; cause: "capacity"; retryAfterMs: number };

/** Why a session is gone; `unknown` where the gate never knew or no longer remembers. */
export type GoneReason = "rotated" | "evicted" | "expired" | "left" | "unknown";

/** What a beat is answered. */
export type BeatReply =
  | { kind: "held"; at: number; expiresAt: number }
  | { kind: "gone"; at: number; reason: GoneReason };

/** What a release did: began the grace, freed the seat, or left everything alone. */
export type ReleaseReply = { kind: "leaving" | "left" | "ignored"; at: number };

/** What an eviction did. */
export type EvictReply = { kind: "evicted" | "unknown"; at: number };

/** One occupied seat, as `list` shows it; times in milliseconds of the gate's clock. */
export type Seat =
  & { session: string; viewer: string; since: number; note?: string }
  & ({ state: "standing"; expiresAt: number } | { state: "leaving"; leftAt: number });

/** What a list is asked for. */
export type ListAsk = {
  /** Above so many occupied seats they are only counted.
   * @default Infinity */
  most?: number;
};

/**
 * The occupied seats of a pool: how many, and each of them unless there are more than was asked
 * for; those standing first, each group in the order of its times.
 */
export type SeatList = { at: number; occupied: number; seats: Seat[] };

/**
 * The plain functions that decide atomically who holds a seat. An implementation that has to
 * ask over the network stops at `signal` and throws as {@linkcode Resolve} does; the memory gate
 * answers at once.
 */
export type Gate = {
  /** Asks for a seat. */
  admit(ask: AdmitAsk, signal?: AbortSignal): Awaitable<Verdict>;
  /** Shows that a session is still there. Never takes a seat. */
  beat(ask: BeatAsk, signal?: AbortSignal): Awaitable<BeatReply>;
  /** Gives a seat back. */
  release(ask: ReleaseAsk, signal?: AbortSignal): Awaitable<ReleaseReply>;
  /** Takes a seat away, for the operator. */
  evict(ask: { session: string }, signal?: AbortSignal): Awaitable<EvictReply>;
  /** Shows who holds the seats. */
  list(ask?: ListAsk, signal?: AbortSignal): Awaitable<SeatList>;
};

/** A dependency answered with an HTTP status that is no success. */
export class StatusError extends Error {
  /** Tells its kind where `instanceof` cannot. */
  override readonly name = "StatusError";

  /**
   * Keeps the status.
   *
   * @param retryAfterMs what its `Retry-After` asked for, in milliseconds
   */
  constructor(readonly status: number, readonly retryAfterMs?: number) {
    super(`answered ${status}`);
  }
}

/** A dependency answered something that cannot be understood. */
export class BadReplyError extends Error {
  /** Tells its kind where `instanceof` cannot. */
  override readonly name = "BadReplyError";

  /**
   * Keeps nothing of the answer but its code.
   *
   * @param code Redis' own word for what it refused, as `OOM` or `NOAUTH`
   */
  constructor(readonly code?: string) {
    super("answered nonsense");
  }
}

/** The bounds of one dependency's calls, in whole milliseconds. */
export type Bounds = {
  /** An attempt runs so long at most, from sending to the parsed body. */
  attemptTimeoutMs: number;
  /** All attempts and the pause between them take so long at most. */
  totalTimeoutMs: number;
  /** The pause before the retry is drawn from 0 to this. */
  retryJitterMs: number;
  /** How many attempts there may be.
   * @default 2 */
  attempts?: 1 | 2;
};

/** Why a bounded call came to nothing. */
export type Failure =
  | { kind: "timeout" | "cancelled" | "network" }
  | { kind: "bad_reply"; code?: string }
  | { kind: "status"; status: number; retryAfterMs?: number };

/** What a bounded call came to. */
export type Outcome<T> =
  | { ok: true; value: T; attempts: number }
  | { ok: false; failure: Failure; attempts: number };

/** One attempt, as the operation sees it: it stops at `signal`. */
export type Attempt = { signal: AbortSignal; number: 1 | 2 };

/** Runs one dependency call inside its bounds; an expected failure is an outcome, not a throw. */
export type Execute = <T>(
  operation: (attempt: Attempt) => Awaitable<T>,
  bounds: Bounds,
  signal?: AbortSignal,
) => Promise<Outcome<T>>;

/** A signal that aborts after so many milliseconds: `AbortSignal.timeout`, or a test's clock. */
export type Timeout = (ms: number) => AbortSignal;

/** Lets everything else that waits have its turn, where one piece of work is long. */
export type Turn = () => Promise<void>;

/** What is counted for the operator's metrics, with the label that tells its kinds apart. */
export type Count = (
  metric:
    | "verdicts"
    | "degraded"
    | "attempts"
    | "retries"
    | "coalesced"
    | "ungated"
    | "streams",
  label?: string,
  by?: number,
) => void;
