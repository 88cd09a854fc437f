/**
 * Runs the executor so many times and writes `{ grownMb, seconds }`. Arguments: the module that
 * has `createExecutor`, and how many runs. Every run has the same caller, who never leaves: what
 * is not taken off that signal stays for ever.
 */

import process from "node:process";
import { setImmediate } from "node:timers";

const [module, runs] = process.argv.slice(2);
const { createExecutor } = await import(module);
const execute = createExecutor({ now: () => performance.now(), random: Math.random });
const bounds = { attemptTimeoutMs: 100, totalTimeoutMs: 200, retryJitterMs: 0 };
const caller = new AbortController();
const WARM_UP = 10_000;
/** A server turns its event loop; without a turn no deadline passes, and none is forgotten. */
const RUNS_A_TURN = 100;

await run(WARM_UP);
const before = await heap();
const started = performance.now();
await run(Number(runs));
const seconds = Math.round((performance.now() - started) / 100) / 10;
const grownMb = (await heap() - before) / 1e6;
process.stdout.write(JSON.stringify({ grownMb, seconds }));

async function run(times) {
  for (let number = 0; number < times; number++) {
    const { ok } = await execute(() => Promise.resolve(number), bounds, caller.signal);
    if (!ok) throw new Error("a run failed");
    if (number % RUNS_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** One second later, after a forced collection. */
async function heap() {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
