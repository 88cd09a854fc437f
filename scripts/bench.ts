/**
 * The figures that Weir is held to, measured side by side and printed as a table:
 *
 *     deno task bench [--quick] [--only=<name>,…] [--rounds=5] [--turns=4] [--turn-ms=400]
 *                     [--warm-ms=1000] [--connections=16] [--runs=1000000]
 *
 * Ends with 1 where a figure is missed. Needs `node` and `redis-server` on PATH, and `dist/weir.js`
 * (`deno task build`) for the executor on Node. Other work on the same machine shows in how far the
 * rounds lie apart; the ratio of requests per CPU second suffers less from it.
 *
 * @module
 */

import { delivery } from "./bench/delivery.ts";
import { executorHeap } from "./bench/executor_heap.ts";
import {
  type Benchmark,
  type BenchOptions,
  HOW_TO_GET,
  type Reading,
  table,
} from "./bench/figure.ts";
import { gateCosts } from "./bench/gate_costs.ts";
import { gateMemory } from "./bench/gate_memory.ts";
import { gateRates } from "./bench/gate_rates.ts";
import { hangingBroker } from "./bench/hanging_broker.ts";
import { roundTrips } from "./bench/round_trips.ts";
import { throughput } from "./bench/throughput.ts";

const BENCHMARKS: readonly Benchmark[] = [
  throughput,
  roundTrips,
  hangingBroker,
  executorHeap,
  delivery,
  gateRates,
  gateCosts,
  gateMemory,
];

const USUAL: BenchOptions = {
  rounds: 5,
  turns: 4,
  turnMs: 400,
  warmMs: 1000,
  connections: 16,
  runs: 1_000_000,
  shortTimeouts: false,
};
const QUICK: BenchOptions = {
  ...USUAL,
  rounds: 2,
  turns: 2,
  turnMs: 200,
  warmMs: 500,
  runs: 200_000,
  shortTimeouts: true,
};
const NUMBERS = {
  "--rounds": "rounds",
  "--turns": "turns",
  "--turn-ms": "turnMs",
  "--warm-ms": "warmMs",
  "--connections": "connections",
  "--runs": "runs",
} as const;

const { options, chosen } = readArguments(Deno.args);
const readings: Reading[] = [];
for (const benchmark of chosen) readings.push(...await measure(benchmark));
for (const line of table(readings)) console.log(line);
Deno.exit(readings.some(({ reached }) => reached === false) ? 1 : 0);

async function measure(benchmark: Benchmark): Promise<Reading[]> {
  for (const tool of benchmark.needs) {
    if (!await isThere(tool)) {
      return [{ what: benchmark.name, measured: `needs ${tool}: ${HOW_TO_GET[tool]}` }];
    }
  }
  console.error(`measuring ${benchmark.name} …`);
  return await benchmark.measure(options);
}

async function isThere(tool: string): Promise<boolean> {
  try {
    return (await new Deno.Command(tool, { args: ["--version"] }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function readArguments(
  args: readonly string[],
): { options: BenchOptions; chosen: readonly Benchmark[] } {
  const options = { ...(args.includes("--quick") ? QUICK : USUAL) };
  let chosen = BENCHMARKS;
  for (const arg of args) {
    const [name, value = ""] = arg.split("=");
    if (arg === "--quick") continue;
    if (name === "--only") chosen = choose(value.split(","));
    else if (name! in NUMBERS && /^[1-9]\d*$/.test(value)) {
      options[NUMBERS[name as keyof typeof NUMBERS]] = Number(value);
    } else stop(`Cannot read ${arg}: see the head of scripts/bench.ts`);
  }
  return { options, chosen };
}

function choose(names: readonly string[]): readonly Benchmark[] {
  const known = BENCHMARKS.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) stop(`Cannot measure ${unknown}: must be one of ${known.join(", ")}`);
  return BENCHMARKS.filter(({ name }) => names.includes(name));
}

function stop(problem: string): never {
  console.error(problem);
  Deno.exit(2);
}
