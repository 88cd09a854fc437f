import { type Source, StatusError } from "../src/ports.ts";
import { createHttpBroker } from "../src/upstream/broker.ts";
import { assert, assertEquals, assertLessOrEqual } from "./support/assert.ts";
import { BOUNDS, testApp, type TestAppOptions } from "./support/app.ts";
import { createClock } from "./support/clock.ts";
import { heldCalls } from "./support/held_calls.ts";
import { heldGate } from "./support/held_gate.ts";
import { counted, introduce, request, sourcesOf, urlOf } from "./support/viewers.ts";

const GATE_BOUNDS = { attemptTimeoutMs: 900, totalTimeoutMs: 1800, retryJitterMs: 120 };
/** So long an operation that was told to stop may take to end. */
const STOP_MS = 50;
/** The pause before a retry: chance is 0.5 in every test. */
const PAUSE_MS = BOUNDS.retryJitterMs / 2;

/** A Weir whose broker answers over HTTP as `respond` does. */
async function overHttp(respond: (signal: AbortSignal) => Response | Promise<Response>) {
  let attempts = 0;
  const app = testApp({
    resolve: createHttpBroker({
      url: "https://broker.example",
      fetch: async (_request, init) => {
        attempts += 1;
        return await respond(init!.signal!);
      },
    }),
    settings: { capacity: 200 },
  });
  const from = await introduce(app, 120);
  return {
    app,
    attempts: () => attempts,
    /** What a request comes to within so long. */
    async within(ms: number, viewer = 0) {
      const asked = request(app, from[viewer]!, "weir:a");
      await app.clock.advance(ms);
      return asked.cameTo;
    },
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

Deno.test("a broker that hangs is answered for within its budget, and its call is stopped", async () => {
  const stopped: AbortSignal[] = [];
  const { app, attempts, within } = await overHttp((signal) => {
    stopped.push(signal);
    return aborted(signal);
  });
  const neededMs = 2 * BOUNDS.attemptTimeoutMs + PAUSE_MS;
  assertLessOrEqual(neededMs, BOUNDS.totalTimeoutMs);
  assertEquals(await within(neededMs - 1), "waiting");
  await app.clock.advance(1);
  assertEquals(app.logs.at(-1)?.cause, "dependency_timeout");
  assertEquals([attempts(), stopped.every((signal) => signal.aborted)], [2, true]);
  assertEquals((await app.gate.list()).seats, []);
});

Deno.test("a body that never ends is a timeout like any other", async () => {
  const { app, within } = await overHttp((signal) =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{"url":'));
          signal.addEventListener("abort", () => controller.error(signal.reason), { once: true });
        },
      }),
    )
  );
  assertEquals(await within(2 * BOUNDS.attemptTimeoutMs + PAUSE_MS), "dependency_timeout");
  assertEquals((await app.gate.list()).seats, []);
});

Deno.test("a dependency that ignores its signal is left behind", async () => {
  const broker = heldCalls<string, readonly Source[]>({ deaf: true });
  const app = testApp({ resolve: broker.run });
  const [from = ""] = await introduce(app, 1);
  const asked = request(app, from, "weir:a");
  await app.clock.advance(BOUNDS.totalTimeoutMs + STOP_MS);
  assertEquals(asked.cameTo, "dependency_timeout");
  for (const call of broker.calls) call.answer(sourcesOf("weir:a"));
  await app.clock.settle();
  assertEquals((await app.gate.list()).seats, []);
});

/** A Weir whose gate and broker are both held. */
async function far(options: TestAppOptions = {}) {
  const clock = createClock();
  const gate = heldGate(clock.now);
  const broker = heldCalls<string, readonly Source[]>();
  const bounds = { gate: GATE_BOUNDS, broker: BOUNDS };
  const app = testApp({ clock, gate: gate.gate, resolve: broker.run, bounds, ...options });
  const [from = ""] = await introduce(app, 1);
  return { clock, gate, broker, app, ask: () => request(app, from, "weir:a") };
}

Deno.test("a gate that hangs is answered for within its budget", async () => {
  const { clock, ask, gate } = await far();
  const asked = ask();
  await clock.advance(GATE_BOUNDS.totalTimeoutMs - 1);
  assertEquals(asked.cameTo, "waiting");
  await clock.advance(1);
  assertEquals([asked.cameTo, gate.operations.length], ["dependency_timeout", 2]);
});

Deno.test("one deadline stands over gate and broker together", async () => {
  const { clock, gate, broker, ask } = await far({ streamTotalTimeoutMs: 6000 });
  const asked = ask();
  await clock.advance(800);
  gate.operations[0]!.answer();
  await clock.advance(5199);
  assertEquals([asked.cameTo, broker.calls.length], ["waiting", 2]);
  await clock.advance(1);
  gate.operations[1]!.answer();
  await clock.settle();
  assertEquals(asked.cameTo, "dependency_timeout");
  assert(broker.calls.every(({ over }) => over));
  assertEquals(gate.near.list().seats, []);
});

Deno.test("what may pass by itself is tried once more, and nothing else", async () => {
  const tried = async (respond: () => Response | Promise<Response>) => {
    const { attempts, within } = await overHttp(respond);
    return [await within(PAUSE_MS), attempts()];
  };
  for (const status of [408, 429, 500, 502, 503, 504]) {
    const seen = await tried(() => new Response("", { status }));
    assertEquals(seen, ["dependency_unavailable", 2], `${status}`);
  }
  for (const status of [400, 401, 403, 404, 409, 410, 451]) {
    const seen = await tried(() => new Response("", { status }));
    assertEquals(seen, [status === 404 ? "not_found" : "dependency_unavailable", 1], `${status}`);
  }
  const cut = () =>
    new Response(
      new ReadableStream({ start: (controller) => controller.error(new TypeError("terminated")) }),
    );
  for (const broken of [cut, () => Promise.reject(new TypeError("fetch failed"))]) {
    assertEquals(await tried(broken), ["dependency_unavailable", 2]);
  }
  for (const nonsense of ["<html>", "{}", '{"streams":[{"url":7}]}']) {
    assertEquals(await tried(() => new Response(nonsense)), ["dependency_unavailable", 1]);
  }
});

Deno.test("a retry that is well shows nowhere in the answer", async () => {
  const answers = [new Response("", { status: 503 }), Response.json({ url: urlOf("weir:a") })];
  const { app, within } = await overHttp(() => answers.shift()!);
  assertEquals(await within(PAUSE_MS), urlOf("weir:a"));
  assertEquals(counted(app, 'retries_total{dependency="broker"}'), 1);
});

Deno.test("nobody is asked again for a viewer who has gone", async () => {
  const { app, attempts } = await overHttp(() => new Response("", { status: 503 }));
  const asked = request(app, "198.51.0.0", "weir:a");
  await app.clock.settle();
  asked.leave();
  await app.clock.advance(1000);
  assertEquals([asked.cameTo, attempts()], ["superseded", 1]);
});

Deno.test("Retry-After is the least pause, and where it does not fit there is no retry", async () => {
  const respond = (seconds: number) => () =>
    new Response("", { status: 429, headers: { "retry-after": `${seconds}` } });
  const fits = await overHttp(respond(3));
  assertEquals(await fits.within(3000 + PAUSE_MS - 1), "waiting");
  assertEquals(fits.attempts(), 1);
  await fits.app.clock.advance(1);
  assertEquals(fits.attempts(), 2);
  const longer = await overHttp(respond(9));
  assertEquals([await longer.within(0), longer.attempts()], ["dependency_unavailable", 1]);
});

Deno.test("a broker that is down is asked about once a request, until it is well again", async () => {
  let up = false;
  const { app, attempts, within } = await overHttp(() =>
    up ? Response.json({ url: urlOf("weir:a") }) : new Response("", { status: 503 })
  );
  const ask = async (times: number) => {
    const before = attempts();
    for (let viewer = 0; viewer < times; viewer++) await within(PAUSE_MS, viewer);
    return attempts() - before;
  };
  const began = app.clock.now();
  assertEquals(await ask(40), 50);
  await app.clock.advance(20_000 - (app.clock.now() - began));
  assertEquals(await ask(10), 12);
  up = true;
  assertEquals(await ask(100), 100);
  up = false;
  assertEquals(await ask(20), 30);
});

Deno.test("a gate that is down has a retry budget of its own", async () => {
  const gate = { admit: () => Promise.reject(new StatusError(503)) };
  const app = testApp({
    gate: { ...heldGate(() => 0).gate, ...gate },
    bounds: { gate: GATE_BOUNDS, broker: BOUNDS },
    gateOnFailure: "admit",
    resolve: () => Promise.reject(new StatusError(503)),
  });
  const [from = ""] = await introduce(app, 1);
  for (let time = 0; time < 15; time++) {
    request(app, from, "weir:a");
    await app.clock.advance(2 * PAUSE_MS);
  }
  assertEquals(counted(app, 'retries_total{dependency="gate"}'), 10);
  assertEquals(counted(app, 'retries_total{dependency="broker"}'), 10);
});
