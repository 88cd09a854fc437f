/**
 * Answers with a source's bytes.
 *
 * @module
 */

import type { Now, Source, Timeout, Turn } from "../ports.ts";
import { discard, readText } from "../upstream/reply.ts";
import { carry, type CarryOptions } from "./carry.ts";
import { isPlaylist, PLAYLIST_MARK } from "./hls.ts";
import type { PlayAsk } from "./opening.ts";
import { firstByte, mayLeak, PLAY_HEADERS, strongValidator, toldOf, wantedOf } from "./passage.ts";
import { type Patience, within } from "./patience.ts";
import { createPlaylists, MAX_PLAYLIST_BYTES } from "./playlist.ts";
import type { Play } from "./plays.ts";
import { promise } from "./redirect.ts";
import { findRow } from "./row.ts";
import type { AskSource, SourceAnswer } from "./source.ts";
import type { Tickets } from "./ticket.ts";

/** A request for a play's bytes, and how long it waits for them to begin. */
export type ServeAsk = PlayAsk & { patience: Patience };

/** Serves a play's bytes; `undefined` where its source does not give them in time. */
export type Serve = (
  ask: ServeAsk,
  play: Play,
  sources: readonly Source[],
) => Promise<Response | undefined>;

/** What serving needs. */
export type ServeDeps = {
  askSource: AskSource;
  /** Files of our own, by their paths. */
  askOwn: (request: Request, path: string) => Promise<Response | undefined>;
  tickets: Tickets;
  /** A source that gives nothing for so long is broken off. */
  stallMs: number;
  /** A player that takes nothing for so long does not hold the source. */
  restMs: number;
  /** Wall clock, in milliseconds since 1970. */
  now: Now;
  monotonic: Now;
  timeout: Timeout;
  turn: Turn;
};

/** What is asked of one place: a row's own URL, or that of a part. */
type Place = {
  url: string;
  /** The URL that the row's headers are meant for. */
  home: string;
  headers: Readonly<Record<string, string>>;
  row: number;
};

/** An answer whose first chunk has been read. */
type Begun = SourceAnswer & { head: Uint8Array | undefined };

/** Makes the function that serves plays. */
export function createServe(deps: ServeDeps): Serve {
  const rewritePlaylist = createPlaylists(deps);

  return async function serve(ask, play, sources) {
    const found = findRow(sources, ask.ticket.row);
    if (found === undefined) return undefined;
    const { source, index } = found;
    const url = ask.ticket.part ?? source.url;
    const place = { url, home: source.url, headers: source.headers ?? {}, row: index };
    const answer = await askPlace(place, ask, wantedOf(ask.request.headers, url));
    if (answer === undefined) return undefined;
    const { response } = answer;
    const { status, headers } = response;
    const playlist = isPlaylist(headers.get("content-type"), answer.url);
    if (ask.request.method === "HEAD") {
      await discard(response);
      const known = response.ok && !playlist && !mayLeak(response, answer.url);
      return known ? new Response(null, { status, headers: toldOf(headers) }) : promise(ask.name);
    }
    if (status === 416) {
      await discard(response);
      const told = { ...toldOf(headers), "content-length": "0" };
      return new Response(null, { status, headers: told });
    }
    if ((status !== 200 && status !== 206) || (!playlist && mayLeak(response, answer.url))) {
      await discard(response);
      return undefined;
    }
    if (playlist) return await wholePlaylist(answer, place, { ask, play });
    return await stream(answer, place, { ask, play });
  };

  async function askPlace(
    { url, home, headers }: Place,
    ask: ServeAsk,
    wanted: Readonly<Record<string, string>>,
  ): Promise<SourceAnswer | undefined> {
    const method = ask.request.method === "HEAD" ? "HEAD" : "GET";
    if (url.startsWith("/")) {
      const own = new Request(ask.origin + url, { method, headers: wanted });
      const response = await deps.askOwn(own, url);
      return response && { response, url: own.url };
    }
    const bound = home.startsWith("/") ? {} : { home };
    return await attempt(
      ask,
      (signal) => deps.askSource({ url, ...bound, method, headers, wanted }, signal),
    );
  }

  /** Reads the first chunk: it tells a playlist that is not said to be one. */
  async function begin(answer: SourceAnswer, ask: ServeAsk): Promise<Begun | undefined> {
    if (firstByte(answer.response) > 0 || answer.response.body === null) {
      return { ...answer, head: undefined };
    }
    const reader = answer.response.body.getReader();
    const first = await attempt(ask, () => reader.read());
    if (first === undefined) {
      reader.cancel().catch(() => {});
      return undefined;
    }
    reader.releaseLock();
    return { ...answer, head: first.value };
  }

  async function stream(
    answer: SourceAnswer,
    place: Place,
    { ask, play }: { ask: ServeAsk; play: Play },
  ): Promise<Response | undefined> {
    const begun = await begin(answer, ask);
    if (begun === undefined) return undefined;
    const { response, head } = begun;
    if (head !== undefined && startsAsPlaylist(head)) {
      await discard(response);
      return undefined;
    }
    const { status } = response;
    const headers = toldOf(response.headers);
    const length = "content-length" in headers ? Number(headers["content-length"]) : undefined;
    const from = firstByte(response);
    const validator = strongValidator(response.headers);
    const resumable = validator !== undefined && length !== undefined &&
      (status === 206 || headers["accept-ranges"] === "bytes");

    async function reopen(sent: number): Promise<ReadableStream<Uint8Array> | undefined> {
      const next = from + sent;
      const range = `bytes=${next}-${from + length! - 1}`;
      const wanted = wantedOf(ask.request.headers, place.url);
      const patience = [deps.timeout(deps.stallMs), ask.request.signal];
      const again = await askPlace(place, { ...ask, patience }, {
        ...wanted,
        range,
        "if-range": validator!,
      });
      if (again === undefined) return undefined;
      const same = again.response.status === 206 && firstByte(again.response) === next &&
        strongValidator(again.response.headers) === validator;
      if (same && again.response.body !== null) return again.response.body;
      await discard(again.response);
      return undefined;
    }

    if (response.body === null) return new Response(null, { status, headers });
    const body = connect(play, place.row, {
      body: response.body,
      ...(head === undefined ? {} : { head }),
      length,
      reopen: resumable ? reopen : undefined,
    });
    return new Response(body, { status, headers });
  }

  function connect(
    play: Play,
    row: number,
    from: Pick<CarryOptions, "body" | "head" | "length" | "reopen">,
  ): ReadableStream<Uint8Array> {
    const { body, connection } = carry({
      ...from,
      readmit: () => play.readmit(),
      onBytes: (count) => play.flowed(count),
      onClose: () => play.disconnect(connection),
      stallMs: deps.stallMs,
      restMs: deps.restMs,
      monotonic: deps.monotonic,
    });
    play.connect(connection, row);
    return body;
  }

  async function wholePlaylist(
    answer: SourceAnswer,
    place: Place,
    { ask, play }: { ask: ServeAsk; play: Play },
  ): Promise<Response | undefined> {
    const { response, url } = answer;
    if (response.status === 206) {
      await discard(response);
      const { "user-agent": agent } = wantedOf(ask.request.headers, place.url);
      const whole = await askPlace(place, ask, agent === undefined ? {} : { "user-agent": agent });
      if (whole === undefined) return undefined;
      if (whole.response.status === 200) return await wholePlaylist(whole, place, { ask, play });
      await discard(whole.response);
      return undefined;
    }
    const text = await attempt(
      ask,
      (signal) => readText(response, MAX_PLAYLIST_BYTES, signal),
    );
    if (text === undefined) return undefined;
    const written = await rewritePlaylist(text, { url, ticket: ask.ticket });
    if (written === undefined) return undefined;
    play.inPieces();
    const { body, length } = written;
    return new Response(connect(play, place.row, { body, length, reopen: undefined }), {
      headers: {
        ...PLAY_HEADERS,
        "content-type": "application/vnd.apple.mpegurl",
        "content-length": String(length),
      },
    });
  }
}

/** That a source does not answer, breaks off or may not be asked is one row of the table. */
async function attempt<T>(
  { patience }: ServeAsk,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  return await within(patience, (signal) => run(signal).catch(() => undefined));
}

function startsAsPlaylist(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes.subarray(0, 64));
  return text.trimStart().startsWith(PLAYLIST_MARK);
}
