/**
 * What the gate costs inside Redis: the time of a decision with few sessions and with many, the
 * commands that are billed for it, the memory of a session.
 *
 * @module
 */

import { createTcpScripts } from "../../src/entry/redis.ts";
import { DEFAULT_SETTINGS, type PoolSettings } from "../../src/gate/policy.ts";
import { createRedisGate, type RunScript } from "../../src/gate/redis.ts";
import { SCRIPTS } from "../../src/gate/scripts.ts";
import type { Awaitable, Gate } from "../../src/ports.ts";
import { type RedisServer, startRedis } from "../../tests/support/redis_server.ts";
import { isRedisError } from "../../tests/support/resp.ts";
import { atMost, type Benchmark, median, type Reading } from "./figure.ts";

const FEW = 10;
const MANY = 100_000;
const TURNS = 5;
const ASKS = 100;
const LANES = 100;
/** Of a session, beside the viewer: an episode as note. */
const NOTE = "weir:caminandes:1:2";
const MOST_TIMES = 2;

/** What one decision took: microseconds, and commands with those inside its script. */
type Spent = { us: number; billed: number };

/** `measured` decides what is asked about; `beside` prepares and clears up. */
type Gates = { measured: Gate; beside: Gate };

type Case = {
  ask: (gates: Gates, id: string) => Awaitable<unknown>;
  settings?: Partial<PoolSettings>;
  /** Seats beside those that are taken. */
  free?: number;
};

const ANNA = { session: "s1", viewer: "s1" };

/** `rotated` is the last: it leaves other sessions behind than it found. */
const CASES: Readonly<Record<string, Case>> = {
  continued: { ask: ({ measured }) => measured.admit(ANNA) },
  held: { ask: ({ measured }) => measured.beat(ANNA) },
  gone: { ask: ({ measured }, id) => measured.beat({ session: id }) },
  blocked: {
    ask: ({ measured }, id) => measured.admit({ session: id, viewer: id }),
    settings: { rotationIdleMs: DEFAULT_SETTINGS.inactivityMs },
  },
  new: {
    free: 1,
    async ask({ measured, beside }, id) {
      await measured.admit({ session: id, viewer: id });
      await beside.evict({ session: id });
    },
  },
  reconnected: {
    async ask({ measured, beside }) {
      await beside.release({ ...ANNA, expiresAt: await lastSeen(beside), grace: true });
      await measured.admit(ANNA);
    },
  },
  leaving: {
    async ask({ measured, beside }) {
      await measured.release({ ...ANNA, expiresAt: await lastSeen(beside), grace: true });
      await beside.admit(ANNA);
    },
  },
  left: {
    async ask({ measured, beside }) {
      await measured.release({ ...ANNA, expiresAt: await lastSeen(beside), grace: false });
      await beside.admit(ANNA);
    },
  },
  evicted: {
    async ask({ measured, beside }) {
      await measured.evict(ANNA);
      await beside.admit(ANNA);
    },
  },
  rotated: {
    settings: { rotationIdleMs: 1, graceMs: 0 },
    async ask({ measured }, id) {
      while ((await measured.admit({ session: id, viewer: id })).kind === "blocked");
    },
  },
};

/** Times, commands and bytes, as Redis itself counts them. */
export const gateCosts: Benchmark = {
  name: "gate-costs",
  needs: ["redis-server"],
  async measure() {
    await using redis = await startRedis();
    await fill(redis, FEW);
    const before = await usedMemory(redis);
    await fill(redis, MANY);
    const bytes = (await usedMemory(redis) - before) / MANY;
    const readings: Reading[] = [{
      what: `memory of a session in Redis, of ${MANY}`,
      measured: `${Math.round(bytes)} bytes`,
    }];
    for (const [verdict, each] of Object.entries(CASES)) {
      const times: number[] = [];
      const us: Record<number, number[]> = { [FEW]: [], [MANY]: [] };
      let billed = Infinity;
      for (let turn = 0; turn < TURNS; turn++) {
        for (const count of [FEW, MANY]) {
          const spent = await measureCase(redis, each, { count, turn });
          us[count]!.push(median(spent.map((one) => one.us)));
          billed = Math.min(billed, ...spent.map((one) => one.billed));
        }
        times.push(us[MANY]![turn]! / us[FEW]![turn]!);
      }
      const [few, many] = [FEW, MANY].map((count) => median(us[count]!));
      readings.push(atMost(MOST_TIMES, median(times), {
        what: `\`${verdict}\` inside Redis, ${billed} commands billed: ${few} µs with ${FEW} ` +
          `sessions, ${many} µs with ${MANY}`,
        unit: "×",
      }));
    }
    return readings;
  },
};

async function lastSeen(beside: Gate): Promise<number> {
  const verdict = await beside.admit(ANNA);
  if (!("expiresAt" in verdict)) throw new Error(`Cannot measure: it is ${verdict.kind}`);
  return verdict.expiresAt;
}

async function measureCase(
  redis: RedisServer,
  { ask, settings, free = 0 }: Case,
  { count, turn }: { count: number; turn: number },
): Promise<Spent[]> {
  const spent: Spent[] = [];
  function gate(run: RunScript): Gate {
    const all = { ...DEFAULT_SETTINGS, ...settings, capacity: count + free };
    return createRedisGate({ run, pool: poolOf(count), settings: all });
  }
  const shas = new Map<string, string>();
  for (const script of Object.values(SCRIPTS)) {
    shas.set(script, `${await redis.command("SCRIPT", "LOAD", script)}`);
  }
  const gates: Gates = {
    measured: gate(async (script, keys, args) => {
      const [, reply, stats] = await redis.batch([
        ["CONFIG", "RESETSTAT"],
        ["EVALSHA", shas.get(script)!, `${keys.length}`, ...keys, ...args],
        ["INFO", "commandstats"],
      ]);
      spent.push(readStats(`${stats}`));
      return checked(reply);
    }),
    beside: gate(async (script, keys, args) =>
      checked(
        await redis.command("EVALSHA", shas.get(script)!, `${keys.length}`, ...keys, ...args),
      )
    ),
  };
  for (let number = 0; number < ASKS; number++) await ask(gates, `t${turn}-${number}`);
  return spent;
}

function readStats(stats: string): Spent {
  let billed = 0;
  for (const [, name = "", calls] of stats.matchAll(/cmdstat_(\S+?):calls=(\d+)/g)) {
    if (!name.startsWith("config")) billed += Number(calls);
  }
  return { us: Number(/cmdstat_evalsha:calls=1,usec=(\d+)/.exec(stats)?.[1]), billed };
}

async function fill(redis: RedisServer, count: number): Promise<void> {
  using run = createTcpScripts({ url: `redis://127.0.0.1:${redis.port}`, silenceMs: Infinity });
  const settings = { ...DEFAULT_SETTINGS, capacity: count };
  const gate = createRedisGate({ run, pool: poolOf(count), settings });
  let number = 0;
  async function lane(): Promise<void> {
    while (number < count) {
      const id = `s${++number}`;
      await gate.admit({ session: id, viewer: id, note: NOTE });
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane));
}

function poolOf(count: number): string {
  return `of-${count}`;
}

function checked(reply: unknown): unknown {
  if (isRedisError(reply)) throw new Error(`Cannot measure: ${reply.error}`);
  return reply;
}

async function usedMemory(redis: RedisServer): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(`${await redis.command("INFO", "memory")}`)?.[1]);
}
