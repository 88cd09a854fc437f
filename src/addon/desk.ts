/**
 * Stream requests from the question to the answer. Every exit, good or bad, leaves by one
 * function over one table.
 *
 * @module
 */

import { BadReplyError, type Count, type Log, type Now, type Resolve } from "../ports.ts";
import { json, OPEN_CORS } from "../http/respond.ts";
import type { Resource } from "../http/route.ts";
import { isHttpUrl, isOwnPath } from "../http/url.ts";
import { type Cause, degraded } from "./degraded.ts";
import { createBoarding, type FlightDeps, type Landing } from "./flight.ts";
import { createOpening, type OpenHours, opensAt } from "./hours.ts";
import type { Lookup } from "./lookup.ts";
import { isEpisode } from "./manifest.ts";
import { streamRows } from "./stream.ts";

/** What stream requests need. */
export type DeskDeps = FlightDeps & {
  lookup: Lookup;
  /** Whether the broker may have streams for an episode of this addon. */
  hasStreams: (episode: string) => boolean;
  notice: "video" | "empty";
  openHours: OpenHours | undefined;
  /** Wall clock, in milliseconds since 1970. */
  now: Now;
  log: Log;
  count: Count;
};

/** One stream request. */
export type StreamAsk = Resource & { viewer: string; origin: string };

/** An episode is kept as a seat's note, and a note has at most so many bytes. */
const EPISODE_BYTES = 256;
const PRIVATE = "private, no-store";

/** The headers of a stream answer, for HEAD: it takes no seat. */
export function streamHead(): Response {
  const headers = {
    ...OPEN_CORS,
    "content-type": "application/json; charset=utf-8",
    "cache-control": PRIVATE,
  };
  return new Response(null, { headers });
}

/** Makes the function that answers stream requests; `gone` aborts where the client goes away. */
export function createDesk(
  deps: DeskDeps,
): (ask: StreamAsk, gone: AbortSignal) => Promise<Response> {
  const { lookup, openHours, monotonic, count, log } = deps;
  const board = createBoarding({ ...deps, resolve: playable(deps.resolve) });
  const opening = openHours && createOpening(openHours);
  const { id, name } = lookup.definition.manifest;

  return async function answer(ask, gone) {
    const started = monotonic();
    const { landing, coalesced } = await decide(ask, gone);
    const ms = Math.round(monotonic() - started);
    const outcome = landing === "gone"
      ? landing
      : landing.kind === "streams"
      ? "stream"
      : landing.cause;
    const verdict = landing === "gone" ? undefined : landing.verdict;
    const { viewer, id: episode, origin } = ask;
    log("info", "stream", { cause: outcome, verdict, viewer, episode, ms, coalesced });
    return leave(landing, origin);
  };

  async function decide(
    ask: StreamAsk,
    gone: AbortSignal,
  ): Promise<{ landing: Landing | "gone"; coalesced: boolean }> {
    try {
      if (!isServed(ask)) return turnedAway("not_found");
      const hours = opening?.(deps.now());
      if (hours?.open === false) return turnedAway("closed", hours.retryAfterMs);
      return await board({ viewer: ask.viewer, episode: ask.id }, gone);
    } catch (bug) {
      log("error", "bug", { name: bug instanceof Error ? bug.name : typeof bug });
      return turnedAway("internal");
    }
  }

  function isServed(ask: StreamAsk): boolean {
    return isEpisode(lookup, ask) && deps.hasStreams(ask.id) &&
      new TextEncoder().encode(ask.id).byteLength <= EPISODE_BYTES;
  }

  /** The one exit. A client that has gone reads nothing, and is answered like one superseded. */
  function leave(landing: Landing | "gone", origin: string): Response {
    if (landing !== "gone" && landing.kind === "streams") {
      count("streams");
      return json({ streams: streamRows(landing.sources, { id, name, origin }) }, {
        cacheControl: PRIVATE,
      });
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

/** Whoever resolves, only rows that can be shaped count as streams. */
function playable(resolve: Resolve): Resolve {
  return async (episode, signal) => {
    const sources = await resolve(episode, signal);
    const rows = sources.filter(({ url }) => isHttpUrl(url) || isOwnPath(url));
    if (rows.length === 0) throw new BadReplyError();
    return rows;
  };
}

const SUPERSEDED: { cause: Cause; retryAfterMs?: number } = { cause: "superseded" };

function turnedAway(
  cause: Cause,
  retryAfterMs?: number,
): { landing: Landing; coalesced: false } {
  const landing: Landing = { kind: "degraded", cause };
  if (retryAfterMs !== undefined) landing.retryAfterMs = retryAfterMs;
  return { landing, coalesced: false };
}
