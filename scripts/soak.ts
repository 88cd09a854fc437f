/**
 * The gate on trial for longer than a test may take:
 *
 *     deno task soak [--seed=<number>] [--moves=1000000] [--steps=6] [--admissions=7]
 *                    [--races=200000]
 *
 * Moves drawn at random, made on the law's model, on the memory gate and on a real Redis; then
 * every sequence of so many steps and of so many admissions, on the model and the memory gate; then
 * so many operations of processes that race for the seats of a pool in Redis. A count of 0 leaves
 * its part out. Ends with 1 where a gate does otherwise than the law, with the moves that show it;
 * the seed that is printed with them makes them again (of a race what is asked and what goes wrong,
 * but not who comes first).
 *
 * @module
 */

import { explain, tally } from "../tests/support/race_tally.ts";
import { race } from "../tests/support/races.ts";
import { forEverySequence, memoryBreach, type Sequences } from "../tests/support/gate_sequences.ts";
import { seedHint, seedOf, type Trial, tryGates } from "../tests/support/gate_trial.ts";
import { startRedis } from "../tests/support/redis_server.ts";

const CAPACITIES = [1, 2, 3];
const PROGRESS_MS = 10_000;
const COUNTED_AT_ONCE = 10_000;
const OPERATIONS_A_RACE = 10_000;

const counts = { moves: 1_000_000, steps: 6, admissions: 7, races: 200_000 };
let askedSeed: string | undefined;
for (const arg of Deno.args) {
  const [, name = "", value = ""] = /^--(\w+)=(-?\d+)$/.exec(arg) ?? [];
  if (name === "seed") askedSeed = value;
  else if (name in counts && Number(value) >= 0) {
    counts[name as keyof typeof counts] = Number(value);
  } else stop(`Cannot read ${arg}: see the head of scripts/soak.ts`);
}

const began = performance.now();
let saidAt = began;
try {
  const seed = seedOf(askedSeed, Math.random);
  if (counts.moves > 0) await soakMoves(counts.moves, seed);
  if (counts.steps > 0) soakSequences("all", counts.steps);
  if (counts.admissions > 0) soakSequences("admissions", counts.admissions);
  if (counts.races > 0) await soakRaces(counts.races, seed);
} catch (error) {
  console.error(error);
  Deno.exit(1);
}

async function soakMoves(moves: number, seed: number): Promise<void> {
  console.log(`${count(moves)} moves, seed ${seed}`);
  await using redis = await startRedis();
  const onRound = (trial: Trial) => progress(`${count(trial.moves)} moves`);
  const trial = await tryGates({ moves, seed, redis, onRound });
  say(`${count(trial.moves)} moves, all alike: model, memory and Redis`);
  table(trial.replies);
}

function soakSequences(of: Sequences["of"], steps: number): void {
  const what = of === "all" ? "steps" : "admissions";
  let total = 0;
  for (const capacity of CAPACITIES) {
    let seen = 0;
    total += forEverySequence({ capacity, steps, of }, (path) => {
      const breach = memoryBreach(path);
      if (breach !== undefined) throw new Error(breach);
      if (++seen % COUNTED_AT_ONCE === 0) {
        progress(`${count(seen)} sequences of ${steps} ${what}, capacity ${capacity}`);
      }
    });
  }
  say(`${count(total)} sequences of up to ${steps} ${what}, all alike: model and memory`);
}

async function soakRaces(operations: number, first: number): Promise<void> {
  console.log(`${count(operations)} operations in races, seed ${first}`);
  const total = new Map<string, number>();
  let done = 0;
  await using redis = await startRedis();
  for (let seed = first; done < operations; seed = (seed + 1) | 0) {
    const run = await race(redis, {
      seed,
      operations: Math.min(operations - done, OPERATIONS_A_RACE),
    });
    try {
      for (const [each, times] of tally(explain(run), run)) {
        total.set(each, (total.get(each) ?? 0) + times);
      }
    } catch (error) {
      throw new Error(seedHint(seed), { cause: error });
    }
    done += run.history.length;
    progress(`${count(done)} operations in races`);
  }
  say(`${count(done)} operations in races, all as if one came after another`);
  table(total);
}

function table(occurrences: ReadonlyMap<string, number>): void {
  for (const [each, times] of [...occurrences].sort()) {
    console.log(`  ${each.padEnd(34)} ${count(times).padStart(9)}`);
  }
}

function progress(text: string): void {
  if (performance.now() - saidAt >= PROGRESS_MS) say(`… ${text}`);
}

function say(text: string): void {
  saidAt = performance.now();
  console.log(`${String(Math.round((saidAt - began) / 1000)).padStart(5)} s  ${text}`);
}

function count(number: number): string {
  return number.toLocaleString("en").replaceAll(",", " ");
}

function stop(problem: string): never {
  console.error(problem);
  Deno.exit(2);
}
