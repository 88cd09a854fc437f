/**
 * Weir as it is really run: a process of its own, started by the commands that users type.
 *
 * @module
 */

import config from "../../deno.json" with { type: "json" };

/** One way to run Weir. */
export type Entry = { name: string; command: string; args: string[]; cwd: string };

/** Settings by their names. */
export type Env = Record<string, string>;

/** How a process ended. */
export type End = { code: number; stdout: string; stderr: string; ms: number };

/** A Weir that serves. */
export type Running = {
  port: number;
  origin: string;
  /** Closes the end of the pipe from which its log is read. */
  closeLog(): Promise<void>;
  /** Sends a signal, and waits for the end; milliseconds are counted from the signal. */
  stop(signal: Deno.Signal): Promise<End>;
  [Symbol.asyncDispose](): Promise<void>;
};

const ROOT = new URL("../..", import.meta.url).pathname;

/** The `start` task. */
export function denoEntry(): Entry {
  return { name: "Deno", command: "deno", args: taskArgs("start"), cwd: ROOT };
}

/** Deno as it is where `no-legacy-abort` is not set, as on Deno Deploy. */
export function legacyDenoEntry(): Entry {
  const flags = "run --quiet --no-config --import-map=import_map.json --node-modules-dir=manual " +
    "--unstable-raw-imports --allow-net --allow-env --allow-read=. src/entry/deno.ts";
  return { ...denoEntry(), name: "Deno with legacy abort", args: flags.split(" ") };
}

/** Plain `node` with `dist/node.js` alone in a folder. */
export async function nodeEntry(): Promise<Entry & AsyncDisposable> {
  await buildDist();
  const cwd = await Deno.makeTempDir({ dir: "/tmp", prefix: "weir-" });
  await Deno.copyFile(`${ROOT}dist/node.js`, `${cwd}/node.js`);
  return {
    name: "Node",
    command: "node",
    args: ["node.js"],
    cwd,
    [Symbol.asyncDispose]: () => Deno.remove(cwd, { recursive: true }),
  };
}

let built: Promise<void> | undefined;

/** Runs the `build` task, once for all tests of a file. */
export function buildDist(): Promise<void> {
  return built ??= build();
}

async function build(): Promise<void> {
  const args = taskArgs("build");
  const { success, stderr } = await new Deno.Command("deno", { args, cwd: ROOT })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Starts an entry on a free port and waits until it says its address. */
export async function serveEntry(entry: Entry, env: Env = {}): Promise<Running> {
  const { child, ended, firstLines, closeLog } = launch(entry, { PORT: "0", ...env });
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(await firstLines)?.[1]);
  if (!port) throw new Error(`${entry.name} did not begin to serve: ${(await ended).stderr}`);
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    closeLog,
    async stop(signal) {
      const started = performance.now();
      child.kill(signal);
      return { ...await ended, ms: performance.now() - started };
    },
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended by itself.
      }
      await ended;
    },
  };
}

/** Starts an entry that is to end by itself. */
export async function runEntry(entry: Entry, env: Env): Promise<End> {
  const started = performance.now();
  return { ...await launch(entry, env).ended, ms: performance.now() - started };
}

function launch({ command, args, cwd }: Entry, settings: Env): {
  child: Deno.ChildProcess;
  ended: Promise<Omit<End, "ms">>;
  firstLines: Promise<string>;
  closeLog: () => Promise<void>;
} {
  const kept = ["PATH", "HOME", "DENO_DIR"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  const child = new Deno.Command(command, {
    args,
    cwd,
    clearEnv: true,
    env: { ...Object.fromEntries(kept), NO_COLOR: "1", ...settings },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let begun: (text: string) => void;
  const firstLines = new Promise<string>((resolve) => begun = resolve);
  const log = child.stdout.getReader();
  async function end(): Promise<Omit<End, "ms">> {
    const [{ code }, stdout, stderr] = await Promise.all([
      child.status,
      collect(log, (text) => text.includes("operator") && begun(text)),
      collect(child.stderr.getReader()),
    ]);
    begun(stdout);
    return { code, stdout, stderr };
  }
  return { child, ended: end(), firstLines, closeLog: () => log.cancel() };
}

async function collect(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  onText: (text: string) => void = () => {},
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { value } = await reader.read();
    if (value === undefined) return text;
    text += decoder.decode(value, { stream: true });
    onText(text);
  }
}

function taskArgs(task: "start" | "build"): string[] {
  return config.tasks[task].command.split(" ").slice(1);
}
