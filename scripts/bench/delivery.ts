/**
 * The figures of delivery by proxy: throughput and opening beside a bare proxy, memory under paused
 * plays, and what beats cost.
 *
 * @module
 */

import { BUILT, type Stage, startStage } from "./delivery_stage.ts";
import {
  atLeast,
  atMost,
  type Benchmark,
  type BenchOptions,
  median,
  type Reading,
} from "./figure.ts";

const LARGE = { bytes: 400_000_000, count: 1 };
const PARALLEL = { bytes: 8_000_000, count: 50 };
const OPENINGS = 60;
const OPENING_TURNS = 3;
const PAUSED = 200;
const SETTLE_MS = 3000;
const BEATING = 1000;
const BEATS_MS = 30_000;

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

async function onRuntime(runtime: "deno" | "node", options: BenchOptions): Promise<Reading[]> {
  const name = runtime === "deno" ? "Deno" : "Node";
  const readings: Reading[] = [];
  {
    await using stage = await startStage(runtime);
    readings.push(
      await throughput(stage, { what: `proxied, one film, on ${name}`, ...LARGE, options }),
    );
    readings.push(
      await throughput(stage, {
        what: `proxied, 50 films at once, on ${name}`,
        ...PARALLEL,
        options,
      }),
    );
    readings.push(...await opening(stage, name));
  }
  {
    await using stage = await startStage(runtime);
    readings.push(await memory(stage, `memory of each of ${PAUSED} paused plays, on ${name}`));
  }
  await using stage = await startStage(runtime);
  readings.push(await beats(stage, `${BEATING} plays that beat every 15 s, on ${name}`));
  return readings;
}

async function throughput(
  stage: Stage,
  { what, bytes, count, options }: {
    what: string;
    bytes: number;
    count: number;
    options: BenchOptions;
  },
): Promise<Reading> {
  const { weir, bare, players } = stage;
  const barePaths = Array.from({ length: count }, () => `/film/${bytes}.mp4`);
  async function download({ port, pid }: { port: number; pid: number }, paths: string[]) {
    const got = await ask(players, { do: "download", port, pid, paths });
    if (got.bytes < bytes * count) throw new Error(`Cannot measure ${what}: ${got.bytes} bytes`);
    return { rate: got.bytes / got.ms, own: got.bytes / got.cpuMs };
  }
  const ratios: { rate: number; own: number }[] = [];
  for (let turn = -1; turn < options.turns * 2; turn++) {
    const plain = await download(bare, barePaths);
    const proxied = await download(weir, await stage.plays("film", { bytes, count }));
    // The first turn warms both up.
    if (turn < 0) continue;
    ratios.push({ rate: proxied.rate / plain.rate, own: proxied.own / plain.own });
  }
  const reading = atLeast(0.8, median(ratios.map(({ rate }) => rate)), { what });
  const own = median(ratios.map(({ own }) => own)).toFixed(2);
  return { ...reading, measured: `${reading.measured}  (${own} per CPU second)` };
}

/** A play's first opening asks the gate and the broker; the next, as a seek makes it, neither. */
async function opening({ weir, bare, players, ...stage }: Stage, name: string): Promise<Reading[]> {
  const film = { bytes: 1_000_000, count: OPENINGS };
  const plain = Array.from({ length: OPENINGS }, () => `/film/${film.bytes}.mp4`);
  async function wait(port: number, paths: string[]): Promise<number> {
    const { waitsMs } = await ask(players, { do: "open", port, paths });
    return median(waitsMs);
  }
  const first: number[] = [];
  const again: number[] = [];
  for (let turn = 0; turn < OPENING_TURNS; turn++) {
    const plays = await stage.plays("film", film);
    const bareMs = await wait(bare.port, plain);
    first.push(await wait(weir.port, plays) - bareMs);
    again.push(await wait(weir.port, plays) - bareMs);
  }
  const what = `opening over the bare proxy, on ${name}`;
  return [
    atMost(2, median(first), { what, unit: "ms" }),
    atMost(2, median(again), { what: "  and once more, as a seek does", unit: "ms" }),
  ];
}

async function memory({ weir, players, ...stage }: Stage, what: string): Promise<Reading> {
  const film = { bytes: 100_000_000, count: PAUSED };
  const warm = await stage.plays("film", { ...film, bytes: 8_000_000, count: 8 });
  await ask(players, { do: "download", port: weir.port, pid: weir.pid, paths: warm });
  const paths = await stage.plays("film", film);
  const before = await ask(players, { do: "usage", pid: weir.pid });
  const { held } = await ask(players, { do: "hold", port: weir.port, paths, paused: true });
  await pause(SETTLE_MS);
  const after = await ask(players, { do: "usage", pid: weir.pid });
  if (held !== PAUSED) throw new Error(`Cannot measure ${what}: ${held} plays are open`);
  return atMost(1, (after.residentMb - before.residentMb) / PAUSED, { what, unit: "MB" });
}

async function beats({ weir, players, ...stage }: Stage, what: string): Promise<Reading> {
  const paths = await stage.plays("slow", { bytes: 1_000_000, count: BEATING });
  await ask(players, { do: "hold", port: weir.port, paths, paused: false });
  await pause(SETTLE_MS);
  const before = await ask(players, { do: "usage", pid: weir.pid });
  await pause(BEATS_MS);
  const after = await ask(players, { do: "usage", pid: weir.pid });
  const share = 100 * (after.cpuMs - before.cpuMs) / BEATS_MS;
  return atMost(5, share, { what, unit: "% of one core" });
}

async function ask(players: Stage["players"], job: Record<string, unknown>) {
  return JSON.parse(await players.ask(JSON.stringify(job)));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
