import { createReady, type Probe } from "../src/site/health.ts";
import type { Gate, Outcome } from "../src/ports.ts";
import { StatusError } from "../src/ports.ts";
import { assertEquals } from "./support/assert.ts";
import { BOUNDS, type TestApp, testApp } from "./support/app.ts";
import { createClock } from "./support/clock.ts";

const UP: Outcome<unknown> = { ok: true, value: undefined, attempts: 1 };
const DOWN: Outcome<unknown> = { ok: false, failure: { kind: "network" }, attempts: 2 };
const PROXIED = { "x-forwarded-for": "198.51.100.7" };

async function told(response: Response): Promise<[number, unknown]> {
  return [response.status, await response.json()];
}

function beating(beat: Gate["beat"]): Gate {
  return { ...testApp().gate, beat };
}

function failing(): Promise<never> {
  return Promise.reject(new StatusError(401));
}

function linesOf(app: TestApp): unknown[] {
  return app.logs.filter(({ event }) => event === "proxy_not_trusted");
}

Deno.test("/health is alive whatever the dependencies do", async () => {
  const app = testApp({
    gate: beating(failing),
    bounds: { gate: BOUNDS, broker: BOUNDS },
    probeBroker: failing,
  });
  const response = await app.get("/health");
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals(await told(response), [200, { ok: true }]);
});

Deno.test("/ready is 200 where nothing can be down", async () => {
  const response = await testApp().get("/ready");
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals(await told(response), [200, { ready: true }]);
});

Deno.test("/ready is 503 with every reason while needed dependencies are down", async () => {
  const app = testApp({
    gate: beating(failing),
    bounds: { gate: BOUNDS, broker: BOUNDS },
    probeBroker: failing,
  });
  const reasons = ["gate is down", "broker is down"];
  assertEquals(await told(await app.get("/ready")), [503, { ready: false, reasons }]);
});

Deno.test("/ready takes no seat to ask the gate", async () => {
  const { gate } = testApp();
  const app = testApp({ gate, bounds: { gate: BOUNDS } });
  assertEquals((await app.get("/ready")).status, 200);
  assertEquals((await gate.list()).seats, []);
});

Deno.test("/ready does not need a gate whose failure admits", async () => {
  const app = testApp({
    gate: beating(failing),
    bounds: { gate: BOUNDS },
    gateOnFailure: "admit",
  });
  assertEquals(await told(await app.get("/ready")), [200, { ready: true }]);
});

Deno.test("/ready remembers its answer for 5 s, and no longer", async () => {
  const clock = createClock();
  let outcome: Outcome<unknown> = UP;
  let asked = 0;
  const probe: Probe = () => Promise.resolve((asked += 1, outcome));
  const ready = createReady({ probes: { gate: probe }, warnings: () => [], monotonic: clock.now });
  await Promise.all([ready(), ready(), ready()]);
  outcome = DOWN;
  await clock.advance(4999);
  assertEquals((await ready()).status, 200);
  assertEquals(asked, 1);
  await clock.advance(1);
  assertEquals((await ready()).status, 503);
  assertEquals(asked, 2);
  outcome = UP;
  await clock.advance(5000);
  assertEquals(await told(await ready()), [200, { ready: true }]);
});

Deno.test("/ready is 503 where a near proxy hides all viewers behind it, and says so once a minute", async () => {
  const app = testApp();
  const ask = () => app.get("/ready", { from: "10.0.0.1", headers: PROXIED });
  await ask();
  await ask();
  const reasons = ["a proxy stands in front: set TRUST_PROXY"];
  assertEquals(await told(await app.get("/ready")), [503, { ready: false, reasons }]);
  assertEquals(linesOf(app).length, 1);
  await app.clock.advance(59_999);
  await ask();
  assertEquals(linesOf(app).length, 1);
  await app.clock.advance(1);
  await ask();
  assertEquals(linesOf(app).length, 2);
});

Deno.test("/ready forgets the proxy some time after it was last seen", async () => {
  const app = testApp();
  await app.get("/ready", { from: "127.0.0.1", headers: PROXIED });
  await app.clock.advance(600_000);
  assertEquals((await app.get("/ready")).status, 200);
});

Deno.test("/ready minds neither a trusted proxy nor a header from afar", async () => {
  for (
    const app of [
      testApp({ trustProxy: { kind: "hops", hops: 1 } }),
      testApp({ trustProxy: { kind: "ranges", ranges: [] } }),
    ]
  ) {
    await app.get("/ready", { from: "10.0.0.1", headers: PROXIED });
    assertEquals((await app.get("/ready")).status, 200);
  }
  const far = testApp();
  await far.get("/ready", { from: "203.0.113.9", headers: PROXIED });
  await far.get("/ready", { from: "10.0.0.1" });
  assertEquals((await far.get("/ready")).status, 200);
  assertEquals(linesOf(far), []);
});
