/**
 * Stream requests from the question to the answer. Every exit, good or bad, leaves by one
 * function over one table.
 *
 * @module
 */

import type { Awaitable, Count, Log, Now, Repeat, Source } from "../ports.ts";
import { logBug } from "../http/bug.ts";
import { OPEN_CORS } from "../http/cors.ts";
import { json, repeatAnew } from "../http/respond.ts";
import type { Resource } from "../http/route.ts";
import { attempt } from "../reliability/awaitable.ts";
import { type Cause, degraded } from "./degraded.ts";
import type { Asker, Board, Boarded, Landing } from "./flight.ts";
import { createOpening, type OpenHours, opensAt } from "./hours.ts";
import type { Lookup } from "./lookup.ts";
import { isEpisode } from "./manifest.ts";
import { type ListedSource, streamRows } from "./stream.ts";

/** Turns what the broker gave into rows that lead through `/play`. */
export type ListRows = (
  sources: readonly Source[],
  asked: { viewer: string; episode: string },
) => Promise<readonly ListedSource[]>;

/** What stream requests need. */
export type DeskDeps = {
  board: Board;
  /**
   * How rows are listed where a seat is taken when the player opens the stream, and whether the
   * broker is asked only then; nothing where the seat is taken when streams are asked for.
   */
  listing: { list: ListRows; resolvesAtPlay: boolean } | undefined;
  lookup: Lookup;
  /** Whether the broker may have streams for an episode of this addon. */
  hasStreams: (episode: string) => boolean;
  notice: "video" | "empty";
  openHours: OpenHours | undefined;
  /** @default repeatAnew */
  repeat?: Repeat;
  /** Wall clock, in milliseconds since 1970. */
  now: Now;
  monotonic: Now;
  log: Log;
  count: Count;
};

/** One stream request. */
export type StreamAsk = Resource & { viewer: string; origin: string };

/** An episode is kept as a seat's note, and a note has at most so many bytes. */
const EPISODE_BYTES = 256;
const HEADERS = {
  ...OPEN_CORS,
  "content-type": "application/json; charset=utf-8",
  "cache-control": "private, no-store",
};

/** The headers of a stream answer, for HEAD: it takes no seat. */
export function streamHead(): Response {
  return new Response(null, { headers: HEADERS });
}

/** Makes the function that answers stream requests. */
export function createDesk(deps: DeskDeps): (ask: StreamAsk, from: Asker) => Awaitable<Response> {
  const { board, listing, lookup, openHours, repeat = repeatAnew, monotonic, count, log } = deps;
  const opening = openHours && createOpening(openHours);
  const { id, name } = lookup.definition.manifest;
  const prepared = new WeakMap<readonly Source[], { origin: string; whole: () => Response }>();

  return function answer(ask, from) {
    const started = monotonic();
    const decided = attempt(() => decide(ask, from), bugged);
    // To read the clock again for what was decided at once takes longer than most of deciding it.
    if (!(decided instanceof Promise)) return leave(ask, decided, 0);
    return decided.then((boarded) => leave(ask, boarded, monotonic() - started));
  };

  /** The one exit; what leaves is told to the operator. */
  function leave(ask: StreamAsk, boarded: Boarded, tookMs: number): Response {
    const { landing, coalesced } = boarded;
    const ms = Math.round(tookMs);
    const outcome = landing === "gone"
      ? landing
      : landing.kind === "streams"
      ? "stream"
      : landing.cause;
    const verdict = landing === "gone" ? undefined : landing.verdict;
    const { viewer, origin } = ask;
    // What is no episode of ours may be any text, and the log tells none of those.
    const episode = boarded === FOREIGN ? undefined : ask.id;
    log("info", "stream", { cause: outcome, verdict, viewer, episode, ms, coalesced });
    return respond(landing, origin);
  }

  function decide(ask: StreamAsk, from: Asker): Awaitable<Boarded> {
    if (!isServed(ask)) return FOREIGN;
    const hours = opening?.(deps.now());
    if (hours?.open === false) return turnedAway("closed", hours.retryAfterMs);
    return listing === undefined ? seated(ask, from) : listed(ask, from);
  }

  function bugged(bug: unknown): Boarded {
    logBug(log, bug);
    return turnedAway("internal");
  }

  function seated({ viewer, id: episode }: StreamAsk, from: Asker): Awaitable<Boarded> {
    const seat = { session: viewer, viewer, note: episode };
    return board({ asker: viewer, episode, seat }, from);
  }

  async function listed({ viewer, id: episode }: StreamAsk, from: Asker): Promise<Boarded> {
    const { list, resolvesAtPlay } = listing!;
    const unresolved = resolvesAtPlay ? { sources: UNRESOLVED } : {};
    const { landing, coalesced } = await board({ asker: viewer, episode, ...unresolved }, from);
    if (landing === "gone" || landing.kind !== "streams") return { landing, coalesced };
    const sources = await list(landing.sources, { viewer, episode });
    return { landing: { ...landing, sources }, coalesced };
  }

  function isServed(ask: StreamAsk): boolean {
    return isEpisode(lookup, ask) && deps.hasStreams(ask.id) &&
      // UTF-8 takes at most three bytes for each of UTF-16's units.
      (3 * ask.id.length <= EPISODE_BYTES ||
        new TextEncoder().encode(ask.id).byteLength <= EPISODE_BYTES);
  }

  /** A list that is given again, as the embedded broker does, is shaped once per origin. */
  function streams(sources: readonly Source[], origin: string): Response {
    const known = prepared.get(sources);
    if (known?.origin === origin) return known.whole();
    const text = JSON.stringify({ streams: streamRows(sources, { id, name, origin }) });
    const whole = repeat(text, HEADERS);
    prepared.set(sources, { origin, whole });
    return whole();
  }

  /** A client that has gone reads nothing, and is answered like one superseded. */
  function respond(landing: Landing | "gone", origin: string): Response {
    if (landing !== "gone" && landing.kind === "streams") {
      count("streams");
      return streams(landing.sources, origin);
    }
    const { cause, retryAfterMs } = landing === "gone" ? SUPERSEDED : landing;
    count("degraded", landing === "gone" ? "gone" : cause);
    const { body, cacheControl } = degraded({
      cause,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(cause === "closed" && openHours ? { opensAt: opensAt(openHours) } : {}),
      notice: deps.notice,
      origin,
    });
    return json(body, { cacheControl });
  }
}

/** The one row that stands for whatever the broker will say when the player opens it. */
const UNRESOLVED: readonly Source[] = [{ url: "/video.mp4" }];
const SUPERSEDED: { cause: Cause; retryAfterMs?: number } = { cause: "superseded" };

function turnedAway(cause: Cause, retryAfterMs?: number): Boarded {
  const landing: Landing = { kind: "degraded", cause };
  if (retryAfterMs !== undefined) landing.retryAfterMs = retryAfterMs;
  return { landing, coalesced: false };
}

const FOREIGN = turnedAway("not_found");
