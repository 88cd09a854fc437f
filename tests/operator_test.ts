import { createMemoryGate } from "../src/gate/memory.ts";
import { DEFAULT_SETTINGS } from "../src/gate/policy.ts";
import { createOperatorCheck } from "../src/operator/token.ts";
import { type Gate, StatusError } from "../src/ports.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "./support/assert.ts";
import { BOUNDS, OPERATOR_TOKEN, type TestApp, testApp } from "./support/app.ts";
import { brokerApp, hang, SINTEL } from "./support/ask.ts";

const TOKEN = { "x-operator-token": OPERATOR_TOKEN };
const START = Date.UTC(2026, 2, 14, 19, 30);

type Sessions = { capacity: number; sessions: Record<string, unknown>[] };

async function operate(app: TestApp, path: string, method = "GET"): Promise<Response> {
  return await app.get(`/operator/${path}`, { method, headers: TOKEN });
}

async function sessions(app: TestApp): Promise<Sessions> {
  return await (await operate(app, "sessions")).json();
}

async function metrics(app: TestApp): Promise<string[]> {
  const response = await operate(app, "metrics");
  return (await response.text()).split("\n");
}

async function down(): Promise<never> {
  return await Promise.reject(new StatusError(401));
}

Deno.test("the operator sees each seat: viewer, episode, since, last seen, idle, leaving", async () => {
  const app = testApp();
  await app.get(SINTEL);
  await app.clock.advance(30_500);
  await app.get("/stream/series/weir:caminandes:1:1.json", { from: "203.0.113.2" });
  await app.clock.advance(10_000);
  const { capacity, sessions: [first, second, ...more] } = await sessions(app);
  assertEquals([capacity, more], [2, []]);
  assertMatch(String(first?.viewer), /^[\w-]{22}$/);
  assertEquals(first, {
    id: first?.viewer,
    viewer: first?.viewer,
    episode: "weir:sintel",
    since: new Date(START).toISOString(),
    lastSeen: new Date(START).toISOString(),
    idleSec: 40,
    leaving: false,
  });
  assertEquals(second?.episode, "weir:caminandes:1:1");
  assertEquals(second?.idleSec, 10);
  assertEquals(second?.since, new Date(START + 30_500).toISOString());
});

Deno.test("the operator sees a seat that is leaving, idle since it left", async () => {
  const app = testApp();
  const verdict = await app.gate.admit({ session: "tv", viewer: "anna" });
  if (verdict.kind !== "new") throw new Error(verdict.kind);
  await app.clock.advance(2000);
  await app.gate.release({ session: "tv", expiresAt: verdict.expiresAt, grace: true });
  await app.clock.advance(3000);
  assertEquals((await sessions(app)).sessions, [{
    id: "tv",
    viewer: "anna",
    episode: null,
    since: new Date(START).toISOString(),
    lastSeen: new Date(START + 2000).toISOString(),
    idleSec: 3,
    leaving: true,
  }]);
});

Deno.test("the operator is told times of our clock, whatever the gate's own says", async () => {
  const gate = createMemoryGate({ settings: DEFAULT_SETTINGS, now: () => 5000 });
  const app = testApp({ gate });
  await app.get(SINTEL);
  assertEquals((await sessions(app)).sessions[0]?.since, new Date(START).toISOString());
});

Deno.test("the operator evicts a session: its seat is free, and it is there no more", async () => {
  const app = testApp({ settings: { capacity: 1 } });
  await app.get(SINTEL);
  const [seat] = (await sessions(app)).sessions;
  const evicted = await operate(app, `sessions/${seat?.id}`, "DELETE");
  assertEquals(evicted.status, 200);
  assertEquals(await evicted.json(), { evicted: seat?.id });
  assertEquals((await sessions(app)).sessions, []);
  const again = await operate(app, `sessions/${seat?.id}`, "DELETE");
  assertEquals([again.status, await again.json()], [404, { err: "not found" }]);
});

Deno.test("the operator is told 404 of a session whose id cannot be one", async () => {
  const app = testApp();
  for (const id of ["", "%20", "%zz", "a%2Fb", "a".repeat(65), "~now", "%00"]) {
    const response = await operate(app, `sessions/${id}`, "DELETE");
    assertEquals([response.status, await response.json()], [404, { err: "not found" }], id);
  }
});

Deno.test("the operator's routes take their own methods alone", async () => {
  const app = testApp();
  const routes: [string, string, string[]][] = [
    ["sessions", "GET, HEAD, OPTIONS", ["POST", "PUT", "DELETE", "PATCH"]],
    ["sessions/tv", "DELETE, OPTIONS", ["GET", "HEAD", "POST", "PUT"]],
    ["metrics", "GET, HEAD, OPTIONS", ["POST", "DELETE"]],
  ];
  for (const [path, allow, methods] of routes) {
    for (const method of methods) {
      const response = await operate(app, path, method);
      assertEquals(response.status, 405, `${method} ${path}`);
      assertEquals(response.headers.get("allow"), allow);
      if (method !== "HEAD") assertEquals(await response.json(), { err: "method not allowed" });
    }
  }
});

Deno.test("HEAD of an operator's route has the headers of GET and no body", async () => {
  const app = testApp();
  for (const path of ["sessions", "metrics"]) {
    const [got, head] = [await operate(app, path), await operate(app, path, "HEAD")];
    assertEquals([head.status, head.body], [200, null]);
    assertEquals(head.headers.get("content-type"), got.headers.get("content-type"));
    assertEquals(Number(head.headers.get("content-length")), (await got.text()).length);
  }
});

Deno.test("the operator is told 503 where the gate is down, and metrics stay without it", async () => {
  const gate: Gate = { ...testApp().gate, list: down, evict: down };
  const app = testApp({ gate, bounds: { gate: BOUNDS } });
  for (const [path, method] of [["sessions", "GET"], ["sessions/tv", "DELETE"]] as const) {
    const response = await operate(app, path, method);
    assertEquals([response.status, await response.json()], [503, { err: "gate_unavailable" }]);
  }
  const lines = await metrics(app);
  assertEquals(lines.includes('weir_seats{pool="test"} 2'), true);
  assertEquals(lines.some((line) => line.startsWith("weir_seats_occupied")), false);
});

Deno.test("metrics tell seats, verdicts, causes, attempts, what was shared, in Prometheus' text", async () => {
  const app = brokerApp(() => Response.json({ url: "https://films.example/a.mp4" }));
  for (const from of ["203.0.113.1", "203.0.113.1", "203.0.113.2", "203.0.113.3"]) {
    await app.get(SINTEL, { from });
  }
  await app.get("/stream/movie/nothing.json");
  const response = await operate(app, "metrics");
  assertEquals(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  assertEquals(response.headers.get("cache-control"), "no-store");
  const lines = (await response.text()).split("\n");
  for (
    const line of [
      "# TYPE weir_seats gauge",
      'weir_seats{pool="test"} 2',
      'weir_seats_occupied{pool="test"} 2',
      "# TYPE weir_verdicts_total counter",
      'weir_verdicts_total{kind="new"} 2',
      'weir_verdicts_total{kind="continued"} 1',
      'weir_verdicts_total{kind="blocked"} 1',
      'weir_degraded_total{cause="capacity"} 1',
      'weir_degraded_total{cause="not_found"} 1',
      'weir_attempts_total{dependency="broker"} 3',
      "weir_streams_total 3",
      "weir_ungated_total 0",
    ]
  ) assertEquals(lines.includes(line), true, line);
  assertEquals(lines.at(-1), "");
});

Deno.test("metrics count identical requests that shared one flight", async () => {
  const app = brokerApp((_request, signal) => hang(signal));
  await app.get(SINTEL, { method: "HEAD" });
  const asked = [app.get(SINTEL), app.get(SINTEL), app.get(SINTEL)];
  await app.clock.advance(20_000);
  await Promise.all(asked);
  const lines = await metrics(app);
  assertStringIncludes(lines.join("\n"), 'weir_coalesced_total{what="request"} 2');
  assertStringIncludes(lines.join("\n"), 'weir_retries_total{dependency="broker"} 1');
});

/** Gives what `sign` returns for another while `run` does. */
async function whileSigning(
  as: (signature: ArrayBuffer, key: CryptoKey) => ArrayBuffer,
  run: () => Promise<void>,
): Promise<void> {
  const { subtle } = crypto;
  const sign = subtle.sign;
  subtle.sign = async (...[algorithm, key, data]: Parameters<typeof sign>) =>
    as(await sign.call(subtle, algorithm, key, data), key);
  try {
    await run();
  } finally {
    subtle.sign = sign;
  }
}

// Time itself cannot be measured here. What makes it tell nothing can: whatever token is given,
// two HMACs of 32 bytes are made under one key, and all of their bytes count.
Deno.test("the operator's token is compared in the same steps whatever is given", async () => {
  const refusalOf = createOperatorCheck(OPERATOR_TOKEN);
  const tokens = ["x", OPERATOR_TOKEN.slice(0, -1), `${OPERATOR_TOKEN}x`, OPERATOR_TOKEN];
  const steps: string[][] = [];
  await whileSigning((signature, key) => {
    steps.at(-1)!.push(`${key.algorithm.name} ${signature.byteLength}`);
    return signature;
  }, async () => {
    for (const token of tokens) {
      steps.push([]);
      await refusalOf(new Headers({ "x-operator-token": token }));
    }
  });
  assertEquals(steps, tokens.map(() => ["HMAC 32", "HMAC 32"]));
});

Deno.test("the operator's token is wrong where any byte of its HMAC is", async () => {
  const refusalOf = createOperatorCheck(OPERATOR_TOKEN);
  for (let at = 0; at < 32; at++) {
    let signed = 0;
    await whileSigning(() => {
      const bytes = new Uint8Array(32);
      bytes[at] = signed++;
      return bytes.buffer;
    }, async () => {
      const refusal = await refusalOf(new Headers({ "x-operator-token": "x" }));
      assertEquals(refusal?.err, "operator_forbidden", `byte ${at}`);
    });
  }
});
