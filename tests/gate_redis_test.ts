import { DEFAULT_SETTINGS, type PoolSettings } from "../src/gate/policy.ts";
import { createRedisGate, type RunScript } from "../src/gate/redis.ts";
import { poolKeys, SCRIPTS } from "../src/gate/scripts.ts";
import { BadReplyError, type Gate } from "../src/ports.ts";
import {
  assert,
  assertEquals,
  assertGreater,
  assertLessOrEqual,
  assertRejects,
} from "./support/assert.ts";
import type { RedisServer } from "./support/redis_server.ts";
import { isRedisError } from "./support/resp.ts";
import { scriptsAt } from "./support/tcp_scripts.ts";
import { testWithRedis } from "./support/test_with_redis.ts";

const SETTINGS: PoolSettings = { ...DEFAULT_SETTINGS, rotationIdleMs: 1, graceMs: 0 };
const LONGEST_MS = SETTINGS.inactivityMs;
/** Of 46 s each: some seven hours. */
const ROUNDS = 600;

function gateAt(redis: RedisServer, settings: PoolSettings, clock: { now: number }): Gate {
  return createRedisGate({ run: scriptsAt(redis, () => clock.now), pool: "test", settings });
}

/** Runs scripts as they are, by their sha; Redis' own clock plays its part. */
async function cachedScripts(redis: RedisServer): Promise<RunScript> {
  const shas = new Map<string, string>();
  for (const script of Object.values(SCRIPTS)) {
    shas.set(script, `${await redis.command("SCRIPT", "LOAD", script)}`);
  }
  return (script, keys, args) =>
    redis.command("EVALSHA", shas.get(script)!, `${keys.length}`, ...keys, ...args);
}

/** How often each command was called by what `work` does, inside scripts too. */
async function called(
  redis: RedisServer,
  work: () => unknown,
): Promise<Record<string, number>> {
  await redis.command("CONFIG", "RESETSTAT");
  await work();
  const stats = `${await redis.command("INFO", "commandstats")}`;
  const calls = [...stats.matchAll(/cmdstat_(\S+?):calls=(\d+)/g)]
    .map(([, name = "", count]): [string, number] => [name, Number(count)]);
  return Object.fromEntries(calls.filter(([name]) => !/^(config|info)/.test(name)));
}

async function billed(redis: RedisServer, work: () => unknown): Promise<number> {
  return Object.values(await called(redis, work)).reduce((sum, count) => sum + count, 0);
}

async function timesToLive(redis: RedisServer): Promise<Map<string, number>> {
  const keys = await redis.command("KEYS", "*");
  const found = new Map<string, number>();
  for (const key of Array.isArray(keys) ? keys : []) {
    found.set(`${key}`, Number(await redis.command("PTTL", `${key}`)));
  }
  return found;
}

testWithRedis("each verdict is billed for so many commands", async (redis) => {
  // At odd milliseconds of this clock no operation forgets for all.
  const clock = { now: 1_700_000_000_001 };
  const gateOf = (settings: Partial<PoolSettings>) =>
    gateAt(redis, { ...DEFAULT_SETTINGS, ...settings }, clock);
  const gate = gateOf({});
  // The clock stands in for TIME.
  const cost = async (work: () => unknown) => await billed(redis, work) + 1;
  const admit = (session: string, on = gate) => () => on.admit({ session, viewer: session });
  await gate.admit({ session: "a", viewer: "a", note: "weir:b" });
  const costs = {
    new: await cost(admit("b")),
    continued: await cost(admit("a")),
    continuedWithNote: await cost(() => gate.admit({ session: "a", viewer: "a", note: "weir:a" })),
    held: await cost(() => gate.beat({ session: "a" })),
    gone: await cost(() => gate.beat({ session: "z" })),
    blocked: await cost(admit("c")),
    list: await cost(() => gate.list()),
    count: await cost(() => gate.list({ most: 0 })),
  };
  assertEquals(costs, {
    new: 7,
    continued: 4,
    continuedWithNote: 5,
    held: 4,
    gone: 4,
    blocked: 6,
    list: 9,
    count: 6,
  });
  clock.now += 2;
  assertEquals(await cost(admit("c", gateOf({ rotationIdleMs: 1, graceMs: 0 }))), 8);
  const { inactivityMs } = DEFAULT_SETTINGS;
  const giveBack = (session: string, grace: boolean, seenAt: number) => () =>
    gate.release({ session, expiresAt: seenAt + inactivityMs, grace });
  await gate.admit({ session: "c", viewer: "c" });
  // The first that leaves renews a TTL.
  assertEquals(await cost(giveBack("c", true, clock.now)), 7);
  assertEquals(await cost(admit("c")), 9);
  assertEquals(await cost(giveBack("c", true, clock.now)), 6);
  assertEquals((await gate.admit({ session: "c", viewer: "c" })).kind, "reconnected");
  assertEquals(await cost(giveBack("c", false, clock.now)), 4);
  assertEquals(await cost(() => gate.evict({ session: "b" })), 4);
});

testWithRedis("a seat that is held asks for the time, its score, and writes it", async (redis) => {
  const run = await cachedScripts(redis);
  const gate = createRedisGate({ run, pool: "test", settings: DEFAULT_SETTINGS });
  await gate.admit({ session: "a", viewer: "a" });
  const calls = await called(redis, () => gate.beat({ session: "a" }));
  assertEquals(calls, { evalsha: 1, time: 1, zmscore: 1, zadd: 1 });
});

testWithRedis("what holds a seat is billed for one more where a TTL is renewed", async (redis) => {
  const clock = { now: 1_700_000_000_000 };
  const gate = gateAt(redis, SETTINGS, clock);
  await gate.admit({ session: "a", viewer: "a" });
  const extra: number[] = [];
  for (let beat = 0; beat < 100; beat++) {
    clock.now += LONGEST_MS - 1;
    const { zmscore, zadd, ...more } = await called(
      redis,
      () => beat % 2 ? gate.beat({ session: "a" }) : gate.admit({ session: "a", viewer: "a" }),
    );
    assertEquals([zmscore, zadd], [1, 1]);
    assertEquals(Object.keys(more).filter((name) => !/^(eval|evalsha|pexpire)$/.test(name)), []);
    extra.push(more.pexpire ?? 0);
  }
  assertEquals(Math.max(...extra), 1);
  const renewed = extra.reduce((sum, count) => sum + count, 0);
  assertLessOrEqual(renewed, 2 * Math.ceil(100 / 2));
  assertGreater(renewed, 10);
});

testWithRedis(
  "every key has a TTL, longer than twice every setting, and is declared",
  async (redis) => {
    const clock = { now: 1_700_000_000_000 };
    const gate = gateAt(redis, { ...SETTINGS, graceMs: 15_000, rotationIdleMs: 45_000 }, clock);
    const renewals = new Map<string, number>();
    // Redis' own clock stands still meanwhile: by the gate's they end then.
    const ends = new Map<string, number>();
    let before = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round++) {
      const session = `s${round % 5}`;
      const verdict = await gate.admit({ session, viewer: session, note: "n" });
      const expiresAt = "expiresAt" in verdict ? verdict.expiresAt : 0;
      if (round % 4 === 1) await gate.release({ session, expiresAt, grace: round % 8 === 1 });
      const after = await timesToLive(redis);
      for (const [key, ms] of after) {
        if (ms > (before.get(key) ?? 0)) {
          renewals.set(key, (renewals.get(key) ?? 0) + 1);
          ends.set(key, clock.now + ms);
        }
        assertGreater(ends.get(key)! - clock.now, 2 * LONGEST_MS, `${key}, round ${round}`);
      }
      before = after;
      clock.now += 46_000;
    }
    assertEquals([...before.keys()].sort(), poolKeys("test").sort());
    assert(poolKeys("test").every((key) => key.startsWith("weir:1:{test}:")));
    const most = Math.ceil(ROUNDS * 46_000 / (2 * LONGEST_MS)) + 1;
    for (const times of renewals.values()) assertLessOrEqual(times, most);
  },
);

testWithRedis("no verdict hangs on a TTL where the times are lengthened", async (redis) => {
  const clock = { now: 1_700_000_000_000 };
  const off: PoolSettings = { ...SETTINGS, rotationIdleMs: "off" };
  const longMs = 100 * LONGEST_MS;
  const holding: [string, () => unknown][] = [
    ["hold", () => gateAt(redis, off, clock).beat({ session: "a", holdMs: longMs })],
    ["settings", () =>
      gateAt(redis, { ...SETTINGS, inactivityMs: longMs }, clock)
        .admit({ session: "a", viewer: "a" })],
  ];
  for (const [what, hold] of holding) {
    await redis.command("FLUSHALL");
    await gateAt(redis, off, clock).admit({ session: "a", viewer: "a" });
    await hold();
    for (const [key, ms] of await timesToLive(redis)) assertGreater(ms, longMs, `${what} ${key}`);
  }
});

testWithRedis(
  "a key that has ended by its TTL gets a new one with its next seat",
  async (redis) => {
    const clock = { now: 1_700_000_000_000 };
    const gate = gateAt(redis, SETTINGS, clock);
    const info = poolKeys("test")[2]!;
    await gate.admit({ session: "a", viewer: "a" });
    clock.now += 3 * LONGEST_MS;
    await gate.beat({ session: "b" });
    await redis.command("DEL", info);
    clock.now += 3 * LONGEST_MS;
    await gate.beat({ session: "b" });
    await gate.admit({ session: "b", viewer: "b" });
    assertGreater(Number(await redis.command("PTTL", info)), 2 * LONGEST_MS);
  },
);

testWithRedis("a script that is given wrong arguments writes nothing", async (redis) => {
  const rules = ["2", "1000", "300", "100", "400", "700"];
  const pool = ["s", "1000", "2", rules.join(" ")];
  const right = { admit: ["v", ""], beat: [], release: ["5", "1"], evict: [], list: [""] };
  const wrong: [keyof Gate, string[]][] = [];
  for (const [name, own] of Object.entries(right) as [keyof Gate, string[]][]) {
    for (const value of ["", "-1", "1.5", "x", "1e400", "nan", "inf"]) {
      for (const index of [1, 2]) wrong.push([name, [...pool.with(index, value), ...own]]);
    }
    for (const index of rules.keys()) {
      for (const value of ["", "-1", "1.5", "x", "1e400", "nan", "9".repeat(40)]) {
        wrong.push([name, [...pool.with(3, rules.with(index, value).join(" ")), ...own]]);
      }
    }
    for (const id of name === "list" ? [] : ["", "a b", "~now", "~kept", "x".repeat(65)]) {
      wrong.push([name, [...pool.with(0, id), ...own]]);
    }
  }
  wrong.push(
    ["admit", [...pool, "", ""]],
    ["admit", [...pool, "a:b", ""]],
    ["admit", [...pool, "v", "=" + "n".repeat(257)]],
    ["release", [...pool, "", "1"]],
    ["release", [...pool, "1.5", "1"]],
    ["list", [...pool, "-1"]],
    ["admit", [...pool.with(1, "0"), "v", ""]],
    ["admit", []],
  );
  for (const [name, args] of wrong) {
    const keys = poolKeys("test");
    const reply = await redis.command("EVAL", SCRIPTS[name], `${keys.length}`, ...keys, ...args);
    assert(isRedisError(reply) && reply.error.includes("argument"), `${name} ${args}`);
  }
  assertEquals(await redis.command("DBSIZE"), 0);
});

testWithRedis("more than 8000 sessions may end at once", async (redis) => {
  const settings = { ...SETTINGS, capacity: 20_000 };
  const full = createRedisGate({ run: await cachedScripts(redis), pool: "test", settings });
  const ids = Array.from({ length: 8200 }, (_, i) => `s${i}`);
  await Promise.all(ids.map((id) => full.admit({ session: id, viewer: id, note: id })));
  const clock = { now: (await full.list()).at + settings.inactivityMs };
  const gate = gateAt(redis, settings, clock);
  assertEquals((await gate.admit({ session: "last", viewer: "v" })).kind, "new");
  assertEquals((await gate.list()).seats.map(({ session }) => session), ["last"]);
  const { now: at } = clock;
  assertEquals(await gate.beat({ session: "s7" }), { kind: "gone", at, reason: "expired" });
  const [seats = "", , info = ""] = poolKeys("test");
  const sizes = async () => [
    await redis.command("ZCARD", seats),
    await redis.command("HLEN", info),
  ];
  assertEquals(await sizes(), [8202, 16_402]);
  // One operation of sixteen forgets; by this clock's microseconds every other one does.
  clock.now += settings.memoryMs;
  for (let ms = 0; ms < 2; ms++, clock.now++) await gate.list();
  assertEquals(await sizes(), [2, 2]);
});

Deno.test("a reply of the wrong shape is a BadReplyError", async () => {
  const asks: ((gate: Gate) => unknown)[] = [
    (gate) => gate.admit({ session: "s", viewer: "v" }),
    (gate) => gate.beat({ session: "s" }),
    (gate) => gate.release({ session: "s", expiresAt: 1, grace: true }),
    (gate) => gate.evict({ session: "s" }),
    (gate) => gate.list(),
  ];
  const replies = [
    null,
    1,
    "OK",
    "",
    {},
    [],
    ["1"],
    ["1", "new", "2"],
    "1 what 2",
    "x new 2",
    "1 new -2",
    "1 new 2.5",
    "1 new 9007199254740993",
    "1 rotated 2 s",
    "1 rotated 2  ",
    "1 rotated 2 s! v",
    "1 rotated 2 s v v",
    "1 new 2 3",
    "1 new 1",
    "1 held 1",
    "1 blocked 0",
    "1 gone left late",
    "1 left early",
    "1 evicted 2",
    "1 blocked",
    "1 gone why",
    "1 held",
    ["1 1", ["s"], [], []],
    ["1 1", ["s", "2"], [], []],
    ["1 1", ["s", "2"], [], ["s", "7"]],
    ["1 1", ["s", "x"], [], ["s", "7 v"]],
    ["1 1", ["s", "2"], [], ["7 v", "note"]],
    ["1 1", ["s", "1"], [], ["7 v", ""]],
    ["1 1", ["s!", "2"], [], ["7 v", ""]],
    ["1 1", [], ["s", "1"], ["x v", ""]],
    ["1 1", [], ["s", "2"], ["7 v", ""]],
    ["1 1", ["s", "2"], [], ["7 v", "", "7 v", ""]],
    ["1 0 0", [], [], []],
    ["1", [], [], []],
    ["1 0"],
    ["1 0", [], []],
    ["1 0", [], [], "info"],
  ];
  for (const reply of replies) {
    const run = () => Promise.resolve(reply);
    const gate = createRedisGate({ run, pool: "test", settings: SETTINGS });
    for (const ask of asks) {
      await assertRejects(() => Promise.resolve(ask(gate)), BadReplyError, "answered nonsense");
    }
  }
});
