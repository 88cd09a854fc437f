/**
 * Decisions of the gate in Redis a second, beside a script that does nothing on the same path: over
 * TCP by redis-benchmark's 50 connections and by Weir's own one, and over REST with a well-known rate
 * limiter beside it.
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
import { type RedisServer, startRedis } from "../../tests/support/redis_server.ts";
import { startRestBridge } from "../../tests/support/rest_bridge.ts";
import { atLeast, type Benchmark, type BenchOptions, median, type Reading } from "./figure.ts";

type Ask = () => Promise<unknown>;
type Asks = Readonly<Record<string, Ask>>;
/** Asks for so long, so many at once, and tells how often it was answered a second. */
type Load = (ms: number, inFlight: number) => Promise<number>;

const NOTHING = "return 1";
/** So many that each has been idle for a millisecond when its turn to be rotated out comes. */
const ROTATING_SEATS = 1000;
const NEVER_MS = 1_000_000_000;
const CALLS_A_MS = 40;

/** Each verdict's rate over the rate of `EVALSHA return 1`. */
export const gateRates: Benchmark = {
  name: "gate-rates",
  needs: ["redis-server"],
  async measure(options) {
    await using redis = await startRedis();
    await using bridge = startRestBridge(redis, { upstash: true, keep: false });
    using tcp = createTcpScripts({
      url: `redis://127.0.0.1:${redis.port}`,
      silenceMs: Infinity,
    });
    const many = createManyConnections(redis, options);
    const overMany = await rates(
      await asksOf(many.run, "many", { beside: tcp, suffix: "-__rand_int__" }),
      options,
      many.load,
    );
    const overOne = await rates(await asksOf(tcp, "tcp"), options);
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
      ...readings("TCP, 50 connections", overMany, { held: 0.65, refused: 0.35 }),
      ...readings("TCP, one connection", overOne),
      ...readings("REST", overRest, { held: 0.9, refused: 0.6 }),
      atLeast(0.9, ratio(overRest, "continued", "slidingWindow"), {
        what: "gate over REST: `continued` beside @upstash/ratelimit slidingWindow",
      }),
    ];
  },
};

/**
 * Asks redis-benchmark to repeat a script's call as often as a turn is long, over 50 connections with
 * one call each on its way; `__rand_int__` is another number in each.
 */
function createManyConnections(
  redis: RedisServer,
  { turnMs }: BenchOptions,
): { run: RunScript; load: (ask: Ask) => Load } {
  let rate = 0;
  return {
    async run(script, keys, args) {
      const sha = `${await redis.command("SCRIPT", "LOAD", script)}`;
      const call = ["EVALSHA", sha, `${keys.length}`, ...keys, ...args];
      const { stdout } = await new Deno.Command("redis-benchmark", {
        args: [
          ...["-p", `${redis.port}`, "-c", "50", "-n", `${CALLS_A_MS * turnMs}`],
          ...["-r", "1000000000", "--csv", ...call],
        ],
      }).output();
      rate = Number(
        /^"[^"]*","([\d.]+)"/m.exec(new TextDecoder().decode(stdout).split("\n")[1] ?? "")?.[1],
      );
      return await redis.command(...call);
    },
    load: (ask) => async () => (await ask(), rate),
  };
}

/** `beside` fills the pools; `suffix` stands behind the id of each viewer who arrives. */
async function asksOf(
  run: RunScript,
  path: string,
  { beside = run, suffix = "" }: { beside?: RunScript; suffix?: string } = {},
): Promise<Asks> {
  function gates(pool: string, settings: Partial<PoolSettings> = {}): Gate[] {
    const all = { ...DEFAULT_SETTINGS, ...settings };
    const gateBy = (by: RunScript) =>
      createRedisGate({ run: by, pool: `${path}-${pool}`, settings: all });
    return [gateBy(run), gateBy(beside)];
  }
  const [usual, ...besideUsual] = gates("usual");
  const [full, ...besideFull] = gates("full", { rotationIdleMs: NEVER_MS, capacity: 1 });
  const [rotating, besideRotating] = gates("rotating", {
    capacity: ROTATING_SEATS,
    rotationIdleMs: 1,
    graceMs: 0,
  });
  const anna = { session: "anna", viewer: "anna" };
  for (const each of [...besideUsual, ...besideFull]) await each.admit(anna);
  let arrived = 0;
  const arriveAt = (gate: Gate) => {
    const id = `viewer-${arrived++}${suffix}`;
    return gate.admit({ session: id, viewer: id });
  };
  while (arrived < ROTATING_SEATS) await arriveAt(besideRotating!);
  return {
    nothing: () => run(NOTHING, [], []),
    continued: async () => expect("continued", (await usual!.admit(anna)).kind),
    beat: async () => expect("held", (await usual!.beat({ session: "anna" })).kind),
    blocked: async () =>
      expect("blocked", (await full!.admit({ session: "ben", viewer: "ben" })).kind),
    rotated: async () => expect("rotated", (await arriveAt(rotating!)).kind),
  };
}

function expect(wanted: string, kind: string): void {
  if (kind !== wanted) throw new Error(`Cannot measure ${wanted}: it is ${kind}`);
}

/** Turn by turn, so that other work on the machine falls on all alike. */
async function rates(
  asks: Asks,
  { rounds, turns, turnMs, warmMs, connections }: BenchOptions,
  loadOf: (ask: Ask) => Load = lanes,
): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {};
  const loads = Object.entries(asks).map(([name, ask]): [string, Load] => [name, loadOf(ask)]);
  for (const [, load] of loads) await load(warmMs, connections);
  for (let turn = 0; turn < rounds * turns; turn++) {
    for (const [name, load] of turn % 2 ? loads.toReversed() : loads) {
      (found[name] ??= []).push(await load(turnMs, connections));
    }
  }
  return found;
}

function lanes(ask: Ask): Load {
  return async (ms, inFlight) => {
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
  };
}

function ratio(found: Record<string, number[]>, name: string, beside: string): number {
  return median(found[name]!.map((rate, turn) => rate / found[beside]![turn]!));
}

function readings(
  path: string,
  found: Record<string, number[]>,
  wanted?: { held: number; refused: number },
): Reading[] {
  const perSecond = (name: string) => Math.round(median(found[name]!));
  return ["continued", "beat", "blocked", "rotated"].map((name) => {
    const what = `gate over ${path}: \`${name}\` ${perSecond(name)}/s, \`${NOTHING}\` ` +
      `${perSecond("nothing")}/s`;
    const measured = ratio(found, name, "nothing");
    if (wanted === undefined) return { what, measured: `${measured.toFixed(2)} ×` };
    const isHeld = name === "continued" || name === "beat";
    return atLeast(isHeld ? wanted.held : wanted.refused, measured, { what });
  });
}
