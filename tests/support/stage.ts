/**
 * A Weir whose every injected call may fail as planned, on a clock that stands.
 *
 * @module
 */

import { createAskSource } from "../../src/delivery/source.ts";
import { createMemoryGate, type MemoryGate } from "../../src/gate/memory.ts";
import { DEFAULT_SETTINGS, type PoolSettings } from "../../src/gate/policy.ts";
import type { Execute, Gate } from "../../src/ports.ts";
import { createExecutor } from "../../src/reliability/execute.ts";
import { type TestApp, testApp } from "./app.ts";
import { BROKER_BOUNDS, GATE_BOUNDS } from "./boarding.ts";
import { type Clock, createClock } from "./clock.ts";
import { sampleLookup } from "./definition.ts";
import { type FilmSource, filmSource } from "./film_source.ts";
import { type Calls, createCalls, type Failing, type Plan } from "./nth_call.ts";
import { deliverySettings, rowsOf } from "./playing.ts";

/** How a stream comes to its viewer. */
export type Kind = "direct" | "redirect" | "proxy";

/** See the module. */
export type Stage = {
  kind: Kind;
  gateOnFailure: "block" | "admit";
  app: TestApp;
  calls: Calls;
  clock: Clock;
  settings: PoolSettings;
  /** The gate itself, past all that may fail. */
  near: MemoryGate;
  film: FilmSource;
  /** Waits for an answer, and lets the time pass that calls which hang are given. */
  through<T>(asked: Promise<T>): Promise<T>;
};

const LOOKUP = sampleLookup();
const OUTER: readonly Failing[] = ["throws", "rejects", "status", "nonsense", "hangs"];
const GATE: readonly Failing[] = [...OUTER, "lost"];
const OWN: readonly Failing[] = ["bug"];
/** Plays are looked after by the second, at nobody's request: there is no answer to be right. */
export const SWEEP_MS = 1000;

/** Makes one. */
export function createStage(
  kind: Kind,
  { plan, gateOnFailure = "block" }: {
    plan?: Plan | undefined;
    gateOnFailure?: "block" | "admit";
  } = {},
): Stage {
  const clock = createClock();
  const calls = createCalls(plan);
  const { watch } = calls;
  const settings: PoolSettings = {
    ...DEFAULT_SETTINGS,
    rotationIdleMs: kind === "redirect" ? "off" : DEFAULT_SETTINGS.rotationIdleMs,
  };
  const near = createMemoryGate({ settings, now: clock.now });
  const film = filmSource();
  // The pause before a retry is none, and so nobody has to move the clock for it.
  const timeout = (ms: number) => ms === 0 ? AbortSignal.abort() : clock.timeout(ms);
  const executor = (name: string) =>
    watch(name, createExecutor({ now: clock.now, random: () => 0, timeout }), OWN) as Execute;
  const watchedTimeout = watch("timeout", timeout, OWN);
  let plays = 0;
  const app = testApp({
    clock,
    lookup: LOOKUP,
    settings,
    gateOnFailure,
    delivery: kind === "direct" ? { kind } : deliverySettings(kind),
    gate: watchedGate(near, calls),
    resolve: watch("resolve", (episode, _signal: AbortSignal) => rowsOf(episode), OUTER),
    probeBroker: watch("probeBroker", (_signal: AbortSignal) => Promise.resolve(), OUTER),
    askSource: createAskSource({ fetch: watch("fetch", film.fetch, OUTER), allowPrivate: [] }),
    execute: { gate: executor("execute.gate"), broker: executor("execute.broker") },
    bounds: {
      gate: { ...GATE_BOUNDS, retryJitterMs: 0 },
      broker: { ...BROKER_BOUNDS, retryJitterMs: 0 },
    },
    hasStreams: watch("hasStreams", () => true, OWN),
    playId: watch("playId", () => `play-${++plays}`, OWN),
    timeout: (ms) => ms === SWEEP_MS ? clock.timeout(ms) : watchedTimeout(ms),
  });

  async function through<T>(asked: Promise<T>): Promise<T> {
    let answered = false;
    const done = asked.then(() => void (answered = true), () => void (answered = true));
    while (!answered) {
      const begins = calls.hangs();
      const stuck = calls.hanging();
      if (stuck.length === 0) await Promise.race([done, begins]);
      for (const call of stuck) while (!call.over && !answered) await clock.advance(100);
    }
    return await asked;
  }

  return { kind, gateOnFailure, app, calls, clock, settings, near, film, through };
}

function watchedGate(near: MemoryGate, { watch }: Calls): Gate {
  function operation<Name extends keyof Gate>(name: Name): Gate[Name] {
    const run = near[name] as (...asked: Parameters<Gate[Name]>) => ReturnType<Gate[Name]>;
    return watch(name, run, GATE) as Gate[Name];
  }
  return {
    admit: operation("admit"),
    beat: operation("beat"),
    release: operation("release"),
    evict: operation("evict"),
    list: operation("list"),
  };
}
