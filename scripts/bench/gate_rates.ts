/**
 * Decisions of the gate in Redis a second, beside a script that does nothing on the same path: over
 * TCP, and over REST with a well-known rate limiter beside it.
 *
 * @module
 */

import { Ratelimit } from "@upstash/ratelimit";
import { Redis } from "@upstash/redis";
import { createTcpScripts } from "../../src/entry/redis.ts";
import { DEFAULT_SETTINGS, type PoolSettings } from "../../src/gate/policy.ts";
import { createRedisGate, type RunScript } from "../../src/gate/redis.ts";
import type { Gate } from "../../src/ports.ts";
import { createRestScripts } from "../../src/upstream/upstash.ts";
import { startRedis } from "../../tests/support/redis_server.ts";
import { startRestBridge } from "../../tests/support/rest_bridge.ts";
import { atLeast, type Benchmark, type BenchOptions, median, type Reading } from "./figure.ts";

type Asks = Readonly<Record<string, () => Promise<unknown>>>;

const NOTHING = "return 1";
/** So many that each has been idle for a millisecond when its turn to be rotated out comes. */
const ROTATING_SEATS = 1000;
const NEVER_MS = 1_000_000_000;

/** Each verdict's rate over the rate of `EVALSHA return 1`. */
export const gateRates: Benchmark = {
  name: "gate-rates",
  needs: ["redis-server"],
  async measure(options) {
    await using redis = await startRedis();
    await using bridge = startRestBridge(redis, { upstash: true });
    using tcp = createTcpScripts({
      url: `redis://127.0.0.1:${redis.port}`,
      silenceMs: Infinity,
    });
    const overTcp = await rates(await asksOf(tcp, "tcp"), options);
    const { url, token } = bridge;
    const rest = createRestScripts({ url, token, fetch: (request, init) => fetch(request, init) });
    const limiter = new Ratelimit({
      // One request a decision, as the gate has it.
      redis: new Redis({ url, token, enableTelemetry: false, enableAutoPipelining: false }),
      limiter: Ratelimit.slidingWindow(NEVER_MS, "10 s"),
      ephemeralCache: false,
    });
    const overRest = await rates({
      ...await asksOf(rest, "rest"),
      slidingWindow: () => limiter.limit("anna"),
    }, options);
    return [
      ...readings("TCP", overTcp, { held: 0.65, refused: 0.35 }),
      ...readings("REST", overRest, { held: 0.9, refused: 0.6 }),
      atLeast(0.9, ratio(overRest, "continued", "slidingWindow"), {
        what: "gate over REST: `continued` beside @upstash/ratelimit slidingWindow",
      }),
    ];
  },
};

async function asksOf(run: RunScript, path: string): Promise<Asks> {
  function gate(pool: string, settings: Partial<PoolSettings> = {}): Gate {
    const all = { ...DEFAULT_SETTINGS, ...settings };
    return createRedisGate({ run, pool: `${path}-${pool}`, settings: all });
  }
  const usual = gate("usual");
  const full = gate("full", { rotationIdleMs: NEVER_MS, capacity: 1 });
  const rotating = gate("rotating", { capacity: ROTATING_SEATS, rotationIdleMs: 1, graceMs: 0 });
  const anna = { session: "anna", viewer: "anna" };
  for (const each of [usual, full]) await each.admit(anna);
  let arrived = 0;
  const arrive = () => {
    const id = `viewer-${arrived++}`;
    return rotating.admit({ session: id, viewer: id });
  };
  while (arrived < ROTATING_SEATS) await arrive();
  return {
    nothing: () => run(NOTHING, [], []),
    continued: async () => expect("continued", (await usual.admit(anna)).kind),
    beat: async () => expect("held", (await usual.beat({ session: "anna" })).kind),
    blocked: async () =>
      expect("blocked", (await full.admit({ session: "ben", viewer: "ben" })).kind),
    rotated: async () => expect("rotated", (await arrive()).kind),
  };
}

function expect(wanted: string, kind: string): void {
  if (kind !== wanted) throw new Error(`Cannot measure ${wanted}: it is ${kind}`);
}

/** Turn by turn, so that other work on the machine falls on all alike. */
async function rates(asks: Asks, options: BenchOptions): Promise<Record<string, number[]>> {
  const { rounds, turns, turnMs, warmMs, connections } = options;
  const found: Record<string, number[]> = {};
  for (const ask of Object.values(asks)) await perSecond(ask, warmMs, connections);
  for (let turn = 0; turn < rounds * turns; turn++) {
    const order = Object.entries(asks);
    for (const [name, ask] of turn % 2 ? order.reverse() : order) {
      (found[name] ??= []).push(await perSecond(ask, turnMs, connections));
    }
  }
  return found;
}

async function perSecond(
  ask: () => Promise<unknown>,
  ms: number,
  inFlight: number,
): Promise<number> {
  const began = performance.now();
  let asked = 0;
  async function lane(): Promise<void> {
    while (performance.now() - began < ms) {
      await ask();
      asked++;
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane));
  return asked / (performance.now() - began) * 1000;
}

function ratio(found: Record<string, number[]>, name: string, beside: string): number {
  return median(found[name]!.map((rate, turn) => rate / found[beside]![turn]!));
}

function readings(
  path: string,
  found: Record<string, number[]>,
  wanted: { held: number; refused: number },
): Reading[] {
  const perSecond = (name: string) => Math.round(median(found[name]!));
  return ["continued", "beat", "blocked", "rotated"].map((name) => {
    const least = name === "continued" || name === "beat" ? wanted.held : wanted.refused;
    const what = `gate over ${path}: \`${name}\` ${perSecond(name)}/s, \`${NOTHING}\` ` +
      `${perSecond("nothing")}/s`;
    return atLeast(least, ratio(found, name, "nothing"), { what });
  });
}
