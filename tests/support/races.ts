/**
 * Races: several processes, each with many requests in flight, at one pool in one Redis, over a
 * proxy that delays, drops and repeats; and the history of what they asked and were answered.
 *
 * @module
 */

import type { PoolSettings } from "../../src/gate/policy.ts";
import type { Recorded } from "./gate_history.ts";
import type { Fault } from "./race_faults.ts";
import type { RaceGate } from "./race_gates.ts";
import type { ProcessPlan, ProcessRecord } from "./race_process.ts";
import { startRaceProxy, type Traffic } from "./race_proxy.ts";
import { createRaceRedis } from "./race_redis.ts";
import type { RedisServer } from "./redis_server.ts";

/** How a race went. */
export type Race = {
  history: Recorded[];
  /** The most seats that were occupied whenever Redis was looked into, and how often it was. */
  looks: { most: number; count: number };
  /** How often each fault befell a request. */
  faults: ReadonlyMap<Fault, number>;
};

/** Time passes fast: whoever is not seen for a moment is rotated out, or expires a little later. */
export const RACE_SETTINGS: PoolSettings = {
  capacity: 5,
  inactivityMs: 310,
  rotationIdleMs: 250,
  graceMs: 50,
  cooldownMs: 1500,
  memoryMs: 400,
};

/** In one of them all who are seated become idle, in the other they expire. */
const LULLS_MS = [280, 340];
const PROCESSES = 4;
const IN_FLIGHT = 12;
const ROOT = new URL("../..", import.meta.url).pathname;

/** Runs a race in a Redis that is emptied first. */
export async function race(
  redis: RedisServer,
  { seed, operations, gate = "keeps the law" }: {
    seed: number;
    operations: number;
    gate?: RaceGate;
  },
): Promise<Race> {
  await redis.command("FLUSHALL");
  const pooled = { pool: "race", settings: RACE_SETTINGS };
  using raced = createRaceRedis(redis.port, pooled);
  await using proxy = startRaceProxy(raced, { seed, processes: PROCESSES, lullsMs: LULLS_MS });
  const { url, token, traffic, faults } = proxy;
  const records = await runAll(Array.from({ length: PROCESSES }, (_, process) => ({
    ...{ process, url, token, seed, gate, ...pooled },
    operations: Math.ceil(operations / PROCESSES),
    inFlight: IN_FLIGHT,
  })));
  await proxy.settled();
  const history = records.flatMap((each, process) =>
    each.map((record) => recordedOf(process, record, traffic))
  );
  return { history, looks: raced.looks, faults };
}

/** Runs processes side by side; where one fails the others are ended. */
async function runAll(plans: readonly ProcessPlan[]): Promise<ProcessRecord[][]> {
  const stop = new AbortController();
  const runs = plans.map((plan) => run(plan, stop.signal));
  try {
    return await Promise.all(runs);
  } finally {
    stop.abort();
    await Promise.allSettled(runs);
  }
}

async function run(plan: ProcessPlan, signal: AbortSignal): Promise<ProcessRecord[]> {
  const { host } = new URL(plan.url);
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: [
      ...["run", "--quiet", "--no-prompt", "--frozen", `--allow-net=${host}`],
      "tests/support/race_process.ts",
      JSON.stringify(plan),
    ],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal,
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`A racing process failed: ${decoder.decode(stderr)}`);
  return JSON.parse(decoder.decode(stdout));
}

/**
 * What the proxy saw as one before the other was so for those who asked, too: its times, of one
 * clock, lie within theirs.
 */
function recordedOf(
  process: number,
  { number, operation, reply }: ProcessRecord,
  traffic: ReadonlyMap<string, Traffic>,
): Recorded {
  const name = `${process} ${number}`;
  const { cameAt = Infinity, wentAt, runs = [] } = traffic.get(name) ?? {};
  const asked = { name, operation, invokedAt: cameAt, reply };
  if (reply === undefined) return { ...asked, returnedAt: Infinity, unseen: runs };
  const answered = runs.findLast(({ answered }) => answered);
  if (!answered || wentAt === undefined) throw new Error(`${name} was answered by nobody`);
  return { ...asked, returnedAt: wentAt, unseen: runs.filter((run) => run !== answered) };
}
