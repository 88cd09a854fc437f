/**
 * Weir in front of a source, at the handler boundary: streams are listed and opened, and the
 * source gives its bytes as the test lets it.
 *
 * @module
 */

import { createAskSource } from "../../src/delivery/source.ts";
import type { DeliverySettings } from "../../src/delivery/delivery.ts";
import { createMemoryGate } from "../../src/gate/memory.ts";
import { DEFAULT_SETTINGS, type PoolSettings } from "../../src/gate/policy.ts";
import { BadReplyError, type Gate, type Source } from "../../src/ports.ts";
import { type GetOptions, type TestApp, testApp, type TestAppOptions } from "./app.ts";
import { assertEquals } from "./assert.ts";
import { createClock } from "./clock.ts";
import { type FilmSource, filmSource } from "./film_source.ts";
import { streamPath } from "./viewers.ts";

/** The episode that is asked for where a test says no other. */
export const EPISODE = "weir:a";

/** The addresses of three households. */
export const [ANNE, BEN, CLEO] = ["203.0.113.1", "203.0.113.2", "203.0.113.3"] as const;

/** A row of a stream answer, as much of it as tests read. */
export type Row = { name: string; url: string; behaviorHints: Record<string, unknown> };

/** A Weir that delivers, and what is around it. */
export type PlayApp = TestApp & {
  film: FilmSource;
  /** What the gate was asked, in order. */
  asked: (keyof Gate)[];
  /** While it holds, the gate cannot be asked. */
  outage: { on: boolean };
  /** Which episodes the broker was asked for. */
  resolved: string[];
  /** The rows of an episode. */
  list(from?: string, episode?: string): Promise<Row[]>;
  /** The path of an episode's first play. */
  path(from?: string, episode?: string): Promise<string>;
  /** Opens a play. */
  open(path: string, options?: GetOptions): Promise<Response>;
  /** Who has a seat, or had one just now. */
  seated(): Promise<{ viewer: string; state: string }[]>;
};

/** What a test may set. */
export type PlayAppOptions = Omit<TestAppOptions, "delivery" | "settings" | "resolve"> & {
  delivery?: Partial<DeliverySettings>;
  settings?: Partial<PoolSettings>;
  /** What the broker gives; an error is thrown. */
  rows?: (episode: string) => readonly Source[] | Promise<readonly Source[]>;
  film?: FilmSource;
};

/** What the broker gives of itself. */
export function rowsOf(episode: string): readonly Source[] {
  return [{
    url: `https://films.example/secret/${encodeURIComponent(episode)}.mp4`,
    runtimeSec: 3600,
    headers: { "x-source-key": "the key of the source" },
  }];
}

/** Never twice the same, for several may stand at one gate. */
let plays = 0;

/** Makes one. */
export function playApp(
  kind: DeliverySettings["kind"],
  { delivery, settings, rows = rowsOf, film = filmSource(), ...options }: PlayAppOptions = {},
): PlayApp {
  const clock = options.clock ?? createClock();
  const held: PoolSettings = {
    ...DEFAULT_SETTINGS,
    ...(kind === "redirect" ? { rotationIdleMs: "off" } : {}),
    ...settings,
  };
  const asked: (keyof Gate)[] = [];
  const outage = { on: false };
  const resolved: string[] = [];
  const near = options.gate ?? createMemoryGate({ settings: held, now: clock.now });
  const app = testApp({
    resolve(episode) {
      resolved.push(episode);
      return rows(episode);
    },
    askSource: createAskSource({ fetch: film.fetch, allowPrivate: [] }),
    playId: () => `play-${++plays}`,
    ...options,
    clock,
    settings: held,
    gate: watched(near, (name) => {
      asked.push(name);
      if (outage.on) throw new BadReplyError();
    }),
    delivery: { ...deliverySettings(kind), ...delivery },
  });

  async function list(from: string = ANNE, episode = EPISODE): Promise<Row[]> {
    const response = await app.get(streamPath(episode), { from });
    return (await response.json()).streams;
  }

  return {
    ...app,
    film,
    asked,
    outage,
    resolved,
    list,
    path: async (from, episode) => pathOf((await list(from, episode))[0]!),
    open: (path, how) => app.get(path, how),
    async seated() {
      const { seats } = await near.list();
      return seats.map(({ viewer, state }) => ({ viewer, state }));
    },
  };
}

/** The settings that hold where a test says no other. */
export function deliverySettings(kind: DeliverySettings["kind"]): DeliverySettings {
  return {
    kind,
    secrets: ["a secret of thirty-two characters or more"],
    resolveAt: "list",
    ticketTtlMs: 30 * 86_400_000,
    showAvailability: true,
    playCacheMs: 60_000,
    redirectHoldMs: 5_400_000,
    stallMs: 30_000,
  };
}

/** The path of a row's URL. */
export function pathOf({ url }: Row): string {
  return new URL(url).pathname;
}

/** Asserts that an answer sends the player to the clip of a cause. */
export function assertClip(response: Response, clip: string): void {
  const { status, headers } = response;
  assertEquals(
    [status, headers.get("location"), headers.get("cache-control")],
    [302, `https://weir.example/clips/${clip}.mp4`, "private, no-store"],
  );
  assertEquals(headers.get("access-control-allow-origin"), "*");
}

function watched(gate: Gate, onAsk: (name: keyof Gate) => void): Gate {
  const names: (keyof Gate)[] = ["admit", "beat", "release", "evict", "list"];
  const entries = names.map((name) => [name, (...args: unknown[]) => {
    onAsk(name);
    return (gate[name] as (...args: unknown[]) => unknown)(...args);
  }]);
  return Object.fromEntries(entries);
}
