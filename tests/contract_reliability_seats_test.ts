import { createMemoryGate } from "../src/gate/memory.ts";
import { DEFAULT_SETTINGS, type PoolSettings } from "../src/gate/policy.ts";
import { createRedisGate } from "../src/gate/redis.ts";
import { poolKeys, SCRIPTS } from "../src/gate/scripts.ts";
import { type Gate, StatusError } from "../src/ports.ts";
import { createRestScripts } from "../src/upstream/upstash.ts";
import { assert, assertEquals } from "./support/assert.ts";
import { BOUNDS, type TestApp, testApp, type TestAppOptions } from "./support/app.ts";
import { createClock } from "./support/clock.ts";
import { startRestBridge } from "./support/rest_bridge.ts";
import { createRestDouble } from "./support/rest_double.ts";
import { testWithRedis } from "./support/test_with_redis.ts";
import { counted, introduce, request, sourcesOf, urlOf } from "./support/viewers.ts";

const VIEWERS = 60;
const SEATS = 7;
const GATE_BOUNDS = { attemptTimeoutMs: 900, totalTimeoutMs: 1800, retryJitterMs: 120 };

function app(options: TestAppOptions = {}): TestApp {
  return testApp({ resolve: sourcesOf, bounds: {}, ...options });
}

async function cameTo(on: TestApp, from: string, episode = "weir:a"): Promise<string> {
  const asked = request(on, from, episode);
  await on.clock.settle();
  return await asked.answered === urlOf(episode) ? "stream" : asked.cameTo;
}

/** Everybody asks at once, and then again: as many are seated as there are seats, the same ones. */
async function converges(on: TestApp): Promise<void> {
  const from = await introduce(on, VIEWERS);
  const round = () =>
    Promise.all(from.map((each, i) => request(on, each, `weir:${i % 5}`).answered));
  const first = await round();
  assertEquals(first.filter((answer) => answer.startsWith("https:")).length, SEATS);
  assertEquals(first.filter((answer) => answer === "capacity").length, VIEWERS - SEATS);
  assertEquals(await round(), first);
  assertEquals((await on.gate.list()).seats.length, SEATS);
  assertEquals(counted(on, 'verdicts_total{kind="new"}'), SEATS);
  assertEquals(counted(on, 'verdicts_total{kind="continued"}'), SEATS);
}

Deno.test("concurrent asks converge with the gate in memory", () =>
  converges(app({ settings: { capacity: SEATS } })));

for (const upstash of [true, false]) {
  const line = upstash ? "as at Upstash" : "in plain Redis";
  testWithRedis(`concurrent asks converge over REST ${line}`, async (redis) => {
    await using bridge = startRestBridge(redis, { upstash });
    const settings = { ...DEFAULT_SETTINGS, capacity: SEATS };
    const run = createRestScripts({ url: bridge.url, token: bridge.token, fetch });
    const gate = createRedisGate({ run, pool: "test", settings });
    const on = app({ gate, bounds: { gate: GATE_BOUNDS } });
    await converges(on);
    const before = bridge.requests;
    const [from = ""] = await introduce(on, 1);
    await request(on, from, "weir:again").answered;
    assertEquals(bridge.requests - before, 1);
  });
}

Deno.test("concurrent asks converge over a double of REST, without a server", async () => {
  const clock = createClock();
  const settings = { ...DEFAULT_SETTINGS, capacity: SEATS };
  const near = createMemoryGate({ settings, now: clock.now });
  const double = createRestDouble((text, keys, args) => {
    assertEquals([text.endsWith(SCRIPTS.admit), keys], [true, poolKeys("test")]);
    const [session = "", , , , viewer = "", note = ""] = args;
    const verdict = near.admit({ session, viewer, note: note.slice(1) });
    if (verdict.kind === "rotated") return { error: "ERR nobody is idle" };
    const last = verdict.kind === "blocked" ? verdict.retryAfterMs : verdict.expiresAt;
    return `${verdict.at} ${verdict.kind} ${last}`;
  });
  const { token, fetch } = double;
  const run = createRestScripts({ url: "https://redis.example", token, fetch });
  const far = createRedisGate({ run, pool: "test", settings });
  const gate = { ...far, list: near.list };
  await converges(app({ clock, gate, bounds: { gate: GATE_BOUNDS } }));
  double.forgetScripts();
  const on = app({ clock, gate, bounds: { gate: GATE_BOUNDS } });
  const [from = ""] = await introduce(on, 1);
  assert(["stream", "capacity"].includes(await cameTo(on, from)));
  assertEquals(new Set(double.commands.map(([name]) => name)), new Set(["evalsha", "eval"]));
});

/** A pool of one seat, and three viewers. */
async function small(settings: Partial<PoolSettings> = {}) {
  const on = app({ settings: { capacity: 1, ...settings } });
  const [a = "", b = "", c = ""] = await introduce(on, 3);
  return { on, a, b, c };
}

Deno.test("the oldest idle seat is rotated to who asks, and no other", async () => {
  const { on, a, b, c } = await small({ capacity: 2 });
  assertEquals(await cameTo(on, a), "stream");
  await on.clock.advance(1000);
  assertEquals(await cameTo(on, b), "stream");
  await on.clock.advance(43_999);
  assertEquals(await cameTo(on, c), "capacity");
  await on.clock.advance(1);
  assertEquals(await cameTo(on, c), "stream");
  assertEquals(await cameTo(on, b), "stream");
  assertEquals(await cameTo(on, a), "capacity");
});

Deno.test("a viewer who asks again is idle no more", async () => {
  const { on, a, b } = await small();
  await cameTo(on, a);
  await on.clock.advance(44_000);
  assertEquals(await cameTo(on, a, "weir:b"), "stream");
  await on.clock.advance(44_000);
  assertEquals(await cameTo(on, b), "capacity");
});

Deno.test("who was rotated out rotates nobody out until the cool-off ends", async () => {
  const { on, a, b } = await small();
  await cameTo(on, a);
  await on.clock.advance(45_000);
  assertEquals(await cameTo(on, b), "stream");
  await on.clock.advance(59_999);
  assertEquals(await cameTo(on, a), "capacity");
  await on.clock.advance(1);
  assertEquals(await cameTo(on, a), "stream");
});

Deno.test("who was rotated out may rotate at once with a cool-off of nothing", async () => {
  const { on, a, b } = await small({ cooldownMs: 0 });
  await cameTo(on, a);
  await on.clock.advance(45_000);
  assertEquals(await cameTo(on, b), "stream");
  await on.clock.advance(45_000);
  assertEquals(await cameTo(on, a), "stream");
});

Deno.test("a seat is rotated to nobody where rotation is off, and ages out", async () => {
  const { on, a, b } = await small({ rotationIdleMs: "off" });
  await cameTo(on, a);
  await on.clock.advance(1_199_999);
  assertEquals(await cameTo(on, b), "capacity");
  await on.clock.advance(1);
  assertEquals(await cameTo(on, b), "stream");
});

Deno.test("a seat given back waits for its viewer for the grace", async () => {
  for (const passedMs of [14_999, 15_000]) {
    const { on, a, b } = await small();
    await cameTo(on, a);
    const [seat] = (await on.gate.list()).seats;
    const { session } = seat!;
    const expiresAt = seat!.state === "standing" ? seat!.expiresAt : 0;
    await on.gate.release({ session, expiresAt, grace: true });
    await on.clock.advance(passedMs);
    assertEquals(await cameTo(on, b), passedMs === 15_000 ? "stream" : "capacity");
    assertEquals(await cameTo(on, a), passedMs === 15_000 ? "capacity" : "stream");
  }
});

/** A gate that fails to answer, each time as `fail` does. */
function failing(fail: () => Promise<never>): Gate {
  return { admit: fail, beat: fail, release: fail, evict: fail, list: fail };
}

Deno.test("a gate that fails blocks, or admits ungated, as is set", async () => {
  const failures: [() => Promise<never>, string][] = [
    [() => Promise.reject(new TypeError("fetch failed")), "dependency_unavailable"],
    [() => Promise.reject(new StatusError(401)), "dependency_unavailable"],
    [() => new Promise(() => {}), "dependency_timeout"],
  ];
  for (const [fail, cause] of failures) {
    for (const gateOnFailure of ["block", "admit"] as const) {
      const bounds = { gate: GATE_BOUNDS, broker: BOUNDS };
      const on = app({ gate: failing(fail), bounds, gateOnFailure });
      const [from = ""] = await introduce(on, 1);
      const asked = request(on, from, "weir:a");
      await on.clock.advance(1850);
      const admits = gateOnFailure === "admit";
      assertEquals(asked.cameTo, admits ? urlOf("weir:a") : cause);
      assertEquals(counted(on, "ungated_total"), admits ? 1 : 0);
      assertEquals(on.logs.at(-1)?.verdict, admits ? "ungated" : undefined);
      assertEquals(counted(on, 'attempts_total{dependency="broker"}'), admits ? 1 : 0);
    }
  }
});

Deno.test("a gate that blocks is no failure, and is not admitted past", async () => {
  const on = app({ settings: { capacity: 1 }, gateOnFailure: "admit" });
  const [a = "", b = ""] = await introduce(on, 2);
  assertEquals([await cameTo(on, a), await cameTo(on, b)], ["stream", "capacity"]);
});
