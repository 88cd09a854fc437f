import { createMemoryGate } from "../src/gate/memory.ts";
import { createRedisGate } from "../src/gate/redis.ts";
import type { Gate, Now } from "../src/ports.ts";
import type { PoolSettings } from "../src/gate/policy.ts";
import { assertEquals, assertRejects, assertThrows } from "./support/assert.ts";
import { ADMISSION, LAW_SETTINGS, type LawCase } from "./support/gate_law.ts";
import { ENDS } from "./support/gate_law_ends.ts";
import { scriptsAt } from "./support/tcp_scripts.ts";
import { testWithRedis } from "./support/test_with_redis.ts";

const LAW = [...ADMISSION, ...ENDS];

async function hold(
  law: LawCase,
  make: (options: { settings: PoolSettings; now: Now }) => Gate,
): Promise<void> {
  const settings = { ...LAW_SETTINGS, ...law.settings };
  let clock = 1_700_000_000_000;
  const now = () => clock;
  const pass = (ms: number) => void (clock += ms);
  await law.hold({ gate: make({ settings, now }), pass, now, settings });
}

for (const law of LAW) {
  Deno.test(`in memory: ${law.claim}`, () => hold(law, createMemoryGate));
}

testWithRedis("in Redis the law is the same", async (redis, t) => {
  for (const law of LAW) {
    await t.step(`in Redis: ${law.claim}`, async () => {
      await redis.command("FLUSHALL");
      await hold(
        law,
        ({ settings, now }) =>
          createRedisGate({ run: scriptsAt(redis, now), pool: "law", settings }),
      );
    });
  }
});

/** What JavaScript would make a text of by itself. */
const NO_TEXTS = [undefined, null, 5, true, ["a"], { length: 1 }] as unknown[] as string[];

const WRONG: ((gate: Gate) => unknown)[] = [
  ...["", "a b", "ä", "a:b", "a{b}", "~now", "a".repeat(65), ...NO_TEXTS].flatMap((id) => [
    (gate: Gate) => gate.admit({ session: id, viewer: "v" }),
    (gate: Gate) => gate.admit({ session: "s", viewer: id }),
    (gate: Gate) => gate.beat({ session: id }),
    (gate: Gate) => gate.release({ session: id, expiresAt: 1, grace: true }),
    (gate: Gate) => gate.evict({ session: id }),
  ]),
  ...[0, -1, 1.5, NaN, Infinity].flatMap((holdMs) => [
    (gate: Gate) => gate.admit({ session: "s", viewer: "v", holdMs }),
    (gate: Gate) => gate.beat({ session: "s", holdMs }),
  ]),
  ...["ü".repeat(129), ...NO_TEXTS.slice(1)].map((note) => (gate: Gate) =>
    gate.admit({ session: "s", viewer: "v", note })
  ),
  (gate) => gate.release({ session: "s", expiresAt: -1, grace: true }),
  (gate) => gate.release({ session: "s", expiresAt: 1.5, grace: true }),
];

Deno.test("a gate that is asked in a wrong way throws a RangeError, and sends nothing", async () => {
  const settings = { ...LAW_SETTINGS };
  const memory = createMemoryGate({ settings, now: () => 0 });
  let sent = 0;
  const run = () => Promise.resolve(sent += 1);
  const redis = createRedisGate({ run, pool: "law", settings });
  for (const ask of WRONG) {
    assertThrows(() => ask(memory), RangeError);
    await assertRejects(() => Promise.resolve(ask(redis)), RangeError);
  }
  assertEquals([sent, memory.list().seats], [0, []]);
});

Deno.test("a gate takes ids of 64 and notes of 256 bytes", () => {
  const gate = createMemoryGate({ settings: LAW_SETTINGS, now: () => 0 });
  const session = `-_09azAZ${"x".repeat(56)}`;
  assertEquals(gate.admit({ session, viewer: session, note: "ü".repeat(128) }).kind, "new");
});

Deno.test("a gate is not made with wrong settings", () => {
  const wrong: Partial<PoolSettings>[] = [
    { capacity: 0 },
    { capacity: 1.5 },
    { inactivityMs: 0 },
    { rotationIdleMs: 0 },
    { graceMs: -1 },
    { cooldownMs: NaN },
    { memoryMs: 0 },
  ];
  for (const each of wrong) {
    const settings = { ...LAW_SETTINGS, ...each };
    const [name] = Object.keys(each);
    const run = () => Promise.reject(new Error());
    assertThrows(() => createMemoryGate({ settings, now: () => 0 }), RangeError, name);
    assertThrows(() => createRedisGate({ run, pool: "law", settings }), RangeError, name);
  }
  const run = () => Promise.reject(new Error());
  for (const pool of ["{}", ...NO_TEXTS]) {
    assertThrows(() => createRedisGate({ run, pool, settings: LAW_SETTINGS }), RangeError);
  }
});
