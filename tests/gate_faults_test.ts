// Redis fails in every way that it has, behind the whole of Weir: what viewers see meanwhile, what
// the operator is told, and that the first request after the fault is well.

import { DEFAULT_SETTINGS } from "../src/gate/policy.ts";
import { OPERATOR_TOKEN, type TestApp } from "./support/app.ts";
import { assert, assertEquals, assertLessOrEqual, assertNotMatch } from "./support/assert.ts";
import { type Fault, FAULTS, type Place } from "./support/redis_faults.ts";
import { type WayName, WAYS } from "./support/redis_ways.ts";
import { ask, LONG_BOUNDS, realTimeApp, SHORT_BOUNDS } from "./support/real_time.ts";
import type { RedisServer } from "./support/redis_server.ts";
import { testWithRedis } from "./support/test_with_redis.ts";
import { counted } from "./support/viewers.ts";

const ANNE = "203.0.113.1";
const BEN = "203.0.113.2";
const CLEO = "203.0.113.3";
const DORA = "203.0.113.4";
const EVE = "203.0.113.5";
const SETTINGS = { ...DEFAULT_SETTINGS, capacity: 5 };
/** How many have a seat in the end: three who ask well, and two whose every ask fails. */
const SEATED: Readonly<Record<Fault["carriedOut"], readonly number[]>> = {
  no: [3],
  yes: [5],
  unknown: [3, 4, 5],
  emptied: [2],
};
const INSIDE = /127\.0\.0\.1|redis|rest-token|hidden|evalsha|_script|weir:1:|maxmemory|<h|\.lua/i;

for (const fault of FAULTS) {
  for (const name of Object.keys(fault.told) as WayName[]) {
    testWithRedis(`${name}: ${fault.claim} is borne`, (redis) => isBorne(redis, name, fault), {
      redisArgs: fault.redisArgs ?? [],
    });
  }
}

async function isBorne(redis: RedisServer, name: WayName, fault: Fault): Promise<void> {
  await using way = WAYS[name](redis, SETTINGS);
  const place = { redis, way };
  const hangs = fault.cause === "dependency_timeout";
  const bounds = hangs ? SHORT_BOUNDS : LONG_BOUNDS;
  const options = { bounds: { gate: bounds } };
  const texts: string[] = [];
  async function comesTo(app: TestApp, ...viewers: string[]): Promise<string[]> {
    const answers = await Promise.all(viewers.map((viewer) => ask(app, viewer, bounds)));
    texts.push(...answers.map(({ text }) => text));
    return answers.map(({ to }) => to);
  }
  const block = realTimeApp(way.gate(), options);
  const admit = realTimeApp(way.gate(), { ...options, gateOnFailure: "admit" });
  for (const app of [block, admit]) assertEquals(await comesTo(app, ANNE), ["stream"]);

  await fault.begin(place);
  // What begins to serve in the midst of it, and has opened no connection before.
  const late = realTimeApp(way.gate(), options);
  const { cause } = fault;
  const rounds = hangs ? 1 : 2;
  for (let times = 0; times < rounds; times++) {
    const came = [comesTo(block, BEN, EVE), comesTo(admit, CLEO), comesTo(late, DORA)];
    assertEquals(await Promise.all(came), [[cause, cause], ["stream"], [cause]]);
  }
  isTold([block, admit, late], { dependency: "gate", ...fault.told[name] });
  const ungated = admit.logs.filter(({ verdict }) => verdict === "ungated");
  assertEquals([ungated.length, counted(admit, "ungated_total")], [rounds, rounds]);
  await isDown(late);

  await fault.end(place);
  assertEquals(await comesTo(block, BEN), ["stream"]);
  assertEquals(await comesTo(late, DORA), ["stream"]);
  assertEquals([block, late].map(({ logs }) => logs.at(-1)!.coalesced), [false, false]);

  const seats = (await late.gate.list()).seats.map(({ viewer }) => viewer);
  assert(SEATED[fault.carriedOut].includes(seats.length), `${seats.length} seats`);
  assertEquals(new Set(seats).size, seats.length);
  await areConnected(way.connections(3), place);
  texts.push(...[block, admit, late].map(({ logs }) => JSON.stringify(logs)));
  for (const text of texts) assertNotMatch(text, INSIDE);
}

/** The operator is told why, in one line. */
function isTold(apps: readonly TestApp[], facts: Record<string, unknown>): void {
  const line: Record<string, unknown> = { level: "warn", event: "dependency_failed", ...facts };
  for (const { logs } of apps) {
    const lines: Record<string, unknown>[] = logs.filter(({ event }) => event === line.event);
    assertEquals(lines, [{ ...line, failures: 1 }]);
  }
}

/** What else needs the gate says that it is down. */
async function isDown(app: TestApp): Promise<void> {
  const headers = { "x-operator-token": OPERATOR_TOKEN };
  const [ready, sessions, evicted, metrics] = await Promise.all([
    app.get("/ready"),
    app.get("/operator/sessions", { headers }),
    app.get("/operator/sessions/anybody", { method: "DELETE", headers }),
    app.get("/operator/metrics", { headers }),
  ]);
  const reasons = ["gate is down"];
  assertEquals([ready.status, await ready.json()], [503, { ready: false, reasons }]);
  for (const answer of [sessions, evicted]) {
    assertEquals([answer.status, await answer.json()], [503, { err: "gate_unavailable" }]);
  }
  const text = await metrics.text();
  assertEquals([text.includes("weir_seats{"), text.includes("weir_seats_occupied{")], [
    true,
    false,
  ]);
}

/** Redis learns a little later that a connection has ended. */
async function areConnected(most: number, { redis }: Place): Promise<void> {
  const until = performance.now() + 5000;
  let found = Infinity;
  while (found > most && performance.now() < until) {
    found = `${await redis.command("CLIENT", "LIST")}`.trim().split("\n").length;
  }
  assertLessOrEqual(found, most);
}
