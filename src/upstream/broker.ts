/**
 * The broker over HTTP: `GET {url}/api/resolve?episode=<id>`.
 *
 * @module
 */

import { BadReplyError, type Fetch, type Resolve, type Source, StatusError } from "../ports.ts";
import { isHttpUrl } from "../http/url.ts";
import { discard, readJson } from "./reply.ts";

const MAX_BODY_BYTES = 64 * 1024;
/** Nothing runs for longer than a day: such a runtime was told in another unit. */
const LONGEST_SEC = 86_400;

/** Makes the function that asks a broker. `token` goes in `Authorization: Bearer`. */
export function createHttpBroker(options: {
  url: string;
  token?: string;
  fetch: Fetch;
}): Resolve {
  const { url, token, fetch } = options;
  const base = `${url.replace(/\/+$/, "")}/api/resolve?episode=`;
  const headers = {
    accept: "application/json",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return async function resolve(episode, signal) {
    const request = new Request(base + encodeURIComponent(episode), { headers });
    return readSources(await readJson(await fetch(request, { signal }), MAX_BODY_BYTES));
  };
}

/**
 * Makes the function that tells whether a broker is there, whatever it says of its root; it throws
 * where nothing answers, or only a gateway that does not reach it.
 */
export function createBrokerProbe(options: {
  url: string;
  fetch: Fetch;
}): (signal: AbortSignal) => Promise<void> {
  return async function probe(signal) {
    const response = await options.fetch(new Request(options.url), { signal });
    await discard(response);
    if (response.status >= 502 && response.status <= 504) throw new StatusError(response.status);
  };
}

/**
 * Reads a broker's answer: `streams` (rows with a `url`), or the URL under `url`, `streamUrl`,
 * `link` or `links` (texts or `{ url }`), or any of these under `result`. A row that is wrong is
 * dropped; throws `BadReplyError` where none is left.
 */
export function readSources(reply: unknown): Source[] {
  const answer = asRecord(reply);
  const found = answer && (rowsOf(answer) ?? rowsOf(asRecord(answer.result)));
  const sources = (found ?? []).map(readSource).filter((source) => source !== undefined);
  if (sources.length === 0) throw new BadReplyError();
  return sources;
}

type Fields = Readonly<Record<string, unknown>>;

function rowsOf(answer: Fields | undefined): Fields[] | undefined {
  if (answer === undefined) return undefined;
  if (Array.isArray(answer.streams)) {
    return answer.streams.map(asRecord).filter((row) => row !== undefined);
  }
  const { url: _, ...beside } = answer;
  const links: readonly unknown[] = Array.isArray(answer.links)
    ? answer.links
    : [answer.url ?? answer.streamUrl ?? answer.link].filter((link) => (link ?? null) !== null);
  if (links.length === 0) return undefined;
  return links.map((link) =>
    typeof link === "string" ? { ...beside, url: link } : { ...beside, ...asRecord(link) }
  );
}

function readSource(row: Fields): Source | undefined {
  if (typeof row.url !== "string" || !isHttpUrl(row.url)) return undefined;
  const source: Source = { url: row.url };
  const name = text(row.name) ?? text(row.title);
  const description = text(row.description);
  const filename = text(row.filename);
  const videoSize = whole(row.videoSize);
  const headers = readHeaders(row.headers);
  if (name !== undefined) source.name = name;
  if (description !== undefined) source.description = description;
  if (filename !== undefined) source.filename = filename;
  if (videoSize !== undefined) source.videoSize = videoSize;
  if (typeof row.runtimeSec === "number" && row.runtimeSec > 0 && row.runtimeSec <= LONGEST_SEC) {
    source.runtimeSec = row.runtimeSec;
  }
  if (headers !== undefined) source.headers = headers;
  return source;
}

function readHeaders(value: unknown): Record<string, string> | undefined {
  const entries = Object.entries(asRecord(value) ?? {}).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === "string" && /^[\w!#$%&'*+.^`|~-]+$/.test(entry[0]) &&
      /^[\t\x20-\x7e]*$/.test(entry[1]),
  );
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function asRecord(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Fields
    : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

function whole(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && value as number >= 0 ? value as number : undefined;
}
