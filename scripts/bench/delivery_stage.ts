/**
 * What the figures of delivery by proxy are measured on: a source, Weir and a bare proxy before it,
 * and players, each in a process of its own.
 *
 * @module
 */

import { type ServerProcess, startDialogue, startServer, startWeir } from "./child.ts";

/** On what Weir and the bare proxies run. */
export type Runtime = "deno" | "node";

/** See the module. */
export type Stage = {
  weir: ServerProcess;
  bare: ServerProcess;
  /** The bare proxy with the barest JavaScript between, where that is another: on Deno. */
  barest: readonly ServerProcess[];
  /** Has the players do a job; see `players.mjs`. */
  ask<J extends keyof Jobs>(job: J, asked: Record<string, unknown>): Promise<Jobs[J]>;
  /** Paths of new plays on Weir: of `film` or `slow`, and of so many bytes. */
  plays(kind: "film" | "slow", options: { bytes: number; count: number }): Promise<string[]>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** What each job comes to. */
type Jobs = {
  download: { bytes: number; ms: number; cpuMs: number };
  open: { waitsMs: number[] };
  hold: { held: number };
  usage: { cpuMs: number; residentMb: number };
};

/** Weir bundled for Node. */
export const BUILT = "dist/node.js";

/** A runtime by its name. */
export function nameOf(runtime: Runtime): string {
  return runtime === "deno" ? "Deno" : "Node";
}

/** More than one, for no viewer opens very many plays at once. */
const VIEWERS = 100;
const BARE = "scripts/bench/bare_proxy.mjs";

/** Starts everything on a runtime. */
export async function startStage(runtime: Runtime): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const origin = stack.use(
    await startServer((port) => ["node", "scripts/bench/film_origin.mjs", String(port)]),
  );
  const url = `http://127.0.0.1:${origin.port}`;
  const settings = {
    DELIVERY: "proxy",
    BROKER_URL: url,
    ALLOW_PRIVATE_SOURCES: "127.0.0.0/8",
    MAX_SESSIONS: "5000",
    LOG_LEVEL: "warn",
    SHOW_AVAILABILITY: "off",
    TRUST_PROXY: "loopback",
    VIEWER_SECRET: "the viewers of the bench, every one of them",
  };
  const program = runtime === "deno" ? ["deno", "run", "--quiet", "--allow-net"] : ["node"];
  const startBare = (...how: string[]) =>
    startServer((port) => [program[0]!, ...program.slice(1), BARE, String(port), url, ...how]);
  const bare = stack.use(await startBare());
  const barest = runtime === "deno" ? [stack.use(await startBare("read"))] : [];
  const weir = stack.use(
    runtime === "deno"
      ? await startWeir(settings)
      : await startServer(() => ["node", BUILT], settings),
  );
  const players = stack.use(startDialogue("node", "scripts/bench/players.mjs"));
  const all = stack.move();
  let episodes = 0;

  async function play(kind: string, bytes: number): Promise<string> {
    const episode = encodeURIComponent(`weir:bench:${++episodes}:${kind}:${bytes}`);
    const answer = await fetch(`http://127.0.0.1:${weir.port}/stream/series/${episode}.json`, {
      headers: { "x-forwarded-for": `203.0.113.${episodes % VIEWERS}` },
    });
    const { streams } = await answer.json();
    return new URL(streams[0].url).pathname;
  }

  return {
    weir,
    bare,
    barest,
    ask: async (job, asked) => JSON.parse(await players.ask(JSON.stringify({ do: job, ...asked }))),
    async plays(kind, { bytes, count }) {
      const paths: string[] = [];
      while (paths.length < count) paths.push(await play(kind, bytes));
      return paths;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
