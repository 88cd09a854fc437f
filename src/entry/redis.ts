/**
 * A plain Redis, or a Redis Cluster, over TCP, by node-redis: for runtimes that open sockets, and
 * so no part of the portable module.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { createClient, ErrorReply } from "@redis/client";
import type { RunScript } from "../gate/redis.ts";
import { BadReplyError } from "../ports.ts";
import { RefusedError } from "../upstream/refused.ts";

/** A cluster sends on once; twice while it moves its slots. */
const MOST_HOPS = 4;

/** Runs scripts until it is disposed of, which ends its connections. */
export type TcpScripts = RunScript & Disposable;

/** One kept connection. */
type Link = {
  url: string;
  client: Client;
  ready: Promise<unknown>;
  /** When anything last came over it, in monotonic milliseconds. */
  heardAt: number;
  /** How many asks are waiting on it. */
  asks: number;
};

type Client = ReturnType<typeof createKeptClient>;

/**
 * Makes the function that runs the gate's scripts: EVALSHA first, EVAL where the server does not
 * have the script; one delivery per attempt. A connection is opened by the first call that needs
 * it, and a call that finds none fails with the attempt to open one: nothing waits in a queue to be
 * sent later, and the first call after an outage succeeds.
 *
 * A pool's keys are all in one slot, so that a cluster is one more connection: where a node answers
 * MOVED, the other is asked, and from then on at once
 * (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#redirection-and-resharding).
 */
export function createTcpScripts(options: {
  /** `redis://` or `rediss://`, with user, password and database where there are such. */
  url: string;
  /** A connection that was silent for so long while a call waited is given up, in milliseconds. */
  silenceMs: number;
}): TcpScripts {
  const { silenceMs } = options;
  const home = new URL(options.url).href;
  const links = new Map<string, Link>();
  /** These, and those that are given up as soon as nobody waits on them any more. */
  const open = new Set<Link>();
  /** The nodes that other nodes named, by the first key of a script. */
  const owners = new Map<string, string>();
  const shas = new Map<string, string>();

  async function run(
    script: string,
    keys: readonly string[],
    args: readonly string[],
    signal?: AbortSignal,
  ): Promise<unknown> {
    const [first = ""] = keys;
    const rest = [String(keys.length), ...keys, ...args];
    let url = owners.get(first) ?? home;
    let asking = false;
    for (let hops = 0; hops < MOST_HOPS; hops++) {
      try {
        return await evaluate(linkTo(url), { script, rest, asking }, signal);
      } catch (error) {
        if (!(error instanceof BadReplyError)) owners.delete(first);
        const turned = error instanceof RefusedError ? redirection(error.reason, url) : undefined;
        if (turned === undefined) throw error;
        ({ url, asking } = turned);
        if (!asking) owners.set(first, url);
      }
    }
    throw new BadReplyError();
  }

  async function evaluate(
    link: Link,
    { script, rest, asking }: { script: string; rest: readonly string[]; asking: boolean },
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    let sha = shas.get(script);
    if (sha === undefined) shas.set(script, sha = sha1(script));
    link.asks += 1;
    try {
      return await send(link, ["EVALSHA", sha, ...rest], { asking, signal });
    } catch (error) {
      if (!(error instanceof RefusedError) || !error.reason.startsWith("NOSCRIPT")) throw error;
      return await send(link, ["EVAL", script, ...rest], { asking, signal });
    } finally {
      link.asks -= 1;
      if (link.asks === 0 && links.get(link.url) !== link) drop(link);
    }
  }

  async function send(
    link: Link,
    command: string[],
    { asking, signal }: { asking: boolean; signal: AbortSignal | undefined },
  ): Promise<unknown> {
    const began = performance.now();
    try {
      await until(link.ready, signal);
      if (asking) link.client.sendCommand(["ASKING"]).catch(() => {});
      const reply = await until(link.client.sendCommand(command), signal);
      link.heardAt = performance.now();
      return reply;
    } catch (error) {
      if (error instanceof ErrorReply) {
        link.heardAt = performance.now();
        // It was the master once: its name may mean another server by now.
        if (error.message.includes("READONLY")) forget(link);
        throw new RefusedError(error.message);
      }
      if (signal?.aborted) {
        const since = Math.max(began, link.heardAt);
        if (performance.now() - since >= silenceMs) forget(link);
        throw signal.reason;
      }
      drop(link);
      throw new Error("the connection to Redis failed");
    }
  }

  function linkTo(url: string): Link {
    const known = links.get(url);
    if (known !== undefined) return known;
    const client = createKeptClient(url);
    const link = { url, client, ready: client.connect(), heardAt: performance.now(), asks: 0 };
    link.ready.catch(() => drop(link));
    client.on("error", () => drop(link));
    links.set(url, link);
    open.add(link);
    return link;
  }

  /** The next ask opens another; who waits on this one may still be answered. */
  function forget(link: Link): void {
    if (links.get(link.url) === link) links.delete(link.url);
  }

  function drop(link: Link): void {
    forget(link);
    open.delete(link);
    if (link.client.isOpen) link.client.destroy();
  }

  return Object.assign(run, {
    [Symbol.dispose]() {
      for (const link of open) drop(link);
    },
  });
}

/** A client that neither queues nor tries again by itself: the executor does, within its bounds. */
function createKeptClient(url: string) {
  return createClient({
    url,
    RESP: 2,
    disableClientInfo: true,
    disableOfflineQueue: true,
    socket: { reconnectStrategy: false },
  });
}

/** Where a cluster says that a script is to be run: MOVED for good, ASK this once. */
function redirection(reason: string, from: string): { url: string; asking: boolean } | undefined {
  const [, kind, host, port] = /^(MOVED|ASK) \d+ (\S*):(\d+)$/.exec(reason) ?? [];
  if (port === undefined) return undefined;
  const url = new URL(from);
  if (host !== "") url.hostname = host!.includes(":") ? `[${host}]` : host!;
  url.port = port;
  return { url: url.href, asking: kind === "ASK" };
}

/** What a promise comes to, unless the signal aborts before; then nobody asks for it any more. */
function until<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  promise.catch(() => {});
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
