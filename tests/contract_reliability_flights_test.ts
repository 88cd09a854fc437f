import { type Source, StatusError } from "../src/ports.ts";
import { assert, assertEquals } from "./support/assert.ts";
import { BOUNDS, testApp, type TestAppOptions } from "./support/app.ts";
import { createClock } from "./support/clock.ts";
import { heldCalls } from "./support/held_calls.ts";
import { heldGate } from "./support/held_gate.ts";
import { counted, introduce, request, sourcesOf, streamPath, urlOf } from "./support/viewers.ts";

const GATE_BOUNDS = { attemptTimeoutMs: 900, totalTimeoutMs: 1800, retryJitterMs: 120 };

/** A Weir with a broker that a test holds in its hands, and three viewers. */
async function held(options: TestAppOptions & { deaf?: boolean } = {}) {
  const broker = heldCalls<string, readonly Source[]>({ deaf: options.deaf ?? false });
  const app = testApp({ resolve: broker.run, ...options });
  const [a = "", b = "", c = ""] = await introduce(app, 3);
  return {
    app,
    broker,
    a,
    b,
    c,
    ask: (from: string, episode: string) => request(app, from, episode),
    settle: app.clock.settle,
    seats: async () => (await app.gate.list()).seats.length,
    /** The broker answers every call in progress. */
    async answer() {
      for (const call of broker.calls) if (!call.over) call.answer(sourcesOf(call.asked));
      await app.clock.settle();
    },
  };
}

Deno.test("200 identical requests are one admission, one resolve and one answer each", async () => {
  const { app, broker, a, ask, settle, answer } = await held();
  const asked = Array.from({ length: 200 }, () => ask(a, "weir:a"));
  await settle();
  assertEquals(broker.calls.length, 1);
  await answer();
  assertEquals(new Set(asked.map(({ cameTo }) => cameTo)), new Set([urlOf("weir:a")]));
  assertEquals(counted(app, 'verdicts_total{kind="new"}'), 1);
  assertEquals(counted(app, 'verdicts_total{kind="continued"}'), 0);
  assertEquals(counted(app, 'coalesced_total{what="request"}'), 199);
  assertEquals(counted(app, "streams_total"), 200);
});

Deno.test("identical requests share a refusal as they share a stream", async () => {
  const { app, broker, a, b, ask, settle, answer } = await held({ settings: { capacity: 1 } });
  ask(a, "weir:a");
  await settle();
  const asked = [ask(b, "weir:a"), ask(b, "weir:a")];
  await settle();
  assertEquals(asked.map(({ cameTo }) => cameTo), ["capacity", "capacity"]);
  assertEquals([counted(app, 'verdicts_total{kind="blocked"}'), broker.calls.length], [1, 1]);
  await answer();
});

Deno.test("requests one after the other share nothing", async () => {
  const { app, broker, a, ask, settle, answer } = await held();
  for (let time = 0; time < 2; time++) {
    ask(a, "weir:a");
    await settle();
    await answer();
  }
  assertEquals([broker.calls.length, counted(app, 'verdicts_total{kind="continued"}')], [2, 1]);
});

Deno.test("different viewers share a resolve, and have an admission each", async () => {
  const { app, broker, a, b, c, ask, settle, answer } = await held();
  const asked = [ask(a, "weir:a"), ask(b, "weir:a"), ask(c, "weir:a")];
  await settle();
  assertEquals(broker.calls.length, 1);
  await answer();
  const stream = urlOf("weir:a");
  assertEquals(asked.map(({ cameTo }) => cameTo), [stream, stream, "capacity"]);
  assertEquals(counted(app, 'verdicts_total{kind="new"}'), 2);
});

Deno.test("a follower has the answer though the leader left", async () => {
  const { broker, a, b, ask, settle, answer } = await held();
  const [leader, follower, other] = [ask(a, "weir:a"), ask(a, "weir:a"), ask(b, "weir:a")];
  await settle();
  leader.leave();
  await settle();
  assertEquals(broker.calls.map(({ over }) => over), [false]);
  await answer();
  assertEquals([follower.cameTo, other.cameTo], [urlOf("weir:a"), urlOf("weir:a")]);
});

Deno.test("a request that all have left is cancelled, and its seat is free", async () => {
  const { broker, a, ask, settle, seats } = await held();
  const asked = [ask(a, "weir:a"), ask(a, "weir:a")];
  await settle();
  assertEquals(await seats(), 1);
  for (const each of asked) each.leave();
  await settle();
  assertEquals([broker.calls[0]!.over, await seats()], [true, 0]);
});

Deno.test("a viewer who asks for another episode is served that, and the older at once", async () => {
  const { app, broker, a, ask, settle, answer, seats } = await held();
  const older = [ask(a, "weir:a"), ask(a, "weir:a")];
  await settle();
  const newer = ask(a, "weir:b");
  await settle();
  assertEquals(older.map(({ cameTo }) => cameTo), ["superseded", "superseded"]);
  assertEquals(broker.calls.map(({ over }) => over), [true, false]);
  await answer();
  assertEquals([newer.cameTo, await seats()], [urlOf("weir:b"), 1]);
  assertEquals(counted(app, 'degraded_total{cause="superseded"}'), 2);
  const { seats: [seat] } = await app.gate.list();
  assertEquals(seat?.note, "weir:b");
});

Deno.test("the older request's answer is empty", async () => {
  const { app, a, ask, settle, answer } = await held();
  const older = app.get(streamPath("weir:a"), { from: a });
  await settle();
  ask(a, "weir:b");
  const { streams, notice } = await (await older).json();
  assertEquals([streams, notice.cause], [[], "superseded"]);
  await answer();
});

Deno.test("an older broker call goes on where another viewer waits for it", async () => {
  const { broker, a, b, ask, settle, answer } = await held();
  const [older, other] = [ask(a, "weir:a"), ask(b, "weir:a")];
  await settle();
  const newer = ask(a, "weir:b");
  await settle();
  assertEquals(broker.calls.map(({ over }) => over), [false, false]);
  await answer();
  assertEquals([older, other, newer].map(({ cameTo }) => cameTo), [
    "superseded",
    urlOf("weir:a"),
    urlOf("weir:b"),
  ]);
});

Deno.test("a broker that answers late answers nobody with another episode", async () => {
  const { broker, a, ask, settle } = await held({ deaf: true });
  const asked = ["weir:a", "weir:b", "weir:a"].map((episode) => ask(a, episode));
  await settle();
  for (const call of broker.calls) call.answer(sourcesOf(call.asked));
  await settle();
  assertEquals(asked.map(({ cameTo }) => cameTo), ["superseded", "superseded", urlOf("weir:a")]);
});

Deno.test("a request without a stream gives back the seat that it took", async () => {
  const failures: [unknown, string][] = [
    [new StatusError(404), "not_found"],
    [new StatusError(403), "dependency_unavailable"],
    [new TypeError("fetch failed"), "dependency_unavailable"],
  ];
  for (const [failure, cause] of failures) {
    const { app, broker, a, ask, settle, seats } = await held();
    const asked = ask(a, "weir:a");
    await settle();
    broker.calls[0]!.fail(failure);
    await app.clock.advance(60);
    broker.calls[1]?.fail(failure);
    await settle();
    assertEquals([asked.cameTo, await seats()], [cause, 0]);
  }
});

Deno.test("a request without a stream keeps the seat that its viewer had before", async () => {
  const { broker, a, ask, settle, answer, seats } = await held();
  ask(a, "weir:a");
  await settle();
  await answer();
  const second = ask(a, "weir:b");
  await settle();
  broker.calls[1]!.fail(new StatusError(404));
  await settle();
  assertEquals([second.cameTo, await seats()], ["not_found", 1]);
});

Deno.test("a newer request without a stream gives back the seat that the older took", async () => {
  const { broker, a, ask, settle, seats } = await held();
  ask(a, "weir:a");
  await settle();
  const newer = ask(a, "weir:b");
  await settle();
  assertEquals(await seats(), 1);
  broker.calls[1]!.fail(new StatusError(404));
  await settle();
  assertEquals([newer.cameTo, await seats()], ["not_found", 0]);
});

/** A Weir whose gate is far away as well. */
async function far(options: TestAppOptions = {}) {
  const clock = createClock();
  const gate = heldGate(clock.now);
  const bounds = { gate: GATE_BOUNDS, broker: BOUNDS };
  return { ...await held({ clock, gate: gate.gate, bounds, ...options }), clock, gate };
}

Deno.test("the newer inherits a seat whose reply comes late, and gives it back", async () => {
  const { broker, gate, a, ask, settle } = await far();
  ask(a, "weir:a");
  await settle();
  const newer = ask(a, "weir:b");
  await settle();
  const [first, second] = gate.operations;
  first!.arrive();
  second!.answer();
  await settle();
  broker.calls[0]!.fail(new StatusError(404));
  await settle();
  first!.answer();
  await settle();
  assertEquals(gate.operations.map(({ name }) => name), ["admit", "admit", "release"]);
  gate.operations[2]!.answer();
  await settle();
  assertEquals([newer.cameTo, gate.near.list().seats.length], ["not_found", 0]);
});

Deno.test("a release that fails or hangs changes no answer", async () => {
  for (const hangs of [false, true]) {
    const { broker, clock, gate, a, ask, settle } = await far();
    const asked = ask(a, "weir:a");
    await settle();
    gate.operations[0]!.answer();
    await settle();
    broker.calls[0]!.fail(new StatusError(404));
    await settle();
    if (!hangs) gate.operations[1]!.fail(new StatusError(500));
    await clock.advance(hangs ? GATE_BOUNDS.attemptTimeoutMs : 0);
    assertEquals([asked.cameTo, gate.operations.length], ["not_found", 2]);
  }
});

Deno.test("an ungated request without a stream releases nothing", async () => {
  const { app, broker, gate, a, ask, settle } = await far({ gateOnFailure: "admit" });
  const asked = ask(a, "weir:a");
  await settle();
  gate.operations[0]!.fail(new StatusError(401));
  await settle();
  broker.calls[0]!.fail(new StatusError(404));
  await settle();
  assertEquals([asked.cameTo, gate.operations.length], ["not_found", 1]);
  assert(app.logs.some(({ verdict }) => verdict === "ungated"));
});

Deno.test("a bug is answered as internal to all who share it, and leaves nothing behind", async () => {
  let bugs = 1;
  const { app, a, ask, settle, seats } = await held({
    resolve: (episode) => {
      if (bugs-- > 0) throw new RangeError("a bug");
      return sourcesOf(episode);
    },
    bounds: {},
  });
  const asked = [ask(a, "weir:a"), ask(a, "weir:a")];
  await settle();
  assertEquals(asked.map(({ cameTo }) => cameTo), ["internal", "internal"]);
  assertEquals(app.logs.find(({ level }) => level === "error")?.event, "bug");
  assertEquals(await seats(), 0);
  const again = ask(a, "weir:a");
  await settle();
  assertEquals(again.cameTo, urlOf("weir:a"));
});
