/**
 * Flights under test: a held gate, a held broker and a clock that stands.
 *
 * @module
 */

import { type Boarded, createBoarding, type FlightDeps } from "../../src/addon/flight.ts";
import type { PoolSettings } from "../../src/gate/policy.ts";
import type { Source } from "../../src/ports.ts";
import { createCall } from "../../src/reliability/call.ts";
import { createExecutor } from "../../src/reliability/execute.ts";
import { type Clock, createClock } from "./clock.ts";
import { type Counted, createCounted } from "./counted.ts";
import { type HeldCalls, heldCalls } from "./held_calls.ts";
import { type HeldGate, heldGate } from "./held_gate.ts";

/** The gate's bounds, as they are by default. */
export const GATE_BOUNDS = { attemptTimeoutMs: 900, totalTimeoutMs: 1800, retryJitterMs: 120 };

/** The broker's bounds, as they are by default. */
export const BROKER_BOUNDS = { attemptTimeoutMs: 4000, totalTimeoutMs: 9000, retryJitterMs: 120 };

/** A request that waits for its flight. */
export type Passenger = {
  readonly viewer: string;
  readonly episode: string;
  /** Its client goes away. */
  leave(): void;
  /** `undefined` as long as it waits; `threw` where it was thrown a bug. */
  readonly boarded: Boarded | { threw: unknown } | undefined;
};

/** See the module. */
export type TestBoarding = HeldGate & {
  clock: Clock;
  counted: Counted;
  broker: HeldCalls<string, readonly Source[]>;
  board(viewer: string, episode: string): Passenger;
};

/** Makes flights over them; `deps` take the place of any of their parts. */
export function testBoarding(
  deps: Partial<FlightDeps> & { settings?: Partial<PoolSettings>; deafBroker?: boolean } = {},
): TestBoarding {
  const clock = createClock();
  const counted = createCounted();
  const broker = heldCalls<string, readonly Source[]>({ deaf: deps.deafBroker ?? false });
  const held = heldGate(clock.now, deps.settings);
  const bounds = deps.bounds ?? { gate: GATE_BOUNDS, broker: BROKER_BOUNDS };
  const executor = () =>
    createExecutor({ now: clock.now, random: () => 0.5, timeout: clock.timeout });
  const execute = { gate: executor(), broker: executor() };
  const { count } = counted;
  const board = createBoarding({
    gate: held.gate,
    resolve: broker.run,
    call: createCall({ execute, bounds, monotonic: clock.now, count, log: () => {} }),
    streamTotalTimeoutMs: 11_000,
    gateOnFailure: "block",
    shareFlights: true,
    monotonic: clock.now,
    timeout: clock.timeout,
    count,
    ...deps,
    bounds,
  });
  return {
    ...held,
    clock,
    counted,
    broker,
    board(viewer, episode) {
      const gone = new AbortController();
      let boarded: Passenger["boarded"];
      Promise.resolve(
        board({ asker: viewer, episode, seat: { session: viewer, viewer, note: episode } }, gone),
      ).then(
        (landed) => boarded = landed,
        (threw) => boarded = { threw },
      );
      return {
        viewer,
        episode,
        leave: () => gone.abort(),
        get boarded() {
          return boarded;
        },
      };
    },
  };
}

/** The streams of an episode, which name it. */
export function streamsOf(episode: string): readonly Source[] {
  return [{ url: `https://films.example/${encodeURIComponent(episode)}.mp4` }];
}

/** What a request came to, in one word: `stream`, a cause, `gone`, `threw` or `waiting`. */
export function cameTo({ boarded }: Passenger): string {
  if (boarded === undefined) return "waiting";
  if ("threw" in boarded) return "threw";
  const { landing } = boarded;
  if (landing === "gone") return "gone";
  return landing.kind === "streams" ? "stream" : landing.cause;
}
