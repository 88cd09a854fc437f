/**
 * What a million runs of the executor leave on the heap, on Deno and on Node.
 *
 * @module
 */

import { output } from "./child.ts";
import { atMost, type Benchmark, type Reading } from "./figure.ts";

const MOST_MB = 5;
const RUNS = "scripts/bench/executor_runs.mjs";
const BUILT = "dist/weir.js";

/** The heap after many runs with an attempt timeout of 100 ms, beside the heap before. */
export const executorHeap: Benchmark = {
  name: "executor-heap",
  needs: ["node"],
  async measure({ runs }) {
    const expose = "--v8-flags=--expose-gc";
    const onDeno = [
      "run",
      "--quiet",
      "--allow-read=.",
      expose,
      RUNS,
      "../../src/reliability/execute.ts",
    ];
    const readings = [reading("Deno", runs, await output("deno", ...onDeno, String(runs)))];
    if (!await exists(BUILT)) {
      const measured = "no dist/weir.js: deno task build";
      return [...readings, { what: "executor heap on Node", measured }];
    }
    const onNode = ["--expose-gc", RUNS, `../../${BUILT}`];
    return [...readings, reading("Node", runs, await output("node", ...onNode, String(runs)))];
  },
};

function reading(runtime: string, runs: number, written: string): Reading {
  const { grownMb, seconds } = JSON.parse(written);
  const what = `executor heap on ${runtime}, ${runs} runs in ${seconds} s`;
  return atMost(MOST_MB, grownMb, { what, unit: "MB" });
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
