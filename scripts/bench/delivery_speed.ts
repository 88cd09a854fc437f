/**
 * How fast a proxied film flows and how soon it begins, beside a bare proxy.
 *
 * A round starts every server afresh and warms it up with one film; then they take turns, so that
 * whatever else the machine does meets all of them alike, and every other turn goes through them
 * backwards. A turn's ratio is that to the bare proxy in the same turn, the figure the median of the
 * rounds' medians.
 *
 * @module
 */

import type { ServerProcess } from "./child.ts";
import { nameOf, type Runtime, type Stage, startStage } from "./delivery_stage.ts";
import { atLeast, atMost, type BenchOptions, median, type Reading } from "./figure.ts";

type Films = { what: string; bytes: number; count: number };
type Lane = { server: ServerProcess; paths: (films: Films) => Promise<string[]> };
/** Bytes per millisecond, and per millisecond of the server's own time. */
type Rates = { rate: number; own: number };

const FILMS: readonly Films[] = [
  { what: "proxied, one film", bytes: 500_000_000, count: 1 },
  { what: "proxied, 50 films at once", bytes: 100_000_000, count: 50 },
];
const WARM: Films = { what: "warming up", bytes: 1_000_000_000, count: 1 };
const OPENINGS = 300;
/** More tickets than Weir remembers. */
const FORGOTTEN_AFTER = 1100;
/** Few, for what flows after the first byte takes the processor from the player that waits for it. */
const OPENED_BYTES = 100_000;

/** Throughput; and how much of it any JavaScript between costs, where the bare proxy has none. */
export async function throughput(runtime: Runtime, options: BenchOptions): Promise<Reading[]> {
  const weir = FILMS.map((): Rates[] => []);
  const barest = FILMS.map((): Rates[] => []);
  for (let round = 0; round < options.rounds; round++) {
    await using stage = await startStage(runtime);
    const lanes = [weirLane(stage), plainLane(stage.bare), ...stage.barest.map(plainLane)];
    for (const lane of lanes) await download(stage, lane, WARM);
    for (const [index, films] of FILMS.entries()) {
      const turns: Rates[][] = [];
      for (let turn = 0; turn < options.turns; turn++) {
        turns.push(await takeTurns(stage, lanes, { films, backwards: turn % 2 === 1 }));
      }
      weir[index]!.push(ratioOf(turns, 0));
      if (lanes.length > 2) barest[index]!.push(ratioOf(turns, 2));
    }
  }
  const on = `on ${nameOf(runtime)}`;
  return FILMS.flatMap(({ what }, index) => {
    const { rate, own } = middleOf(weir[index]!);
    const reading = atLeast(0.8, rate, { what: `${what}, ${on}` });
    const readings = [{ ...reading, measured: `${reading.measured}  (${perSecond(own)})` }];
    if (barest[index]!.length === 0) return readings;
    const told = middleOf(barest[index]!);
    const measured = `${told.rate.toFixed(2)} ×  (${perSecond(told.own)})`;
    return [...readings, { what: "  the barest JavaScript between", measured }];
  });
}

async function takeTurns(
  stage: Stage,
  lanes: readonly Lane[],
  { films, backwards }: { films: Films; backwards: boolean },
): Promise<Rates[]> {
  const rates: Rates[] = [];
  const order = [...lanes.keys()];
  for (const index of backwards ? order.reverse() : order) {
    rates[index] = await download(stage, lanes[index]!, films);
  }
  return rates;
}

async function download({ ask }: Stage, { server, paths }: Lane, films: Films): Promise<Rates> {
  const { port, pid } = server;
  const got = await ask("download", { port, pid, paths: await paths(films) });
  const { what, bytes, count } = films;
  if (got.bytes < bytes * count) throw new Error(`Cannot measure ${what}: ${got.bytes} bytes`);
  return { rate: got.bytes / got.ms, own: got.bytes / got.cpuMs };
}

function weirLane({ weir, plays }: Stage): Lane {
  return { server: weir, paths: (films) => plays("film", films) };
}

function plainLane(server: ServerProcess): Lane {
  return {
    server,
    paths: ({ bytes, count }) =>
      Promise.resolve(Array.from({ length: count }, () => `/film/${bytes}.mp4`)),
  };
}

/** The middle of a lane's ratios to the bare proxy. */
function ratioOf(turns: readonly Rates[][], lane: number): Rates {
  return middleOf(turns.map((rates) => ({
    rate: rates[lane]!.rate / rates[1]!.rate,
    own: rates[lane]!.own / rates[1]!.own,
  })));
}

function middleOf(all: readonly Rates[]): Rates {
  return { rate: median(all.map(({ rate }) => rate)), own: median(all.map(({ own }) => own)) };
}

function perSecond(own: number): string {
  return `${own.toFixed(2)} per CPU second`;
}

/**
 * A play's first opening asks the gate and the broker; the next, as a seek makes it, no broker. A link
 * that was listed before many others has its ticket decrypted. The two take turns, and each is first
 * every other time, for a collector of garbage may come back as regularly as they do.
 */
export async function opening(runtime: Runtime, options: BenchOptions): Promise<Reading[]> {
  const over = { listed: [] as number[], stored: [] as number[], again: [] as number[] };
  for (let round = 0; round < options.rounds; round++) {
    await using stage = await startStage(runtime);
    const list = (count: number) => stage.plays("film", { bytes: OPENED_BYTES, count });
    const stored = await list(OPENINGS / 2);
    await list(FORGOTTEN_AFTER);
    const listed = await list(OPENINGS / 2);
    const links = stored.flatMap((path, index) => {
      const pair = [{ path, age: "stored" }, { path: listed[index]!, age: "listed" }] as const;
      return index % 2 === 0 ? pair : pair.toReversed();
    });
    const bare = { port: stage.bare.port, path: `/film/${OPENED_BYTES}.mp4` };
    const asks = links.flatMap(({ path }) => {
      const play = { port: stage.weir.port, path };
      return [bare, play, play];
    });
    const { waitsMs } = await stage.ask("open", { asks });
    // The first half warms both up.
    for (let at = links.length / 2; at < links.length; at++) {
      const [bare, first, again] = waitsMs.slice(3 * at) as [number, number, number];
      over[links[at]!.age].push(first - bare);
      over.again.push(again - bare);
    }
  }
  const what = `opening over the bare proxy, on ${nameOf(runtime)}`;
  return [
    atMost(2, median(over.listed), { what, unit: "ms" }),
    atMost(2, median(over.stored), { what: "  and of a link stored long ago", unit: "ms" }),
    atMost(2, median(over.again), { what: "  and once more, as a seek does", unit: "ms" }),
  ];
}
