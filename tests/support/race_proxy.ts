/**
 * What stands between racing processes and Redis: Upstash's REST protocol, with faults, and a
 * record of what passed.
 *
 * @module
 */

import { createChance, seedOfOne } from "./chance.ts";
import { startDroppableServer } from "./droppable.ts";
import type { Span } from "./gate_history.ts";
import { drawFault, type Fault, suffer } from "./race_faults.ts";
import { OPERATION_HEADER, START_PATH } from "./race_process.ts";
import type { RaceRedis } from "./race_redis.ts";
import { isRedisError } from "./resp.ts";
import { createRestEndpoint, type Intercept, type Run } from "./rest_protocol.ts";

/** What the proxy saw of one operation, in its own milliseconds. */
export type Traffic = {
  /** When its first request came. */
  cameAt: number;
  /** When its last answer went; none where none did. */
  wentAt: number | undefined;
  requests: number;
  /** Its runs in Redis. */
  runs: SeenRun[];
};

/** A run in Redis, between two of Redis' times, and whether its answer went out. */
export type SeenRun = Span & { answered: boolean };

/** A running proxy. */
export type RaceProxy = {
  readonly url: string;
  readonly token: string;
  /** By process and number of the operation, as in its header. */
  readonly traffic: ReadonlyMap<string, Traffic>;
  /** How often each fault befell a request. */
  readonly faults: ReadonlyMap<Fault, number>;
  /** Resolves when nothing runs any more. */
  settled(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

const REQUESTS_TO_A_LULL = 500;

/**
 * Starts a proxy for so many processes. Now and then it lets nothing through for a while, as long
 * as `lullsMs` says in turn, and then all at once.
 */
export function startRaceProxy(
  redis: RaceRedis,
  { seed, processes, lullsMs }: { seed: number; processes: number; lullsMs: readonly number[] },
): RaceProxy {
  const traffic = new Map<string, Traffic>();
  const faults = new Map<Fault, number>();
  const under = new Set<Promise<unknown>>();
  const token = "race-token";
  const straight = createRestEndpoint(
    async ([command]) => [(await redis.run(command!)).reply],
    { token },
  );
  const allThere = Promise.withResolvers<void>();
  let there = 0;
  let requests = 0;
  let lull = Promise.resolve();

  async function handle(request: Request): Promise<Response> {
    if (new URL(request.url).pathname === START_PATH) return await start();
    const body = await request.text().catch(() => undefined);
    // Who asked is gone already.
    if (body === undefined) return Response.error();
    const read = new Request(request, { body });
    const name = request.headers.get(OPERATION_HEADER);
    return await (name === null ? straight.handle(read) : pass(read, name));
  }

  async function start(): Promise<Response> {
    if (++there === processes) allThere.resolve();
    await allThere.promise;
    return new Response();
  }

  async function pass(request: Request, name: string): Promise<Response> {
    const seen = traffic.get(name) ??
      { cameAt: performance.now(), wentAt: undefined, requests: 0, runs: [] };
    traffic.set(name, seen);
    seen.requests++;
    if (++requests % REQUESTS_TO_A_LULL === 0) {
      lull = follow(wait(lullsMs[requests / REQUESTS_TO_A_LULL % lullsMs.length]!));
    }
    const chance = createChance(seedOfOne(seed, ...name.split(" ").map(Number)));
    const fault = drawFault(chance, seen.requests);
    faults.set(fault, (faults.get(fault) ?? 0) + 1);

    const answers = new Map<Response, SeenRun>();
    let latest: SeenRun | undefined;
    const run: Run = async ([command]) => {
      await lull;
      const { reply, span } = await redis.run(command!);
      // A script that was refused did not run.
      latest = isRedisError(reply) ? undefined : { ...span, answered: false };
      if (latest) seen.runs.push(latest);
      return [reply];
    };
    const intercept: Intercept = (_call, next) => {
      const deliver = async () => {
        const response = await next();
        if (latest) answers.set(response, latest);
        return response;
      };
      return suffer(fault, chance, { deliver, wait, later: (work) => void follow(work) });
    };
    const response = await createRestEndpoint(run, { token, intercept }).handle(request);
    const answered = answers.get(response);
    if (answered) {
      answered.answered = true;
      seen.wentAt = performance.now();
    }
    return response;
  }

  function follow<T>(work: Promise<T>): Promise<T> {
    under.add(work);
    return work.finally(() => under.delete(work));
  }

  async function settled(): Promise<void> {
    while (under.size > 0) await Promise.all(under);
  }

  const server = startDroppableServer((request) => follow(handle(request)));
  return {
    url: server.url,
    token,
    traffic,
    faults,
    settled,
    async [Symbol.asyncDispose]() {
      allThere.resolve();
      await server[Symbol.asyncDispose]();
      await settled();
    },
  };
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
