/**
 * What is known of a request before it is routed: its path, the public origin under which it came,
 * and the client's address.
 *
 * @module
 */

import type { Log, Now, Peer } from "../ports.ts";
import type { Address } from "./address.ts";
import {
  type Client,
  findClient,
  findOrigin,
  hidesOthers,
  isHost,
  type TrustProxy,
} from "./client.ts";
import { remember } from "./remember.ts";

/** What the reception needs. */
export type ReceptionDeps = {
  /** The public origin; without one it is that of each request. */
  baseUrl: string | undefined;
  trustProxy: TrustProxy;
  /** Monotonic milliseconds. */
  monotonic: Now;
  log: Log;
};

/** A request as it was received; the path is raw. */
export type Received = { path: string; origin: string };

/** See {@linkcode createReception}. */
export type Reception = {
  /** Reads a request; `bad_host` where its `Host` is not `host[:port]`. */
  receive(request: Request, peer: Peer): Received | "bad_host";
  /** Tells the client's address, and notes whether its like all seem to be one. */
  addressOf(request: Request, peer: Peer): Address | undefined;
  /** Whether all viewers seem to be one, as a reason not to be ready. */
  warnings(): string[];
};

const SAY_EVERY_MS = 60_000;
const BELIEVE_MS = 600_000;
const REMEMBERED = 1000;
const REMEMBERED_CLIENTS = 10_000;

/** Makes the reception. */
export function createReception(deps: ReceptionDeps): Reception {
  const { baseUrl, trustProxy, monotonic, log } = deps;
  const read = remember(REMEMBERED, readUrl);
  const isKnownHost = remember(REMEMBERED, isHost);
  const clientOf = remember(REMEMBERED_CLIENTS, (seen) => {
    const [peer, forwardedFor = null] = seen.split("\n") as [string, string?];
    return findClient(peer, forwardedFor, trustProxy);
  });
  let hidingAt = -Infinity;
  let saidAt = -Infinity;

  /** The same for the same words: whoever knows a client by its address knows it again. */
  function clientBehind(peer: string, forwardedFor: string | null): Client {
    const heard = trustProxy.kind === "none" ? null : forwardedFor;
    return clientOf(heard === null ? peer : `${peer}\n${heard}`);
  }

  function noteHiding(peer: string, forwardedFor: string | null): void {
    if (!hidesOthers(peer, forwardedFor, trustProxy)) return;
    hidingAt = monotonic();
    if (hidingAt - saidAt < SAY_EVERY_MS) return;
    saidAt = hidingAt;
    log("warn", "proxy_not_trusted", { hint: "set TRUST_PROXY, or all viewers count as one" });
  }

  return {
    receive({ headers, url }, peer) {
      const host = headers.get("host");
      const received = read(url);
      if (received === undefined || (host !== null && !isKnownHost(host))) return "bad_host";
      const { path, origin: own } = received;
      if (baseUrl !== undefined) return { path, origin: baseUrl };
      if (trustProxy.kind === "none") return received;
      const { hops } = clientBehind(peer.address, headers.get("x-forwarded-for"));
      const forwarded = {
        proto: headers.get("x-forwarded-proto"),
        host: headers.get("x-forwarded-host"),
      };
      return { path, origin: findOrigin(own, forwarded, hops) };
    },
    addressOf({ headers }, peer) {
      const forwardedFor = headers.get("x-forwarded-for");
      if (trustProxy.kind === "none" && forwardedFor !== null) {
        noteHiding(peer.address, forwardedFor);
      }
      return clientBehind(peer.address, forwardedFor).address;
    },
    warnings() {
      const hiding = monotonic() - hidingAt < BELIEVE_MS;
      return hiding ? ["a proxy stands in front: set TRUST_PROXY"] : [];
    },
  };
}

/**
 * A raw URL's path, and its own origin; `undefined` where its host is none: an absolute target
 * names a host of its own, which a runtime may hand on as it came.
 */
function readUrl(url: string): Received | undefined {
  const pathAt = url.indexOf("/", url.indexOf("://") + 3);
  const origin = url.slice(0, pathAt);
  if (pathAt === -1 || !isHost(origin.slice(origin.indexOf("://") + 3))) return undefined;
  return { path: url.slice(pathAt).replace(/[?#].*$/s, ""), origin };
}
