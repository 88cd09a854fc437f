/**
 * What is known of a request before it is routed: its path, the public origin under which it came,
 * and the client's address.
 *
 * @module
 */

import type { Log, Now, Peer } from "../ports.ts";
import { type Address, parseAddress } from "./address.ts";
import { findClient, findOrigin, hidesOthers, isHost, type TrustProxy } from "./client.ts";

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
const REMEMBERED_PEERS = 1000;

/** Makes the reception. */
export function createReception(deps: ReceptionDeps): Reception {
  const { baseUrl, trustProxy, monotonic, log } = deps;
  const peers = new Map<string, Address | undefined>();
  let knownHost: string | undefined;
  let hidingAt = -Infinity;
  let saidAt = -Infinity;

  function isKnownHost(host: string | null): boolean {
    if (host === null || host === knownHost) return true;
    if (!isHost(host)) return false;
    knownHost = host;
    return true;
  }

  function peerAddress(peer: Peer): Address | undefined {
    if (peers.has(peer.address)) return peers.get(peer.address);
    if (peers.size >= REMEMBERED_PEERS) peers.clear();
    const address = parseAddress(peer.address);
    peers.set(peer.address, address);
    return address;
  }

  function noteHiding(peer: Peer, forwardedFor: string | null): void {
    if (!hidesOthers(peer.address, forwardedFor, trustProxy)) return;
    hidingAt = monotonic();
    if (hidingAt - saidAt < SAY_EVERY_MS) return;
    saidAt = hidingAt;
    log("warn", "proxy_not_trusted", { hint: "set TRUST_PROXY, or all viewers count as one" });
  }

  return {
    receive(request, peer) {
      const { headers, url } = request;
      if (!isKnownHost(headers.get("host"))) return "bad_host";
      const pathAt = url.indexOf("/", url.indexOf("://") + 3);
      const own = url.slice(0, pathAt);
      // An absolute target names a host of its own, which a runtime may hand on as it came.
      if (pathAt === -1 || !isKnownHost(own.slice(own.indexOf("://") + 3))) return "bad_host";
      const path = url.slice(pathAt).replace(/[?#].*$/s, "");
      if (baseUrl !== undefined) return { path, origin: baseUrl };
      if (trustProxy.kind === "none") return { path, origin: own };
      const { hops } = findClient(peer.address, headers.get("x-forwarded-for"), trustProxy);
      const forwarded = {
        proto: headers.get("x-forwarded-proto"),
        host: headers.get("x-forwarded-host"),
      };
      return { path, origin: findOrigin(own, forwarded, hops) };
    },
    addressOf({ headers }, peer) {
      const forwardedFor = headers.get("x-forwarded-for");
      if (trustProxy.kind !== "none") {
        return findClient(peer.address, forwardedFor, trustProxy).address;
      }
      if (forwardedFor !== null) noteHiding(peer, forwardedFor);
      return peerAddress(peer);
    },
    warnings() {
      const hiding = monotonic() - hidingAt < BELIEVE_MS;
      return hiding ? ["a proxy stands in front: set TRUST_PROXY"] : [];
    },
  };
}
