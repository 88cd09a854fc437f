// What comes late or twice does no harm beyond the seat that it may hold, in memory and in Redis.

import { createTcpScripts } from "../src/entry/redis.ts";
import { DEFAULT_SETTINGS, type PoolSettings } from "../src/gate/policy.ts";
import { createRedisGate } from "../src/gate/redis.ts";
import type { Gate, Seat, Verdict } from "../src/ports.ts";
import { createRestScripts } from "../src/upstream/upstash.ts";
import { assert, assertEquals } from "./support/assert.ts";
import { createClock } from "./support/clock.ts";
import { type LateGate, lateMemoryGate, lateRedisGate } from "./support/late.ts";
import { ask, realTimeApp } from "./support/real_time.ts";
import type { RedisServer } from "./support/redis_server.ts";
import { startRestBridge } from "./support/rest_bridge.ts";
import { heldBefore } from "./support/rest_faults.ts";
import { testWithRedis } from "./support/test_with_redis.ts";

const ANNA = { session: "anna", viewer: "anna" };
const BEN = { session: "ben", viewer: "ben" };

/** Claims that hold for every gate of one seat; each operation that is late comes twice. */
const CLAIMS: Readonly<Record<string, (late: LateGate) => Promise<void>>> = {
  async "a late admission of a session that has a seat costs no second one"({ gate, giveUp }) {
    const carryOut = await giveUp((to, signal) => to.admit(ANNA, signal));
    await gate.admit(ANNA);
    await twice(carryOut);
    assertEquals(await seated(gate), ["anna"]);
  },

  async "a late admission takes no seat from who is not idle"({ gate, giveUp }) {
    const carryOut = await giveUp((to, signal) => to.admit(ANNA, signal));
    await gate.admit(BEN);
    await twice(carryOut);
    assertEquals(await seated(gate), ["ben"]);
  },

  async "a late beat takes no seat"({ gate, giveUp }) {
    await gate.admit(ANNA);
    const carryOut = await giveUp((to, signal) => to.beat(ANNA, signal));
    await gate.evict(ANNA);
    await twice(carryOut);
    assertEquals(await seated(gate), []);
    await gate.admit(BEN);
    await twice(carryOut);
    assertEquals(await seated(gate), ["ben"]);
  },

  async "a late release leaves a seat alone that was seen since"({ gate, giveUp }) {
    const release = { ...ANNA, expiresAt: expiry(await gate.admit(ANNA)), grace: false };
    const carryOut = await giveUp((to, signal) => to.release(release, signal));
    await seenLater(gate, release.expiresAt);
    await twice(carryOut);
    assertEquals(await seated(gate), ["anna"]);
  },

  async "a late release leaves another's seat alone"({ gate, giveUp }) {
    const release = { ...ANNA, expiresAt: expiry(await gate.admit(ANNA)), grace: true };
    const carryOut = await giveUp((to, signal) => to.release(release, signal));
    await gate.evict(ANNA);
    await gate.admit(BEN);
    await twice(carryOut);
    assertEquals(await seated(gate), ["ben"]);
  },

  async "a late eviction ends its own session and no other's"({ gate, giveUp }) {
    const carryOut = await giveUp((to, signal) => to.evict(ANNA, signal));
    await gate.admit(BEN);
    await twice(carryOut);
    assertEquals(await seated(gate), ["ben"]);
    await gate.evict(BEN);
    await gate.admit(ANNA);
    await twice(carryOut);
    assertEquals(await seated(gate), []);
  },
};

const SETTINGS: PoolSettings = { ...DEFAULT_SETTINGS, capacity: 1 };

for (const [claim, holds] of Object.entries(CLAIMS)) {
  Deno.test(`memory: ${claim}`, async () => {
    const clock = createClock();
    let ticks = 0;
    await using late = lateMemoryGate(SETTINGS, () => clock.now() + ticks++);
    await holds(late);
  });

  testWithRedis(`Redis: ${claim}`, async (redis) => {
    await using late = await lateRedisGate(SETTINGS, redis);
    await holds(late);
  });
}

async function twice(carryOut: () => Promise<void>): Promise<void> {
  await carryOut();
  await carryOut();
}

async function seated(gate: Gate): Promise<string[]> {
  return (await gate.list()).seats.map(({ session }) => session);
}

function expiry(verdict: Verdict): number {
  assert(verdict.kind !== "blocked");
  return verdict.expiresAt;
}

/** Redis' clock tells milliseconds apart, and no less. */
async function seenLater(gate: Gate, than: number): Promise<void> {
  while (expiry(await gate.admit(ANNA)) === than);
}

/** Short enough to be lived through, where somebody wants the seat and where nobody is rotated. */
const SHORT: readonly PoolSettings[] = [
  { ...SETTINGS, rotationIdleMs: 300, graceMs: 100 },
  { ...SETTINGS, rotationIdleMs: "off", inactivityMs: 700 },
];

/** Ways in which a Redis gets what was given up. */
const WAYS: Readonly<Record<string, (redis: RedisServer, settings: PoolSettings) => Late>> = {
  "over REST, held back on the way"(redis, settings) {
    const bridge = startRestBridge(redis);
    const { url, token } = bridge;
    const run = createRestScripts({ url, token, fetch });
    const comes = Promise.withResolvers<void>();
    return {
      gate: createRedisGate({ run, pool: "test", settings }),
      hold: () => bridge.intercept = heldBefore(comes.promise),
      letGo() {
        bridge.intercept = undefined;
        comes.resolve();
      },
      [Symbol.asyncDispose]: () => bridge[Symbol.asyncDispose](),
    };
  },
  "over TCP, to a Redis that stands still"(redis, settings) {
    const run = createTcpScripts({ url: `redis://127.0.0.1:${redis.port}`, silenceMs: Infinity });
    return {
      gate: createRedisGate({ run, pool: "test", settings }),
      hold: () => redis.pause(),
      letGo: () => redis.resume(),
      [Symbol.asyncDispose]: () => Promise.resolve(run[Symbol.dispose]()),
    };
  },
};

/** There is no time for a second attempt. */
const ONCE = { attemptTimeoutMs: 300, totalTimeoutMs: 300, retryJitterMs: 0 };

async function firstSeat(gate: Gate): Promise<Seat> {
  for (;;) {
    const [seat] = (await gate.list()).seats;
    if (seat !== undefined) return seat;
  }
}

type Late = AsyncDisposable & { gate: Gate; hold(): void; letGo(): void };

for (const [way, open] of Object.entries(WAYS)) {
  for (const settings of SHORT) {
    const { rotationIdleMs, inactivityMs } = settings;
    const bound = rotationIdleMs === "off" ? "INACTIVITY_LIMIT_SEC" : "the idle time";
    testWithRedis(
      `an admission that comes late ${way}, holds a seat for ${bound}`,
      async (redis) => {
        await using place = open(redis, settings);
        const { gate } = place;
        const app = realTimeApp(gate, { bounds: { gate: ONCE } });
        await gate.admit(BEN);
        await gate.evict(BEN);
        place.hold();
        assertEquals((await ask(app, "203.0.113.1")).to, "dependency_timeout");
        const before = Date.now();
        place.letGo();
        const late = (await firstSeat(gate)).since;
        assert(late >= before, `${late} before ${before}`);
        const holdMs = rotationIdleMs === "off" ? inactivityMs : rotationIdleMs;
        for (;;) {
          const verdict = await gate.admit(BEN);
          if (verdict.kind !== "blocked") {
            assertEquals(verdict.kind, rotationIdleMs === "off" ? "new" : "rotated");
            assert(verdict.at >= late + holdMs, `${verdict.at} after ${late}`);
            return;
          }
          assertEquals(verdict.at + verdict.retryAfterMs, late + holdMs);
        }
      },
    );
  }
}
