/**
 * The gates on trial: moves drawn at random, made on the law's model, on the memory gate and on
 * Redis, verdict by verdict and state by state.
 *
 * @module
 */

import fc from "fast-check";
import { createMemoryGate, type MemoryGate } from "../../src/gate/memory.ts";
import { DEFAULT_SETTINGS, type PoolSettings } from "../../src/gate/policy.ts";
import { createRedisGate } from "../../src/gate/redis.ts";
import type { Gate } from "../../src/ports.ts";
import { assertEquals } from "./assert.ts";
import { emptyPool, type PoolState, step, turningPoints } from "./gate_model.ts";
import {
  clockAfter,
  createScene,
  type Move,
  moveArbitrary,
  operationOf,
  remember,
  type Scene,
  settingsArbitrary,
} from "./gate_moves.ts";
import { perform } from "./gate_operations.ts";
import { readPool } from "./redis_pool.ts";
import type { RedisServer } from "./redis_server.ts";
import { cachedScriptsAt } from "./tcp_scripts.ts";

/** How a trial went. */
export type Trial = {
  /** How many moves were made. */
  moves: number;
  /** How often each reply was given, by operation and kind. */
  replies: Map<string, number>;
};

type Law = { state: PoolState; scene: Scene };
type Twins = { memory: MemoryGate; redis: { gate: Gate; server: RedisServer } | undefined };
/** The run that is on, or failed. */
type Run = {
  readonly redis: RedisServer | undefined;
  readonly trial: Trial;
  settings: PoolSettings;
  made: Move[];
};

const POOL = "trial";
const RUNS_A_ROUND = 100;
const MOVES_A_RUN = 80;

/**
 * Makes at least so many moves, in rounds of about 4000. Rejects where a gate does otherwise than
 * the law, with moves of which none can be left out and the seed of that round; a trial with that
 * seed begins with the same round.
 */
export async function tryGates(options: {
  moves: number;
  seed: number;
  redis?: RedisServer;
  onRound?: (trial: Trial) => void;
}): Promise<Trial> {
  const { redis, onRound } = options;
  const trial: Trial = { moves: 0, replies: new Map() };
  for (let seed = options.seed; trial.moves < options.moves; seed = (seed + 1) | 0) {
    const run: Run = { redis, trial, settings: DEFAULT_SETTINGS, made: [] };
    const { failed } = await fc.check(property(run), {
      seed,
      numRuns: RUNS_A_ROUND,
      endOnFailure: true,
    });
    if (failed) throw await explained(run, seed);
    onRound?.(trial);
  }
  return trial;
}

/** The seed that the environment asks for, else one by chance. */
export function seedOf(asked: string | undefined, random: () => number): number {
  if (asked === undefined) return Math.floor(random() * 2 ** 31);
  const seed = Number(asked);
  if (!Number.isInteger(seed) || Math.abs(seed) >= 2 ** 31) {
    throw new Error(
      `Cannot read the seed: must be a whole number of 32 bits, current value is "${asked}"`,
    );
  }
  return seed;
}

/** How a trial is made again. */
export function seedHint(seed: number): string {
  return `again with WEIR_TEST_SEED=${seed} (deno task test) or --seed=${seed} (deno task soak)`;
}

function property(run: Run) {
  const moves = fc.commands<Law, Twins, false>(
    [moveArbitrary.map((move) => command(move, run))],
    { maxCommands: MOVES_A_RUN, size: "max" },
  );
  return fc.asyncProperty(settingsArbitrary, moves, async (settings, moves) => {
    run.settings = settings;
    run.made = [];
    const { model, real } = await begin(settings, run.redis);
    await fc.asyncModelRun(() => ({ model, real }), moves);
    await compareMemories(model, real);
  });
}

/** What went wrong in the last run, with as many of its moves left out as may be. */
async function explained({ redis, settings, made }: Run, seed: number): Promise<Error> {
  let moves = made;
  let found = await breach(settings, moves, redis);
  for (let index = moves.length - 1; index >= 0; index--) {
    const fewer = moves.toSpliced(index, 1);
    const stillFound = await breach(settings, fewer, redis);
    if (stillFound === undefined) continue;
    moves = fewer;
    found = stillFound;
    index = moves.length;
  }
  const lines = [settings, ...moves].map((each) => JSON.stringify(each));
  return new Error([seedHint(seed), ...lines].join("\n"), { cause: found });
}

async function breach(
  settings: PoolSettings,
  moves: readonly Move[],
  redis: RedisServer | undefined,
): Promise<unknown> {
  const { model, real } = await begin(settings, redis);
  try {
    for (const move of moves) await make(move, model, real);
    await compareMemories(model, real);
  } catch (error) {
    return error;
  }
}

async function begin(
  settings: PoolSettings,
  redis: RedisServer | undefined,
): Promise<{ model: Law; real: Twins }> {
  const scene = createScene({ ...settings });
  return { model: { state: emptyPool(settings), scene }, real: await createTwins(scene, redis) };
}

async function createTwins(scene: Scene, server: RedisServer | undefined): Promise<Twins> {
  const { settings } = scene;
  const now = () => scene.clock;
  const memory = createMemoryGate({ settings, now });
  if (server === undefined) return { memory, redis: undefined };
  await server.command("FLUSHALL");
  const gate = createRedisGate({ run: cachedScriptsAt(server, now), pool: POOL, settings });
  return { memory, redis: { gate, server } };
}

function command(move: Move, run: Run): fc.AsyncCommand<Law, Twins, false> {
  return {
    check: () => true,
    async run(law, twins) {
      run.made.push(move);
      const kind = await make(move, law, twins);
      run.trial.moves++;
      run.trial.replies.set(kind, (run.trial.replies.get(kind) ?? 0) + 1);
    },
    toString: () => JSON.stringify(move),
  };
}

/** Makes a move, and tells what was done and answered. */
async function make({ wait, deed }: Move, law: Law, twins: Twins): Promise<string> {
  const { scene } = law;
  scene.clock = clockAfter(wait, scene, turningPoints(law.state));
  if (deed.op === "flush") await twins.redis?.server.command("SCRIPT", "FLUSH");
  if (deed.op === "capacity") {
    scene.settings.capacity = deed.capacity;
    law.state = { ...law.state, settings: { ...scene.settings } };
  }
  const operation = operationOf(deed, scene);
  if (operation === undefined) return deed.op;
  const { state, reply } = step(law.state, operation, scene.clock);
  assertEquals(perform(twins.memory, operation), reply, "the memory gate's reply");
  const listed = step(state, { op: "list", ask: {} }, scene.clock);
  assertEquals(twins.memory.list(), listed.reply, "the memory gate's seats");
  if (twins.redis) {
    assertEquals(await perform(twins.redis.gate, operation), reply, "Redis' reply");
    const read = await readPool(twins.redis.server, { pool: POOL, settings: state.settings });
    assertEquals(sorted(asPruned(read)), sorted(listed.state), "the pool in Redis");
  }
  law.state = state;
  remember(scene, operation, reply);
  return `${operation.op} ${"kind" in reply ? reply.kind : "seats"}`;
}

/** Asks for all sessions what became of them, which `list` does not show. */
async function compareMemories({ state, scene }: Law, { memory, redis }: Twins): Promise<void> {
  for (const session of new Set(scene.sent.flatMap(sessionOf))) {
    const { reply } = step(state, { op: "beat", ask: { session } }, scene.clock);
    assertEquals(memory.beat({ session }), reply, "the memory gate's memory");
    if (redis) assertEquals(await redis.gate.beat({ session }), reply, "Redis' memory");
  }
}

function sessionOf(operation: Scene["sent"][number]): string[] {
  return operation.op === "list" ? [] : [operation.ask.session];
}

/** Rule (b) is meant as if: what is still there though its time is over counts as pruned. */
function asPruned(read: PoolState): PoolState {
  return read.latest === undefined ? read : step(read, { op: "list", ask: {} }, read.latest).state;
}

function sorted({ latest, sessions, leaving, cooling, gone }: PoolState) {
  const byId = (a: { session: string }, b: { session: string }) => a.session < b.session ? -1 : 1;
  return {
    latest,
    sessions: [...sessions].sort(byId),
    leaving: [...leaving].sort(byId),
    cooling: [...cooling].sort((a, b) => a.viewer < b.viewer ? -1 : 1),
    gone: [...gone].sort(byId),
  };
}
