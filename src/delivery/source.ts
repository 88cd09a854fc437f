/**
 * Asking the source for bytes: redirects followed within bounds, private networks kept out, and
 * nothing of the client's handed on but what it wants to read.
 *
 * @module
 */

import type { Fetch } from "../ports.ts";
import { isWithin, NOT_PUBLIC, parseAddress, type Range } from "../http/address.ts";
import { isHttpUrl } from "../http/url.ts";
import { discard } from "../upstream/reply.ts";
import { hasPlaylistPath } from "./hls.ts";

/** What is wanted of a source. */
export type SourceAsk = {
  url: string;
  method: "GET" | "HEAD";
  /** The row's own request headers. */
  headers: Readonly<Record<string, string>>;
  /**
   * The URL that the row's headers are meant for, where `url` is but a part of it.
   * @default url
   */
  home?: string;
  /** What the client wants to read of it: `range`, `if-range`, `user-agent`. */
  wanted: Readonly<Record<string, string>>;
};

/** A source's answer and the URL at which the redirects ended. */
export type SourceAnswer = { response: Response; url: string };

/** The source may not be asked: it points where no source may, or in a circle. */
export class SourceRefusedError extends Error {
  override readonly name = "SourceRefusedError";

  constructor() {
    super("the source points where none may");
  }
}

/** Asks a source; throws {@linkcode SourceRefusedError}, or what `fetch` throws. */
export type AskSource = (ask: SourceAsk, signal: AbortSignal) => Promise<SourceAnswer>;

/** Gives the addresses of a host name, where the runtime tells them. */
export type ResolveHost = (name: string) => Promise<readonly string[]>;

const MOST_HOPS = 5;
/** Never handed to another origin than the one they were meant for. */
const ORIGIN_BOUND = ["authorization", "cookie", "proxy-authorization", "host"];
/** What the client or the connection decides, not the row (RFC 9110, section 7.6.1). */
const NOT_THE_ROWS = [
  "range",
  "if-range",
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "proxy-connection",
  "expect",
  "content-length",
];

/** Makes the function that asks sources. */
export function createAskSource(options: {
  fetch: Fetch;
  /** Networks that are not public and may be asked all the same. */
  allowPrivate: readonly Range[];
  resolveHost?: ResolveHost;
}): AskSource {
  const { fetch, allowPrivate, resolveHost } = options;

  return async function askSource(ask, signal) {
    const { origin } = new URL(ask.home ?? ask.url);
    let at = ask.url;
    for (let hop = 0; hop <= MOST_HOPS; hop++) {
      await admitHost(at);
      const response = await fetch(requestOf(new URL(at), ask, origin), { signal });
      const location = response.headers.get("location");
      if (response.status < 300 || response.status > 399 || location === null) {
        return { response, url: at };
      }
      await discard(response);
      if (!URL.canParse(location, at)) throw new SourceRefusedError();
      const next = new URL(location, at);
      // RFC 9110, section 10.2.2: a location without a fragment inherits it.
      if (next.hash === "") next.hash = new URL(at).hash;
      at = next.href;
    }
    throw new SourceRefusedError();
  };

  async function admitHost(url: string): Promise<void> {
    if (!isHttpUrl(url)) throw new SourceRefusedError();
    const { hostname } = new URL(url);
    const isLiteral = parseAddress(hostname) !== undefined;
    const addresses = isLiteral ? [hostname] : await addressesOf(hostname);
    if (addresses === undefined) return;
    if (addresses.length === 0 || !addresses.every(mayBeAsked)) throw new SourceRefusedError();
  }

  async function addressesOf(name: string): Promise<readonly string[] | undefined> {
    if (/(^|\.)localhost\.?$/.test(name)) return ["127.0.0.1"];
    return await resolveHost?.(name);
  }

  function mayBeAsked(text: string): boolean {
    const address = parseAddress(text);
    if (address === undefined) return false;
    const holds = (range: Range) => isWithin(address, range);
    return !NOT_PUBLIC.some(holds) || allowPrivate.some(holds);
  }
}

function requestOf(url: URL, { method, headers, wanted }: SourceAsk, origin: string): Request {
  const all = new Headers(wanted);
  const atHome = url.origin === origin;
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase();
    if (!NOT_THE_ROWS.includes(key) && (atHome || !ORIGIN_BOUND.includes(key))) all.set(key, value);
  }
  // A film is carried as it is; a playlist is read here, however it comes.
  if (!hasPlaylistPath(url.href)) all.set("accept-encoding", "identity");
  // `Request` takes no URL with a name and a password in it (Fetch, "new Request").
  if (url.username + url.password !== "") {
    if (!all.has("authorization")) all.set("authorization", basic(url));
    url.username = url.password = "";
  }
  return new Request(url, { method, redirect: "manual", headers: all });
}

function basic({ username, password }: URL): string {
  // All that is not ASCII is in percents; a percent that stands for nothing is one.
  const bytes = `${username}:${password}`.replace(
    /%([0-9a-f]{2})/gi,
    (_, hex) => String.fromCharCode(parseInt(hex, 16)),
  );
  return `Basic ${btoa(bytes)}`;
}
