/**
 * The places that a play is read from: its row's own URL, and those of its parts.
 *
 * @module
 */

import type { Source } from "../ports.ts";
import { failureOf } from "../reliability/execute.ts";
import type { Told } from "../reliability/failure_log.ts";
import type { PlayAsk } from "./opening.ts";
import { isOver, type Patience, within } from "./patience.ts";
import { findRow } from "./row.ts";
import { type AskSource, type SourceAnswer, SourceRefusedError } from "./source.ts";

/** A request for a play's bytes, and how long it waits for them to begin. */
export type ServeAsk = PlayAsk & { patience: Patience };

/** See the module. */
export type Place = {
  url: string;
  /** The URL that the row's headers are meant for. */
  home: string;
  headers: Readonly<Record<string, string>>;
  row: number;
};

/** Asks a place; `undefined` where it does not answer in time, breaks off or may not be asked. */
export type AskPlace = (
  place: Place,
  ask: ServeAsk,
  wanted: Readonly<Record<string, string>>,
) => Promise<SourceAnswer | undefined>;

/** What asking places needs. */
export type AskPlaceDeps = {
  askSource: AskSource;
  /** Files of our own, by their paths. */
  askOwn: (request: Request, path: string) => Promise<Response | undefined>;
};

/** The place that a ticket names. */
export function placeOf({ ticket }: PlayAsk, sources: readonly Source[]): Place | undefined {
  const found = findRow(sources, ticket.row);
  if (found === undefined) return undefined;
  const { source, index } = found;
  return {
    url: ticket.part ?? source.url,
    home: source.url,
    headers: source.headers ?? {},
    row: index,
  };
}

/** Makes the function that asks places; `tell` is told why a source does not answer. */
export function createAskPlace(
  { askSource, askOwn }: AskPlaceDeps,
  tell: (failure: Told) => void,
): AskPlace {
  return async function askPlace({ url, home, headers }, ask, wanted) {
    const method = ask.request.method === "HEAD" ? "HEAD" : "GET";
    if (url.startsWith("/")) {
      const own = new Request(ask.origin + url, { method, headers: wanted });
      const response = await askOwn(own, url);
      return response && { response, url: own.url };
    }
    const bound = home.startsWith("/") ? {} : { home };
    return await attempt(
      ask,
      (signal) => askSource({ url, ...bound, method, headers, wanted }, signal),
      tell,
    );
  };
}

/** Whatever keeps a source from answering is one row of the table; why, the operator is told. */
export async function attempt<T>(
  { patience, request }: ServeAsk,
  run: (signal: AbortSignal) => Promise<T>,
  tell: (failure: Told) => void,
): Promise<T | undefined> {
  let failure: Told = { kind: "timeout" };
  const done = await within(patience, async (signal) => {
    try {
      return await run(signal);
    } catch (error) {
      if (!isOver(patience)) failure = toldOf(error);
      return undefined;
    }
  });
  // Who has gone waits for nothing any more.
  if (done === undefined && !request.signal.aborted) tell(failure);
  return done;
}

function toldOf(error: unknown): Told {
  return error instanceof SourceRefusedError ? { kind: "refused" } : failureOf(error);
}
