/**
 * What plays weigh: the memory of those that are paused, and what the beats of many cost.
 *
 * @module
 */

import { nameOf, type Runtime, type Stage, startStage } from "./delivery_stage.ts";
import { atMost, type BenchOptions, median, type Reading } from "./figure.ts";

const PAUSED = { bytes: 100_000_000, count: 200 };
/** As many plays come and go before, so that the heap has grown as far as that makes it. */
const WARM = { bytes: 5_000_000, count: 8 };
const SETTLE_MS = 3000;
const BEATING = 1000;
const BEATS_MS = 30_000;
/** By then what their openings left is collected, and what beats run is compiled. */
const BEATEN_MS = 60_000;

/** The memory of each paused play, and of a bare proxy's connection whose player is paused. */
export async function memory(runtime: Runtime, { rounds }: BenchOptions): Promise<Reading> {
  const what = `memory of each of ${PAUSED.count} paused plays, on ${nameOf(runtime)}`;
  const own: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++) {
    own.push(await memoryOf("weir", runtime));
    bare.push(await memoryOf("bare", runtime));
  }
  const reading = atMost(1, median(own), { what, unit: "MB" });
  return { ...reading, measured: `${reading.measured}  (${median(bare).toFixed(2)} bare)` };
}

async function memoryOf(which: "weir" | "bare", runtime: Runtime): Promise<number> {
  await using stage = await startStage(runtime);
  const { ask, [which]: { port, pid } } = stage;
  for (let gone = 0; gone < PAUSED.count; gone += WARM.count) {
    await ask("download", { port, pid, paths: await pathsOf(stage, which, WARM) });
  }
  const paths = await pathsOf(stage, which, PAUSED);
  const before = await ask("usage", { pid });
  const { held } = await ask("hold", { port, paths, paused: true });
  await pause(SETTLE_MS);
  const after = await ask("usage", { pid });
  if (held !== PAUSED.count) throw new Error(`Cannot measure ${which}: ${held} plays are open`);
  return (after.residentMb - before.residentMb) / PAUSED.count;
}

async function pathsOf(
  { plays }: Stage,
  which: "weir" | "bare",
  film: { bytes: number; count: number },
): Promise<string[]> {
  if (which === "weir") return await plays("film", film);
  return Array.from({ length: film.count }, () => `/film/${film.bytes}.mp4`);
}

/** What plays cost that do nothing but beat. */
export async function beats(runtime: Runtime): Promise<Reading> {
  await using stage = await startStage(runtime);
  const { weir: { port, pid }, ask } = stage;
  const paths = await stage.plays("slow", { bytes: 1_000_000, count: BEATING });
  await ask("hold", { port, paths, paused: false });
  await pause(BEATEN_MS);
  const before = await ask("usage", { pid });
  await pause(BEATS_MS);
  const after = await ask("usage", { pid });
  const share = 100 * (after.cpuMs - before.cpuMs) / BEATS_MS;
  const what = `${BEATING} plays that beat every 15 s, on ${nameOf(runtime)}`;
  return atMost(5, share, { what, unit: "% of one core" });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
