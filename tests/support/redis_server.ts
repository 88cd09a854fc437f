/**
 * A real `redis-server` for a test: its own process on a free port of 127.0.0.1, that keeps
 * nothing on disk and ends with the test.
 *
 * @module
 */

import { createRedisClient, type RedisClient, type Reply } from "./resp.ts";

/** A running `redis-server`. */
export type RedisServer = Pick<RedisClient, "command" | "batch"> & {
  /** Its port on 127.0.0.1; the same after a restart. */
  readonly port: number;
  /** Stops it in its tracks: it accepts connections and answers nothing. */
  pause(): void;
  /** Lets it go on from where it was paused. */
  resume(): void;
  /** Ends it without warning; connections to it are reset and its data is lost. */
  kill(): Promise<void>;
  /** Ends it where it still runs, and starts it anew: empty, on the same port. */
  restart(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** What to do where there is no `redis-server`. */
export const HOW_TO_GET_REDIS = "install it with: apt-get install redis-server";

const START_TRIES = 5;
const START_TIMEOUT_MS = 10_000;
const POLL_MS = 2;

/** Whether there is a `redis-server` on PATH. Throws where its start is not permitted. */
export async function redisAvailable(): Promise<boolean> {
  try {
    return (await new Deno.Command("redis-server", { args: ["--version"] }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Starts a `redis-server`, with further arguments where such are given, and waits until it answers.
 * Rejects where there is none on PATH.
 *
 * @example
 * ```ts ignore
 * await using redis = await startRedis();
 * await redis.command("SET", "seats", "2"); // "OK"
 * ```
 */
export async function startRedis(args: readonly string[] = []): Promise<RedisServer> {
  const first = await launch(freePort, args);
  const port = first.port;
  let child = first.child;
  let alive = true;
  const client = createRedisClient(port);

  async function kill(): Promise<void> {
    client.disconnect();
    if (alive) await end(child);
    alive = false;
  }

  async function restart(): Promise<void> {
    await kill();
    child = (await launch(() => port, args)).child;
    alive = true;
  }

  return {
    port,
    command: client.command,
    batch: client.batch,
    pause: () => child.kill("SIGSTOP"),
    resume: () => child.kill("SIGCONT"),
    kill,
    restart,
    [Symbol.asyncDispose]: kill,
  };
}

async function launch(
  pickPort: () => number,
  more: readonly string[],
): Promise<{ child: Deno.ChildProcess; port: number }> {
  for (let tries = 0; tries < START_TRIES; tries++) {
    const port = pickPort();
    const child = spawn(port, more);
    if (await becomesReady(child, port)) return { child, port };
  }
  throw new Error(`Cannot start redis-server: it ended ${START_TRIES} times before it answered`);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function spawn(port: number, more: readonly string[]): Deno.ChildProcess {
  const alone = ["--bind", "127.0.0.1", "--port", `${port}`, "--save", "", "--appendonly", "no"];
  const args = [...alone, ...more];
  const quiet = { stdin: "null", stdout: "null", stderr: "null" } as const;
  try {
    return new Deno.Command("redis-server", { args, ...quiet }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`Cannot start redis-server: it is not on PATH, ${HOW_TO_GET_REDIS}`);
  }
}

/** Whether `child` answers on `port`; false where it ended, as it does if the port was taken. */
async function becomesReady(child: Deno.ChildProcess, port: number): Promise<boolean> {
  const client = createRedisClient(port);
  const deadline = performance.now() + START_TIMEOUT_MS;
  let ended = false;
  child.status.then(() => ended = true);
  try {
    while (!ended) {
      // Another process may have taken the port in between: only our own answer counts.
      const info = await client.command("INFO", "server").catch((): Reply => null);
      if (typeof info === "string" && info.includes(`process_id:${child.pid}\r\n`)) return true;
      if (performance.now() > deadline) {
        await end(child);
        throw new Error(`Cannot start redis-server: no answer within ${START_TIMEOUT_MS} ms`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return false;
  } finally {
    client.disconnect();
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
