// A script that fails does not undo what it has written. Redis looks whether it may write before a
// script's first write, and not again: each operation is done as a whole, or not at all.

import { DEFAULT_SETTINGS, type PoolSettings } from "../src/gate/policy.ts";
import { BadReplyError, type Gate } from "../src/ports.ts";
import { assert, assertEquals } from "./support/assert.ts";
import { type Fault, FAULTS } from "./support/redis_faults.ts";
import type { RedisServer } from "./support/redis_server.ts";
import { snapshot } from "./support/redis_snapshot.ts";
import { WAYS } from "./support/redis_ways.ts";
import { testWithRedis } from "./support/test_with_redis.ts";

const ANNA = { session: "anna", viewer: "anna", note: "weir:sintel" };
const BEN = { session: "ben", viewer: "ben", note: "weir:spring" };

/** An operation, and what it comes to where Redis is well. */
type Case = {
  settings?: Partial<PoolSettings>;
  /** Makes the pool ready, and gives the operation. */
  prepare(gate: Gate): Promise<() => unknown>;
  comesTo: string | number;
};

const IDLE: Partial<PoolSettings> = { capacity: 1, rotationIdleMs: 1, graceMs: 0 };
const EXPIRED: Partial<PoolSettings> = { capacity: 1, rotationIdleMs: "off", inactivityMs: 1 };

const CASES: Readonly<Record<string, Case>> = {
  "a first admission": {
    prepare: (gate) => Promise.resolve(() => gate.admit(ANNA)),
    comesTo: "new",
  },
  "another admission": { prepare: after("stands", (gate) => gate.admit(BEN)), comesTo: "new" },
  "an admission that continues": {
    prepare: after("stands", (gate) => gate.admit({ ...ANNA, note: "weir:spring" })),
    comesTo: "continued",
  },
  "an admission that reconnects": {
    prepare: after("leaves", (gate) => gate.admit({ ...ANNA, session: "another" })),
    comesTo: "reconnected",
  },
  "an admission that rotates": {
    settings: IDLE,
    prepare: after("stands", (gate) => gate.admit(BEN)),
    comesTo: "rotated",
  },
  "an admission after an expiry": {
    settings: EXPIRED,
    prepare: after("stands", (gate) => gate.admit(BEN)),
    comesTo: "new",
  },
  "an admission that is blocked": {
    settings: { capacity: 1 },
    prepare: after("stands", (gate) => gate.admit(BEN)),
    comesTo: "blocked",
  },
  "a beat": { prepare: after("stands", (gate) => gate.beat(ANNA)), comesTo: "held" },
  "a beat within the grace": {
    prepare: after("leaves", (gate) => gate.beat(ANNA)),
    comesTo: "held",
  },
  "a release": { prepare: release(false), comesTo: "left" },
  "a release with grace": { prepare: release(true), comesTo: "leaving" },
  "an eviction": { prepare: after("stands", (gate) => gate.evict(ANNA)), comesTo: "evicted" },
  "an eviction within the grace": {
    prepare: after("leaves", (gate) => gate.evict(ANNA)),
    comesTo: "evicted",
  },
  "a list after an expiry": {
    settings: EXPIRED,
    prepare: after("stands", (gate) => gate.list()),
    comesTo: 0,
  },
};

function after(anna: "stands" | "leaves", ask: (gate: Gate) => unknown): Case["prepare"] {
  return async (gate) => {
    const expiresAt = await admitted(gate);
    if (anna === "leaves") await gate.release({ ...ANNA, expiresAt, grace: true });
    return () => ask(gate);
  };
}

function release(grace: boolean): Case["prepare"] {
  return async (gate) => {
    const expiresAt = await admitted(gate);
    return () => gate.release({ ...ANNA, expiresAt, grace });
  };
}

async function admitted(gate: Gate): Promise<number> {
  const verdict = await gate.admit(ANNA);
  assert(verdict.kind === "new");
  return verdict.expiresAt;
}

const REFUSALS: readonly Fault[] = ["OOM", "READONLY", "NOREPLICAS", "MISCONF"].map((code) => (
  FAULTS.find(({ told }) => told.TCP?.code === code)!
));

for (const fault of REFUSALS) {
  const { code } = fault.told.TCP!;
  testWithRedis(`${code}: each operation is done as a whole, or not at all`, async (redis) => {
    for (const [name, each] of Object.entries(CASES)) await isWhole(redis, fault, [name, each]);
  }, { redisArgs: fault.redisArgs ?? [] });
}

async function isWhole(
  redis: RedisServer,
  fault: Fault,
  [name, { settings, prepare, comesTo }]: [string, Case],
): Promise<void> {
  await redis.command("FLUSHDB");
  await using way = WAYS.TCP(redis, { ...DEFAULT_SETTINGS, ...settings });
  const gate = way.gate();
  const ask = await prepare(gate);
  await aMomentLater(redis);
  const before = await snapshot(redis);
  await fault.begin({ redis, way });
  const refused = await refusal(ask);
  if (refused) assertEquals(await snapshot(redis), before, name);
  await fault.end({ redis, way });
  if (refused) assertEquals(kindOf(await ask()), comesTo, name);
  await gate.list();

  /** What is not refused has to be done. */
  async function refusal(ask: () => unknown): Promise<boolean> {
    try {
      assertEquals(kindOf(await ask()), comesTo, name);
      return false;
    } catch (error) {
      if (!(error instanceof BadReplyError)) throw error;
      assertEquals(error.code, fault.told.TCP!.code, name);
      return true;
    }
  }
}

function kindOf(reply: unknown): unknown {
  const { kind, occupied } = reply as { kind?: string; occupied?: number };
  return kind ?? occupied;
}

/** Two milliseconds by Redis' own clock. */
async function aMomentLater(redis: RedisServer): Promise<void> {
  const now = async () => {
    const [seconds, micros] = await redis.command("TIME") as string[];
    return Number(seconds) * 1000 + Number(micros) / 1000;
  };
  const until = await now() + 2;
  while (await now() < until);
}
