/**
 * Requests per second of the manifest and of a stream answer, beside a bare `Deno.serve` with the
 * same bytes and headers, and beside `stremio-addon-sdk` on Node.
 *
 * A round starts every server afresh and warms it up; then they take turns, one at a time, so that
 * whatever else the machine does meets all of them alike. A round's ratio is the median of its
 * turns, the figure the median of the rounds; every other round goes through the servers backwards.
 *
 * @module
 */

import {
  type Dialogue,
  output,
  type ServerProcess,
  startDialogue,
  startServer,
  startWeir,
} from "./child.ts";
import { atLeast, type Benchmark, type BenchOptions, median, type Reading } from "./figure.ts";

const MANIFEST = "/manifest.json";
const EPISODE = "/stream/series/weir%3Acaminandes%3A1%3A2.json";
const SDK = "scripts/bench/sdk_server.mjs";
const VIEWERS = 1000;

/** Headers that connections and not answers have; a bare server adds its own. */
const ADDED = ["date", "content-length"];

type Lane = {
  name: string;
  path: string;
  start: () => Promise<ServerProcess>;
  /** Header lines that the requests carry in turn. */
  headers?: readonly string[];
};
type Turn = { requests: number; ms: number; cpuMs: number };
type Turns = ReadonlyMap<string, readonly Turn[]>;
type Answer = { body: string; headers: Record<string, string> };

const COMPARISONS: readonly { what: string; lanes: readonly [string, string]; least?: number }[] = [
  { what: "manifest ÷ bare server", lanes: ["weir manifest", "bare manifest"], least: 0.85 },
  { what: "manifest ÷ stremio-addon-sdk", lanes: ["weir manifest", "sdk manifest"], least: 3 },
  { what: "stream ÷ bare server", lanes: ["weir stream", "bare stream"], least: 0.5 },
  { what: "  LOG_LEVEL=warn", lanes: ["quiet stream", "bare stream"], least: 0.5 },
  { what: "  and 1000 viewers behind a proxy", lanes: ["crowd stream", "bare stream"] },
  { what: "stream ÷ stremio-addon-sdk", lanes: ["weir stream", "sdk stream"], least: 2.5 },
  { what: "  LOG_LEVEL=warn", lanes: ["quiet stream", "sdk stream"], least: 2.5 },
];

/** `/manifest.json` and `/stream/…` over HTTP. */
export const throughput: Benchmark = {
  name: "throughput",
  needs: ["node"],
  async measure(options) {
    await output("deno", "cache", "--quiet", SDK);
    const lanes = await prepareLanes();
    const rounds: Turns[] = [];
    for (let round = 0; round < options.rounds; round++) {
      rounds.push(await playRound(round % 2 === 0 ? lanes : lanes.toReversed(), options));
    }
    return readings(rounds);
  },
};

async function prepareLanes(): Promise<Lane[]> {
  await using weir = await startWeir();
  const [manifest, stream] = [await fetchAnswer(weir, MANIFEST), await fetchAnswer(weir, EPISODE)];
  const bare = (answer: Answer) => () =>
    startServer((port) => {
      const permissions = ["--allow-net"];
      const args = [String(port), JSON.stringify(answer)];
      return ["deno", "run", "--quiet", ...permissions, "scripts/bench/bare_server.ts", ...args];
    });
  const addon = JSON.stringify({ manifest: JSON.parse(manifest.body), ...JSON.parse(stream.body) });
  const sdk = () => startServer((port) => ["node", SDK, String(port), addon]);
  const crowd = { TRUST_PROXY: "loopback", MAX_SESSIONS: String(VIEWERS), LOG_LEVEL: "warn" };
  return [
    { name: "bare manifest", path: MANIFEST, start: bare(manifest) },
    { name: "weir manifest", path: MANIFEST, start: startWeir },
    { name: "sdk manifest", path: MANIFEST, start: sdk },
    { name: "bare stream", path: EPISODE, start: bare(stream) },
    { name: "weir stream", path: EPISODE, start: startWeir },
    { name: "quiet stream", path: EPISODE, start: () => startWeir({ LOG_LEVEL: "warn" }) },
    {
      name: "crowd stream",
      path: EPISODE,
      start: () => startWeir(crowd),
      headers: Array.from({ length: VIEWERS }, (_, n) => forwardedFor(n)),
    },
    { name: "sdk stream", path: EPISODE, start: sdk },
  ];
}

function forwardedFor(viewer: number): string {
  return `X-Forwarded-For: 203.0.${viewer >> 8}.${viewer & 255}\r\n`;
}

async function fetchAnswer({ port }: ServerProcess, path: string): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  const headers = [...response.headers].filter(([name]) => !ADDED.includes(name));
  return { body: await response.text(), headers: Object.fromEntries(headers) };
}

async function playRound(lanes: readonly Lane[], options: BenchOptions): Promise<Turns> {
  await using stack = new AsyncDisposableStack();
  const load = stack.use(startDialogue("node", "scripts/bench/load.mjs"));
  const turns = new Map<string, Turn[]>();
  const started: { lane: Lane; server: ServerProcess }[] = [];
  for (const lane of lanes) {
    const server = stack.use(await lane.start());
    await play(load, { lane, server, ms: options.warmMs, ...options });
    started.push({ lane, server });
    turns.set(lane.name, []);
  }
  for (let turn = 0; turn < options.turns; turn++) {
    for (const { lane, server } of started) {
      turns.get(lane.name)!.push(
        await play(load, { lane, server, ms: options.turnMs, ...options }),
      );
    }
  }
  return turns;
}

async function play(
  load: Dialogue,
  job: { lane: Lane; server: ServerProcess; ms: number; connections: number },
): Promise<Turn> {
  const { lane: { path, headers = [""] }, server: { port, pid }, ms, connections } = job;
  return JSON.parse(
    await load.ask(JSON.stringify({ port, pid, path, headers, connections, ms })),
  );
}

function readings(rounds: readonly Turns[]): Reading[] {
  const compared = COMPARISONS.map(({ what, lanes, least }) => {
    const ratios = ratiosOf(rounds, lanes, rate);
    const ratio = median(ratios);
    const own = median(ratiosOf(rounds, lanes, ({ requests, cpuMs }) => requests / cpuMs));
    const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
    const perCpu = Number.isNaN(own) ? "" : `; per CPU second ${own.toFixed(2)}`;
    const measured = `${ratio.toFixed(2)} ×  (${spread}${perCpu})`;
    return { ...least === undefined ? { what } : atLeast(least, ratio, { what }), measured };
  });
  const speeds = [...rounds[0]!.keys()].toSorted().map((lane) => {
    const perSecond = median(rounds.flatMap((turns) => turns.get(lane)!.map(rate)));
    return { what: lane, measured: `${Math.round(perSecond)} requests/s` };
  });
  return [...compared, ...speeds];
}

function rate({ requests, ms }: Turn): number {
  return 1000 * requests / ms;
}

/** Each round's median ratio. */
function ratiosOf(
  rounds: readonly Turns[],
  [name, yardstick]: readonly [string, string],
  value: (turn: Turn) => number,
): number[] {
  return rounds.map((turns) => {
    const own = turns.get(name)!;
    const other = turns.get(yardstick)!;
    return median(own.map((turn, index) => value(turn) / value(other[index]!)));
  });
}
