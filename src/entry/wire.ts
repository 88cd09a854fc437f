/**
 * The only composition root: settings and a runtime become a handler.
 *
 * @module
 */

import type { Gate, Log, OpenReader, Repeat, Resolve } from "../ports.ts";
import { createApp, type Handler } from "../app.ts";
import { type Config, parseConfig } from "../config.ts";
import { type ParsedDefinition, parseDefinition } from "../addon/definition.ts";
import { clipPath } from "../addon/degraded.ts";
import { embeddedStreams } from "../addon/embedded.ts";
import { type Lookup, lookup } from "../addon/lookup.ts";
import { art, clips, films } from "../demo/mod.ts";
import { createMemoryGate } from "../gate/memory.ts";
import { createRedisGate, type RunScript } from "../gate/redis.ts";
import { logBug } from "../http/bug.ts";
import type { File } from "../http/file.ts";
import { error as internalError } from "../http/respond.ts";
import { createMetrics } from "../operator/metrics.ts";
import { PLAY_ENDED } from "../delivery/carry.ts";
import { createAskSource } from "../delivery/source.ts";
import { createExecutor } from "../reliability/execute.ts";
import { createBrokerProbe, createHttpBroker } from "../upstream/broker.ts";
import { createRestScripts } from "../upstream/upstash.ts";
import { createLog } from "./log.ts";

/** What a runtime gives. */
export type Runtime = {
  /** The settings, by their names. */
  env: Readonly<Record<string, string | undefined>>;
  /** Reads a file as text. */
  readText: (path: string) => Promise<string>;
  /** Gives the addresses of a host name. */
  resolveHost: (name: string) => Promise<readonly string[]>;
  /**
   * The way to read bodies that costs it least.
   * @default as they come
   */
  openReader?: OpenReader;
  /**
   * How it answers the same again.
   * @default repeatAnew
   */
  repeat?: Repeat;
  /** Takes one line of output. */
  print: (line: string) => void;
};

/** A server ready to serve. */
export type Served = {
  config: Config;
  lookup: Lookup;
  handle: Handler;
  /** Told of what broke beyond the handler, an answer's body above all; answers where it still can. */
  onError: (error: unknown) => Response;
};

/** A server ready to serve, or everything that keeps it from starting. */
export type Wired = ({ ok: true } & Served) | { ok: false; problems: string[] };

/** Reads the settings and the addon's definition, and puts everything together. */
export async function wire(runtime: Runtime): Promise<Wired> {
  const parsed = parseConfig(runtime.env);
  const addonFile = parsed.ok ? parsed.config.addonFile : runtime.env.ADDON_FILE?.trim();
  const definition = await readDefinition(addonFile || undefined, runtime);
  if (!parsed.ok || !definition.ok) {
    return {
      ok: false,
      problems: [
        ...(parsed.ok ? [] : parsed.problems),
        ...(definition.ok ? [] : definition.problems),
      ],
    };
  }
  const { config } = parsed;
  const found = lookup(definition.definition);
  const log = createLog({ level: config.logLevel, now: () => Date.now(), print: runtime.print });
  return {
    ok: true,
    config,
    lookup: found,
    handle: await compose(config, found, { ...runtime, log }),
    onError(error) {
      if (error !== PLAY_ENDED) logBug(log, error);
      return internalError(500, "internal");
    },
  };
}

async function compose(
  config: Config,
  found: Lookup,
  { log, resolveHost, openReader, repeat }: Runtime & { log: Log },
): Promise<Handler> {
  const { timeOrigin } = performance;
  const monotonic = () => timeOrigin + performance.now();
  const metrics = createMetrics();
  const executor = () => createExecutor({ now: monotonic, random: Math.random });
  const { broker, redis, settings, delivery } = config;
  const viewerSecret = config.viewerSecret ?? randomHex(32);
  const older = config.viewerSecretPrevious === undefined ? [] : [config.viewerSecretPrevious];
  return createApp({
    ...config,
    ...delivery,
    delivery: delivery.kind === "direct"
      ? { kind: "direct" }
      : { ...delivery, kind: delivery.kind, secrets: [viewerSecret, ...older] },
    askSource: createAskSource({
      fetch: callFetch,
      allowPrivate: delivery.allowPrivate,
      resolveHost,
    }),
    ...(openReader && { openReader }),
    playId: () => randomHex(16),
    lookup: found,
    hasStreams: (episode) =>
      broker !== undefined || embeddedStreams(found.definition, episode) !== undefined,
    gate: await gateOf(config, monotonic),
    resolve: resolveOf(config, found),
    probeBroker: broker && createBrokerProbe({ url: broker.url, fetch: callFetch }),
    execute: { gate: executor(), broker: executor() },
    bounds: {
      ...(redis === undefined ? {} : { gate: redis.bounds }),
      ...(broker === undefined ? {} : { broker: broker.bounds }),
    },
    pool: {
      name: config.pool,
      capacity: settings.capacity,
      holdMs: delivery.kind === "redirect" ? undefined : settings.inactivityMs,
    },
    viewerSecret,
    corsOrigins: config.corsAllowOrigins,
    shareFlights: true,
    ...(repeat && { repeat }),
    files: ownFiles(),
    now: () => Date.now(),
    monotonic,
    timeout: (ms) => AbortSignal.timeout(ms),
    turn: () => new Promise((resolve) => setTimeout(resolve, 0)),
    log,
    metrics,
    count: metrics.count,
  });
}

async function gateOf(
  { redis, pool, settings }: Config,
  monotonic: () => number,
): Promise<Gate> {
  if (redis === undefined) return createMemoryGate({ settings, now: monotonic });
  return createRedisGate({ run: await scriptsOf(redis), pool, settings });
}

/** What opens sockets is only loaded where it is wanted. */
async function scriptsOf(redis: NonNullable<Config["redis"]>): Promise<RunScript> {
  if (redis.kind === "rest") return createRestScripts({ ...redis, fetch: callFetch });
  const { createTcpScripts } = await import("./redis.ts");
  return createTcpScripts({ url: redis.url, silenceMs: redis.bounds.attemptTimeoutMs / 2 });
}

function resolveOf({ broker }: Config, { definition }: Lookup): Resolve {
  if (broker === undefined) return (episode) => embeddedStreams(definition, episode) ?? [];
  const { url, token } = broker;
  return createHttpBroker({ url, fetch: callFetch, ...(token === undefined ? {} : { token }) });
}

async function readDefinition(
  path: string | undefined,
  { readText }: Runtime,
): Promise<ParsedDefinition> {
  if (path === undefined) return parseDefinition(films);
  let text: string;
  try {
    text = await readText(path);
  } catch (error) {
    // Deno has a name for each, Node a code; Deno's for what lies outside its folder says too little.
    const { name, code = name } = error as { name?: string; code?: string };
    const reason = name === "NotCapable" ? "it lies outside the folder that may be read" : code;
    return {
      ok: false,
      problems: [
        `Cannot read ADDON_FILE: must be a file that may be read, current value is ${
          JSON.stringify(path)
        } (${reason})`,
      ],
    };
  }
  const parsed = parseDefinition(text);
  if (parsed.ok) return parsed;
  return {
    ok: false,
    problems: parsed.problems.map((problem) => `Cannot parse ADDON_FILE: ${problem}`),
  };
}

function ownFiles(): ReadonlyMap<string, File> {
  const files = new Map<string, File>();
  for (const [name, bytes] of Object.entries(clips)) {
    files.set(clipPath(name), { bytes, type: "video/mp4" });
  }
  for (const [name, picture] of Object.entries(art)) files.set(`/art/${name}`, picture);
  return files;
}

function callFetch(request: Request, init?: { signal?: AbortSignal }): Promise<Response> {
  return fetch(request, init);
}

function randomHex(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
