/**
 * Weir at the handler boundary: `Request` in, `Response` out, everything outside handed in.
 *
 * @module
 */

import { type AppDeps, createApp, type Handler } from "../../src/app.ts";
import { embeddedStreams } from "../../src/addon/embedded.ts";
import { createMemoryGate } from "../../src/gate/memory.ts";
import { DEFAULT_SETTINGS, type PoolSettings } from "../../src/gate/policy.ts";
import { createMetrics, type Metrics } from "../../src/operator/metrics.ts";
import type { Bounds, Gate, LogLevel, Resolve } from "../../src/ports.ts";
import { createAskSource } from "../../src/delivery/source.ts";
import { createExecutor } from "../../src/reliability/execute.ts";
import { type Clock, createClock } from "./clock.ts";
import { sampleLookup } from "./definition.ts";

/** The operator's token in all tests. */
export const OPERATOR_TOKEN = "the-operator-of-these-tests";

/** The bounds that hold where a test asks for a broker or gate that has to be waited for. */
export const BOUNDS: Bounds = { attemptTimeoutMs: 4000, totalTimeoutMs: 9000, retryJitterMs: 120 };

/** One line of the log. */
export type LogLine = { level: LogLevel; event: string } & Record<string, unknown>;

/** A Weir under test. */
export type TestApp = {
  handle: Handler;
  /** Asks as a client at an address does. */
  get(path: string, options?: GetOptions): Promise<Response>;
  clock: Clock;
  /** The gate behind it, for a look at the seats. */
  gate: Gate;
  metrics: Metrics;
  logs: LogLine[];
};

/** How {@linkcode TestApp.get} asks. */
export type GetOptions = {
  /** @default "203.0.113.1" */
  from?: string;
  headers?: Record<string, string>;
  method?: string;
  signal?: AbortSignal;
};

/** What a test may set; a `resolve` of its own is put through the executor. */
export type TestAppOptions = Partial<Omit<AppDeps, "metrics" | "settings">> & {
  settings?: Partial<PoolSettings>;
  /** Where a dependency of the test's own runs by the same. */
  clock?: Clock;
};

/** Makes a Weir over the sample definition, with a gate in memory and a clock that stands. */
export function testApp(options: TestAppOptions = {}): TestApp {
  const clock = options.clock ?? createClock();
  let plays = 0;
  const logs: LogLine[] = [];
  const metrics = createMetrics();
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const lookup = options.lookup ?? sampleLookup();
  const gate = options.gate ?? createMemoryGate({ settings, now: clock.now });
  const embedded: Resolve = (episode) => embeddedStreams(lookup.definition, episode) ?? [];
  const executor = () =>
    createExecutor({ now: clock.now, random: () => 0.5, timeout: clock.timeout });
  const handle = createApp({
    lookup,
    gate,
    resolve: embedded,
    hasStreams: (episode) =>
      options.resolve !== undefined || embeddedStreams(lookup.definition, episode) !== undefined,
    probeBroker: undefined,
    execute: { gate: executor(), broker: executor() },
    bounds: options.resolve === undefined ? {} : { broker: BOUNDS },
    streamTotalTimeoutMs: 11_000,
    gateOnFailure: "block",
    shareFlights: true,
    notice: "video",
    openHours: undefined,
    baseUrl: undefined,
    trustProxy: { kind: "none" },
    viewerSecret: "a secret of thirty-two characters or more",
    operatorToken: OPERATOR_TOKEN,
    corsOrigins: ["https://panel.example"],
    pool: { name: "test", capacity: settings.capacity, holdMs: settings.inactivityMs },
    delivery: { kind: "direct" },
    playId: () => `play-${++plays}`,
    askSource: createAskSource({
      fetch: (request, init) => fetch(request, init),
      allowPrivate: [],
    }),
    beatMs: 15_000,
    gateOutagePlayMs: 300_000,
    playCacheMs: 60_000,
    files: new Map([
      ["/clips/test-card.mp4", { bytes: new Uint8Array(1000).fill(7), type: "video/mp4" }],
    ]),
    now: clock.now,
    monotonic: clock.now,
    timeout: clock.timeout,
    turn: () => new Promise((resolve) => setTimeout(resolve, 0)),
    log: (level, event, facts) => logs.push({ level, event, ...facts }),
    metrics,
    count: metrics.count,
    ...options,
    settings,
  });
  return {
    handle,
    clock,
    gate,
    metrics,
    logs,
    async get(path, { from = "203.0.113.1", headers = {}, method = "GET", signal } = {}) {
      const init: RequestInit = { method, headers, ...(signal ? { signal } : {}) };
      return await handle(new Request(`https://weir.example${path}`, init), { address: from });
    },
  };
}
