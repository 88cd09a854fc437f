/**
 * A Weir of its own process that delivers what an origin on loopback holds.
 *
 * @module
 */

import { assert, assertEquals } from "./assert.ts";
import { denoEntry, type Entry, type Env, nodeEntry, type Running, serveEntry } from "./entries.ts";
import { type Origin, type OriginOptions, startOrigin } from "./origin.ts";
import { originBytes } from "./origin_bytes.ts";

/** The operator's token. */
export const TOKEN = "the-operator-of-these-tests";

/** How a viewer asks; each address is a viewer of its own. */
export type Asking = RequestInit & { from?: string };

/** One process. */
export type Door = {
  weir: Running;
  /** The URL of an episode's play; the episode is the path at the origin. */
  play(path: string, asking?: Asking): Promise<string>;
  /** What the operator sees. */
  sessions(): Promise<{ id: string; leaving: boolean; play?: { connections: number } }[]>;
  /** Resolves when nobody has a seat any more. */
  empty(): Promise<void>;
};

/** See the module. */
export type Delivered = Door & { origin: Origin } & AsyncDisposable;

/** Starts an origin, and one process in front of it. */
export async function deliver(
  entry: Entry,
  { env, ...options }: OriginOptions & { env?: Env } = {},
): Promise<Delivered> {
  const origin = brokerOrigin(options);
  const weir = await serveEntry(entry, deliveryEnv(origin, env));
  return {
    ...door(weir),
    origin,
    async [Symbol.asyncDispose]() {
      await weir[Symbol.asyncDispose]();
      await origin[Symbol.asyncDispose]();
    },
  };
}

/** An origin that is its own broker: the episode `weir:/file/…` is its file of that path. */
export function brokerOrigin({ hook }: OriginOptions = {}): Origin {
  const origin: Origin = startOrigin({
    hook(request) {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname !== "/api/resolve") return hook?.(request);
      return Response.json({
        url: origin.url + searchParams.get("episode")!.slice("weir:".length),
      });
    },
  });
  return origin;
}

/** The settings of a process in front of it. */
export function deliveryEnv(origin: Origin, env: Env = {}): Env {
  return {
    DELIVERY: "proxy",
    BROKER_URL: origin.url,
    ALLOW_PRIVATE_SOURCES: "127.0.0.1",
    OPERATOR_TOKEN: TOKEN,
    TRUST_PROXY: "loopback",
    RECONNECT_GRACE_MS: "0",
    LOG_LEVEL: "warn",
    ...env,
  };
}

/** What can be asked of a process that serves. */
export function door(weir: Running): Door {
  async function sessions() {
    const headers = { "x-operator-token": TOKEN };
    const answer = await fetch(`${weir.origin}/operator/sessions`, { headers });
    return (await answer.json()).sessions;
  }
  return {
    weir,
    sessions,
    async play(path, asking) {
      const episode = encodeURIComponent(`weir:${path}`);
      const { streams } = await (await ask(`${weir.origin}/stream/movie/${episode}.json`, asking))
        .json();
      return streams[0].url;
    },
    async empty() {
      while ((await sessions()).length > 0);
    },
  };
}

/** Asks as a viewer at an address does. */
export function ask(url: string, { from = "203.0.113.1", headers, ...init }: Asking = {}) {
  return fetch(url, {
    redirect: "manual",
    ...init,
    headers: { ...headers as Record<string, string>, "x-forwarded-for": from },
  });
}

/** Reads an answer that gives a file from an offset on; the bytes have to be the file's. */
export async function readExact(
  response: Response,
  seed: number,
  from = 0,
): Promise<{ at: number; broke: boolean }> {
  let at = from;
  try {
    for await (const chunk of response.body!) {
      const expected = originBytes(seed, { from: at, to: at + chunk.length });
      assert(same(chunk, expected), `wrong bytes after ${at}`);
      at += chunk.length;
    }
    return { at, broke: false };
  } catch (error) {
    if (error instanceof Error && error.name === "AssertionError") throw error;
    return { at, broke: true };
  }
}

/** Asserts that an answer leads to a clip. */
export async function assertTurnedAway(response: Response, clip: string): Promise<void> {
  await response.body?.cancel();
  assertEquals(response.status, 302);
  assertEquals(new URL(response.headers.get("location")!).pathname, `/clips/${clip}.mp4`);
}

/** Registers a test of Deno's process and of Node's. */
export function testEntries(claim: string, run: (entry: Entry) => Promise<void>): void {
  Deno.test(`Deno: ${claim}`, () => run(denoEntry()));
  Deno.test(`Node: ${claim}`, async () => {
    await using entry = await nodeEntry();
    await run(entry);
  });
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
