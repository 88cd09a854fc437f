/**
 * Processes that a benchmark starts, and ends when it is done.
 *
 * @module
 */

/** A server in a process of its own. */
export type ServerProcess = {
  readonly port: number;
  readonly pid: number;
  [Symbol.asyncDispose](): Promise<void>;
};

const ROOT = new URL("../..", import.meta.url).pathname;
const POLL_MS = 5;
const START_TIMEOUT_MS = 20_000;

/** Where the programs look for what they need; no setting of the user reaches a measured server. */
const KEPT = ["PATH", "HOME", "DENO_DIR"];

/** Starts a server with a free port, and waits until it takes connections. */
export async function startServer(
  command: (port: number) => [program: string, ...args: string[]],
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const port = freePort();
  const child = spawn(command(port), { ...env, PORT: String(port) });
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!await accepts(port)) {
    if (performance.now() > deadline) {
      await end(child);
      throw new Error(`Cannot start ${command(port)[0]}: no answer in ${START_TIMEOUT_MS} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return { port, pid: child.pid, [Symbol.asyncDispose]: () => end(child) };
}

/** Starts Weir as `deno task start` does. */
export function startWeir(env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const flags = ["--quiet", "--permission-set=serve", "--v8-flags=--max-semi-space-size=4"];
  return startServer(() => ["deno", "run", ...flags, "src/entry/deno.ts"], env);
}

/** Runs a program to its end and gives what it wrote. Throws where it failed. */
export async function output(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd: ROOT,
  }).output();
  if (!success) throw new Error(`${program} failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** A program that answers each line with a line. */
export type Dialogue = {
  ask(line: string): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Starts a program that answers each line with a line. */
export function startDialogue(program: string, ...args: string[]): Dialogue {
  const options = { args, cwd: ROOT, stdin: "piped", stdout: "piped" } as const;
  const child = new Deno.Command(program, options).spawn();
  const writer = child.stdin.getWriter();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let received = "";
  return {
    async ask(line) {
      await writer.write(new TextEncoder().encode(`${line}\n`));
      while (!received.includes("\n")) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`${program} ended before it answered`);
        received += value;
      }
      const at = received.indexOf("\n");
      const answer = received.slice(0, at);
      received = received.slice(at + 1);
      return answer;
    },
    async [Symbol.asyncDispose]() {
      await writer.close().catch(() => {});
      await reader.cancel().catch(() => {});
      await end(child);
    },
  };
}

function spawn([program, ...args]: [string, ...string[]], env: Record<string, string>) {
  return new Deno.Command(program, {
    args,
    cwd: ROOT,
    env: { ...kept(), ...env },
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
}

function kept(): Record<string, string> {
  const found = KEPT.map((name) => [name, Deno.env.get(name)] as const);
  return Object.fromEntries(
    found.filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function accepts(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

async function end(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended by itself.
  }
  await child.status;
}
