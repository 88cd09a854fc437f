/**
 * The way from a household to its stream: open to everybody, or through Weir in one of its
 * deliveries.
 *
 * @module
 */

import { createApp } from "../../src/app.ts";
import { parseDefinition } from "../../src/addon/definition.ts";
import { lookup } from "../../src/addon/lookup.ts";
import { films } from "../../src/demo/mod.ts";
import { createAskSource } from "../../src/delivery/source.ts";
import { createMemoryGate } from "../../src/gate/memory.ts";
import { DEFAULT_SETTINGS, type PoolSettings } from "../../src/gate/policy.ts";
import { createMetrics } from "../../src/operator/metrics.ts";
import { createExecutor } from "../../src/reliability/execute.ts";
import type { FastClock } from "./fast_clock.ts";
import { isSourceUrl, type SimulatedSource, sourcesOf } from "./source.ts";
import type { Household } from "./wishes.ts";

/** The ways that an evening is played in, in the order of the table. */
export const MODES = ["none", "direct", "redirect", "proxy"] as const;

/** One of them. */
export type Mode = typeof MODES[number];

/** The way to a stream; each answers `undefined` to a household that is turned away. */
export type Door = {
  /** Asks for an episode's streams, and gives the first one's URL. */
  list(household: Household, episode: string): Promise<string | undefined>;
  /** Opens a stream from a place. */
  open(household: Household, url: string, fromByte: number): Promise<Body | undefined>;
};

/** A stream's bytes. */
export type Body = ReadableStream<Uint8Array>;

const ORIGIN = "https://weir.example";
const VIEWER_SECRET = "the households of this evening, all of them";
const BEAT_MS = 15_000;

/** Makes the door of a mode. */
export function createDoor(
  mode: Mode,
  { clock, source, seats }: { clock: FastClock; source: SimulatedSource; seats: number },
): Door {
  const handle = mode === "none" ? undefined : createWeir(mode, { clock, source, seats });

  async function ask(
    { address, player }: Household,
    url: string,
    { method = "GET", fromByte = 0 } = {},
  ): Promise<Response> {
    const headers = { "range": `bytes=${fromByte}-`, "user-agent": `player/${player.aheadSec}` };
    const request = new Request(url, { method, headers });
    return await clock.during(
      isSourceUrl(url) ? source.fetch(request) : handle!(request, { address }),
    );
  }

  return {
    async list(household, episode) {
      if (mode === "none") return sourcesOf(episode)[0]!.url;
      const path = `/stream/series/${encodeURIComponent(episode)}.json`;
      const { streams, notice } = await (await ask(household, ORIGIN + path)).json();
      if (notice === undefined) return streams[0].url;
      if (notice.cause !== "capacity") throw new Error(`Cannot list ${episode}: ${notice.cause}`);
      return undefined;
    },
    async open(household, url, fromByte) {
      if (household.player.asksHeadFirst) await ask(household, url, { method: "HEAD" });
      let response = await ask(household, url, { fromByte });
      const location = response.headers.get("location");
      if (location !== null && !isSourceUrl(location)) return undefined;
      if (location !== null) response = await ask(household, location, { fromByte });
      if (response.status !== 206) throw new Error(`Cannot open ${url}: ${response.status}`);
      return response.body!;
    },
  };
}

function createWeir(
  mode: Exclude<Mode, "none">,
  { clock, source, seats }: { clock: FastClock; source: SimulatedSource; seats: number },
) {
  const { now: monotonic, timeout } = clock;
  const settings: PoolSettings = {
    ...DEFAULT_SETTINGS,
    capacity: seats,
    ...(mode === "redirect" ? { rotationIdleMs: "off" } : {}),
  };
  const executor = () => createExecutor({ now: monotonic, random: () => 0.5, timeout });
  let plays = 0;
  return createApp({
    lookup: addon(),
    hasStreams: () => true,
    resolve: sourcesOf,
    probeBroker: undefined,
    gate: createMemoryGate({ settings, now: monotonic }),
    settings,
    pool: {
      name: "evening",
      capacity: seats,
      holdMs: mode === "redirect" ? undefined : settings.inactivityMs,
    },
    execute: { gate: executor(), broker: executor() },
    bounds: {},
    streamTotalTimeoutMs: 11_000,
    gateOnFailure: "block",
    shareFlights: true,
    notice: "video",
    openHours: undefined,
    baseUrl: ORIGIN,
    trustProxy: { kind: "none" },
    viewerSecret: VIEWER_SECRET,
    operatorToken: undefined,
    corsOrigins: [],
    delivery: mode === "direct" ? { kind: "direct" } : {
      kind: mode,
      secrets: [VIEWER_SECRET],
      resolveAt: "list",
      ticketTtlMs: 30 * 86_400_000,
      showAvailability: true,
      playCacheMs: 60_000,
      redirectHoldMs: 5_400_000,
      stallMs: 30_000,
    },
    playId: () => `play-${++plays}`,
    askSource: createAskSource({ fetch: source.fetch, allowPrivate: [] }),
    beatMs: BEAT_MS,
    gateOutagePlayMs: 300_000,
    playCacheMs: 60_000,
    files: new Map(),
    now: monotonic,
    monotonic,
    timeout,
    turn: () => Promise.resolve(),
    log(level, event, facts) {
      if (level === "error") throw new Error(`${event}: ${JSON.stringify(facts)}`);
    },
    metrics: createMetrics(),
    count() {},
  });
}

function addon() {
  const parsed = parseDefinition(films);
  if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
  return lookup(parsed.definition);
}
