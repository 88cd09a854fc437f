/**
 * The figures of delivery by proxy: throughput, opening and memory beside a bare proxy, and what
 * beats cost.
 *
 * @module
 */

import { opening, throughput } from "./delivery_speed.ts";
import { BUILT, type Runtime } from "./delivery_stage.ts";
import { beats, memory } from "./delivery_weight.ts";
import type { Benchmark, BenchOptions, Reading } from "./figure.ts";

/** Delivery by proxy, on Deno and on Node. */
export const delivery: Benchmark = {
  name: "delivery",
  needs: ["node"],
  async measure(options) {
    const readings = await onRuntime("deno", options);
    if (await exists(BUILT)) return [...readings, ...await onRuntime("node", options)];
    return [...readings, { what: "delivery on Node", measured: `no ${BUILT}: deno task build` }];
  },
};

async function onRuntime(runtime: Runtime, options: BenchOptions): Promise<Reading[]> {
  return [
    ...await throughput(runtime, options),
    ...await opening(runtime, options),
    await memory(runtime, options),
    await beats(runtime),
  ];
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
