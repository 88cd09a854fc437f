import fc from "fast-check";
import { createMemoryGate } from "../src/gate/memory.ts";
import { DEFAULT_SETTINGS, type PoolSettings } from "../src/gate/policy.ts";
import { createRedisGate } from "../src/gate/redis.ts";
import type { Gate } from "../src/ports.ts";
import { assertEquals } from "./support/assert.ts";
import { scriptsAt } from "./support/tcp_scripts.ts";
import { testWithRedis } from "./support/test_with_redis.ts";

type Step =
  & { waitMs: number; capacity?: number }
  & (
    | {
      op: "admit";
      session: number;
      viewer: number;
      holdMs: number | undefined;
      note: string | undefined;
    }
    | { op: "beat"; session: number; holdMs: number | undefined }
    | { op: "release"; session: number; grace: boolean; stale: boolean }
    | { op: "evict"; session: number }
    | { op: "list" }
  );

const SETTINGS: PoolSettings = {
  ...DEFAULT_SETTINGS,
  inactivityMs: 1000,
  rotationIdleMs: 300,
  graceMs: 100,
  cooldownMs: 400,
  memoryMs: 700,
};

const waitMs = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, 0, 1, 99, 100, 299, 300, 399, 400, 700, 999, 1000) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 500 }) },
  { weight: 1, arbitrary: fc.constantFrom(-1, -500, -1000, -1001, -5000, 100_000) },
);
const session = fc.integer({ min: 0, max: 5 });
const holdMs = fc.option(fc.constantFrom(1, 250, 1000, 4000), { nil: undefined });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constant("admit" as const),
      waitMs,
      session,
      viewer: fc.integer({ min: 0, max: 3 }),
      holdMs,
      note: fc.option(fc.constantFrom("", "weir:a", "weir:ü 1"), { nil: undefined }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constant("beat" as const), waitMs, session, holdMs }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant("release" as const),
      waitMs,
      session,
      grace: fc.boolean(),
      stale: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("evict" as const), waitMs, session }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("list" as const), waitMs }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant("list" as const),
      waitMs,
      capacity: fc.integer({ min: 1, max: 4 }),
    }),
  },
);

for (const rotationIdleMs of [300, "off"] as const) {
  testWithRedis(`memory and Redis decide alike, rotation ${rotationIdleMs}`, async (redis) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
        await redis.command("FLUSHALL");
        const settings = { ...SETTINGS, rotationIdleMs };
        let clock = 1_700_000_000_000;
        const now = () => clock;
        const memory = createMemoryGate({ settings, now });
        const twin = createRedisGate({ run: scriptsAt(redis, now), pool: "test", settings });
        const expiries = new Map<string, number>();
        for (const each of steps) {
          clock += each.waitMs;
          if (each.capacity !== undefined) settings.capacity = each.capacity;
          const expected = run(memory, each, expiries) as Awaited<ReturnType<typeof run>>;
          assertEquals(await run(twin, each, expiries), expected);
          if ("session" in each && "expiresAt" in expected) {
            expiries.set(`s${each.session}`, expected.expiresAt);
          }
        }
        assertEquals(await twin.list(), memory.list());
      }),
      { numRuns: 150 },
    );
  });
}

function run(gate: Gate, step: Step, expiries: Map<string, number>) {
  switch (step.op) {
    case "admit":
      return gate.admit({
        session: `s${step.session}`,
        viewer: `v${step.viewer}`,
        ...(step.holdMs === undefined ? {} : { holdMs: step.holdMs }),
        ...(step.note === undefined ? {} : { note: step.note }),
      });
    case "beat":
      return gate.beat({
        session: `s${step.session}`,
        ...(step.holdMs === undefined ? {} : { holdMs: step.holdMs }),
      });
    case "release": {
      const expiresAt = expiries.get(`s${step.session}`) ?? 0;
      return gate.release({
        session: `s${step.session}`,
        expiresAt: step.stale ? Math.max(0, expiresAt - 1) : expiresAt,
        grace: step.grace,
      });
    }
    case "evict":
      return gate.evict({ session: `s${step.session}` });
    case "list":
      return gate.list();
  }
}
