/**
 * Answers with a source's bytes.
 *
 * @module
 */

import type { BodyReader, Log, Now, OpenReader, Source, Timeout, Turn } from "../ports.ts";
import { createFailureLog, type Told } from "../reliability/failure_log.ts";
import { discard, readText } from "../upstream/reply.ts";
import { type Nature, TELLING_BYTES } from "./beginning.ts";
import { carry, type CarryOptions } from "./carry.ts";
import { readHead } from "./head.ts";
import { isPlaylist } from "./hls.ts";
import {
  firstByte,
  lengthOf,
  mayLeak,
  PLAY_HEADERS,
  strongValidator,
  toldOf,
  unaskedHead,
  wantedOf,
  wholeOf,
} from "./passage.ts";
import {
  type AskPlaceDeps,
  attempt,
  createAskPlace,
  type Place,
  placeOf,
  type ServeAsk,
} from "./place.ts";
import { createPlaylists, MAX_PLAYLIST_BYTES } from "./playlist.ts";
import type { Play } from "./play.ts";
import type { SourceAnswer } from "./source.ts";
import type { Tickets } from "./ticket.ts";

/** Serves a play's bytes; `undefined` where its source does not give them in time. */
export type Serve = (
  ask: ServeAsk,
  play: Play,
  sources: readonly Source[],
) => Promise<Response | undefined>;

/** What serving needs. */
export type ServeDeps = AskPlaceDeps & {
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
  log: Log;
  /**
   * How a source's bytes are read.
   * @default as they come
   */
  openReader?: OpenReader;
};

type Asked = { ask: ServeAsk; play: Play };

/** Makes the function that serves plays. */
export function createServe(deps: ServeDeps): Serve {
  const { openReader = readAsItComes } = deps;
  const { monotonic, log } = deps;
  const tell = createFailureLog({ dependency: "source", monotonic, log });
  const askPlace = createAskPlace(deps, tell);
  const rewritePlaylist = createPlaylists(deps);

  return async function serve(ask, play, sources) {
    const place = placeOf(ask, sources);
    if (place === undefined) return undefined;
    const answer = await askPlace(place, ask, wantedOf(ask.request.headers, place.url));
    if (answer === undefined) return undefined;
    const { response } = answer;
    const { status, headers } = response;
    const nature = saidToBe(answer);
    if (ask.request.method === "HEAD") {
      await discard(response);
      const known = response.ok && nature === "other";
      return known
        ? new Response(null, { status, headers: toldOf(headers) })
        : unaskedHead(ask.name);
    }
    if (status === 416) {
      await discard(response);
      const told = { ...toldOf(headers), "content-length": "0" };
      return new Response(null, { status, headers: told });
    }
    if (status !== 200 && status !== 206) return await unfit(response, { kind: "status", status });
    if (nature === "places") return await unfit(response, { kind: "bad_reply" });
    if (nature === "other") return await judged(response, place, { ask, play });
    if (status === 200) return await playlist(answer, place, { ask, play });
    await discard(response);
    return await wholePlaylist(place, { ask, play });
  };

  /** What is said to be a film goes its way by how it begins. */
  async function judged(
    response: Response,
    place: Place,
    { ask, play }: Asked,
  ): Promise<Response | undefined> {
    const head = await readHead(response, ask, tell);
    if (head === undefined) return undefined;
    const nature = head.nature === "unclear" ? await askNature(place, ask) : head.nature;
    if (nature === "other") return stream({ response, ...head }, place, { ask, play });
    if (nature !== "playlist") return await unfit(response, { kind: "bad_reply" });
    await discard(response);
    return await wholePlaylist(place, { ask, play });
  }

  /** What a source answers that nobody is given; the operator is told. */
  async function unfit(response: Response, failure: Told): Promise<undefined> {
    await discard(response);
    tell(failure);
  }

  /** Text in the middle may be a playlist's: the beginning tells. Media are not asked twice for it. */
  async function askNature(place: Place, ask: ServeAsk): Promise<Nature> {
    const range = `bytes=0-${TELLING_BYTES - 1}`;
    const answer = await askPlace(place, ask, { ...wholeOf(ask.request.headers), range });
    if (answer === undefined) return "unclear";
    const said = saidToBe(answer);
    const fromStart = answer.response.ok && firstByte(answer.response) === 0;
    const head = fromStart && said === "other"
      ? await readHead(answer.response, ask, tell)
      : undefined;
    await discard(answer.response);
    return head?.nature ?? (said === "other" ? "unclear" : said);
  }

  /** Our own files are in memory as they are, which is not to be given back. */
  function openBody(body: ReadableStream<Uint8Array>, { url }: Place): BodyReader {
    return url.startsWith("/") ? readAsItComes(body) : openReader(body);
  }

  function stream(
    { response, bytes, complete }: { response: Response; bytes?: Uint8Array; complete: boolean },
    place: Place,
    { ask, play }: Asked,
  ): Response {
    const { status } = response;
    const headers = toldOf(response.headers);
    const length = lengthOf(response.headers);
    const from = firstByte(response);
    const validator = strongValidator(response.headers);
    const resumable = validator !== undefined && length !== undefined && from !== undefined &&
      (status === 206 || headers["accept-ranges"] === "bytes");

    async function reopen(sent: number): Promise<BodyReader | undefined> {
      const next = from! + sent;
      const range = `bytes=${next}-${from! + length! - 1}`;
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
      if (same && again.response.body !== null) return openBody(again.response.body, place);
      await discard(again.response);
      return undefined;
    }

    if (response.body === null) return new Response(null, { status, headers });
    const body = connect(play, place.row, {
      // A body that is over may never answer another kind of reader (Deno 2.9, BYOB).
      reader: complete ? NOTHING_MORE : openBody(response.body, place),
      ...(bytes === undefined ? {} : { head: bytes }),
      length,
      reopen: resumable ? reopen : undefined,
    });
    return new Response(body, { status, headers });
  }

  function connect(
    play: Play,
    row: number,
    from: Pick<CarryOptions, "reader" | "head" | "length" | "reopen">,
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
    place: Place,
    { ask, play }: Asked,
  ): Promise<Response | undefined> {
    const answer = await askPlace(place, ask, wholeOf(ask.request.headers));
    if (answer === undefined) return undefined;
    const { response } = answer;
    const { status } = response;
    if (status !== 200) return await unfit(response, { kind: "status", status });
    return await playlist(answer, place, { ask, play });
  }

  async function playlist(
    { response, url }: SourceAnswer,
    { row }: Place,
    { ask, play }: Asked,
  ): Promise<Response | undefined> {
    const text = await attempt(
      ask,
      (signal) => readText(response, MAX_PLAYLIST_BYTES, signal),
      tell,
    );
    if (text === undefined) return undefined;
    const written = await rewritePlaylist(text, { url, ticket: ask.ticket });
    if (written === undefined) return await unfit(response, { kind: "bad_reply" });
    play.inPieces();
    const { body, length } = written;
    return new Response(
      connect(play, row, { reader: readAsItComes(body), length, reopen: undefined }),
      {
        headers: {
          ...PLAY_HEADERS,
          "content-type": "application/vnd.apple.mpegurl",
          "content-length": String(length),
        },
      },
    );
  }
}

const NOTHING_MORE: BodyReader = {
  read: () => Promise.resolve({}),
  cancel: () => Promise.resolve(),
};

function readAsItComes(body: ReadableStream<Uint8Array>): BodyReader {
  return body.getReader();
}

/** What an answer is, by its type and its path. */
function saidToBe({ response, url }: SourceAnswer): Exclude<Nature, "unclear"> {
  if (isPlaylist(response.headers.get("content-type"), url)) return "playlist";
  return mayLeak(response, url) ? "places" : "other";
}
