// The journey of a request, step by step, as src/app.ts takes it. Read this first: every claim here
// has a suite of its own that goes to the end of it (contract_*_test.ts).

import { assertEquals, assertMatch, assertNotEquals } from "./support/assert.ts";
import { OPERATOR_TOKEN, testApp } from "./support/app.ts";
import { askWhile, brokerApp, SINTEL } from "./support/ask.ts";
import { readStreams } from "./support/stremio.ts";

const LLAMA = "/stream/series/weir%3Acaminandes%3A1%3A1.json";

function film(): Response {
  return Response.json({ streams: [{ url: "https://films.example/sintel.mp4", name: "1080p" }] });
}

Deno.test("1. a path is routed raw, and one that is nobody's is 404 in JSON", async () => {
  const app = testApp();
  for (const path of ["/nothing", "/stream/movie/%zz.json", "/stream/movie/a/b/c.json"]) {
    const response = await app.get(path);
    assertEquals([response.status, await response.json()], [404, { err: "not found" }]);
  }
  const written = await readStreams(await app.get("/stream/series/weir:caminandes:1:1.json"));
  assertEquals(await readStreams(await app.get(LLAMA)), written);
});

Deno.test("1. a Host that is none is turned away before anything else", async () => {
  const response = await testApp().get("/manifest.json", { headers: { host: "no host" } });
  assertEquals([response.status, await response.json()], [400, { err: "bad host" }]);
});

Deno.test("2. a preflight is answered, and every page may read every answer", async () => {
  const app = testApp();
  const preflight = await app.get(SINTEL, { method: "OPTIONS" });
  assertEquals(preflight.status, 204);
  for (const response of [preflight, await app.get("/nothing"), await app.get(SINTEL)]) {
    assertEquals(response.headers.get("access-control-allow-origin"), "*");
    await response.body?.cancel();
  }
});

Deno.test("3. what is in the addon is answered directly: manifest, catalog, meta", async () => {
  const app = testApp();
  const manifest = await (await app.get("/manifest.json")).json();
  const [{ type, id }] = manifest.catalogs;
  const { metas } = await (await app.get(`/catalog/${type}/${id}/search=dragon.json`)).json();
  const { meta } = await (await app.get(`/meta/${type}/${metas[0].id}.json`)).json();
  assertEquals([manifest.name, meta.name], ["Sample", "Sintel"]);
  assertEquals((await app.gate.list()).seats, []);
});

Deno.test("3. so are the page, health, readiness and the clips", async () => {
  const app = testApp();
  for (const path of ["/", "/configure", "/health", "/ready", "/clips/test-card.mp4"]) {
    const response = await app.get(path);
    assertEquals(response.status, 200, path);
    await response.body?.cancel();
  }
});

Deno.test("3. the operator's routes are the operator's alone", async () => {
  const app = testApp();
  const headers = { authorization: `Bearer ${OPERATOR_TOKEN}` };
  assertEquals((await app.get("/operator/sessions")).status, 401);
  assertEquals((await app.get("/operator/sessions", { headers })).status, 200);
});

Deno.test("4. who asks is a viewer: a household by its address, known by a pseudonymous id", async () => {
  const app = testApp();
  for (const from of ["2001:db8::1", "2001:db8::2", "192.0.2.1"]) await app.get(SINTEL, { from });
  const [first, second, third] = app.logs.map(({ viewer }) => viewer);
  assertMatch(String(first), /^[\w-]{22}$/);
  assertEquals(second, first);
  assertNotEquals(third, first);
});

Deno.test("5. outside opening hours nobody is admitted, and the viewer is told when it opens", async () => {
  const app = testApp({ openHours: { from: 8 * 60, to: 19 * 60, timeZone: "UTC" } });
  const { streams: [notice] } = await readStreams(await app.get(SINTEL));
  assertEquals(notice?.description, "Closed right now. Opens at 08:00.");
  assertEquals((await app.gate.list()).seats, []);
});

Deno.test("6. identical requests share one flight, and each gets its answer", async () => {
  const app = brokerApp(film);
  await app.get(SINTEL, { method: "HEAD" });
  const answers = await Promise.all(Array.from({ length: 20 }, () => app.get(SINTEL)));
  for (const answer of answers) assertEquals((await readStreams(answer)).streams.length, 1);
  assertEquals([app.asked.length, (await app.gate.list()).seats.length], [1, 1]);
});

Deno.test("7. the gate admits as many viewers as there are seats, and tells the next when to come", async () => {
  const app = testApp({ settings: { capacity: 2 } });
  for (const from of ["192.0.2.1", "192.0.2.2"]) {
    assertEquals((await readStreams(await app.get(SINTEL, { from }))).notice, undefined);
  }
  const { streams, notice } = await readStreams(await app.get(SINTEL, { from: "192.0.2.3" }));
  assertEquals(streams.map(({ name }) => name), ["All seats are taken"]);
  assertEquals(notice, {
    cause: "capacity",
    message: "All seats are taken. Please try again in 45 seconds.",
    retryAfterSec: 45,
  });
});

Deno.test("7. who has been idle for long enough makes room", async () => {
  const app = testApp({ settings: { capacity: 1 } });
  await app.get(SINTEL, { from: "192.0.2.1" });
  await app.clock.advance(45_000);
  assertEquals((await readStreams(await app.get(SINTEL, { from: "192.0.2.2" }))).notice, undefined);
  const { notice } = await readStreams(await app.get(SINTEL, { from: "192.0.2.1" }));
  assertEquals(notice?.cause, "capacity");
});

Deno.test("8. the broker is asked within bounds, and once more where that may help", async () => {
  const replies = [() => new Response("later", { status: 503 }), film];
  const app = brokerApp(() => replies.shift()!());
  assertEquals((await readStreams(await askWhile(app, SINTEL))).streams.length, 1);
  assertEquals(app.asked.length, 2);
});

Deno.test("8. a flight without a stream gives its seat back, and the viewer is shown the cause", async () => {
  const app = brokerApp(() => new Response("<h1>Out of order</h1>"));
  const { streams: [notice] } = await readStreams(await askWhile(app, SINTEL));
  assertEquals(notice?.url, "https://weir.example/clips/unavailable.mp4");
  assertEquals((await app.gate.list()).seats, []);
});

Deno.test("9. the streams are shaped for Stremio, kept by nobody, and told in one line of the log", async () => {
  const app = brokerApp(film);
  const response = await askWhile(app, SINTEL);
  assertEquals(response.headers.get("cache-control"), "private, no-store");
  assertEquals((await readStreams(response)).streams, [{
    name: "1080p",
    url: "https://films.example/sintel.mp4",
    behaviorHints: { notWebReady: false, bingeGroup: "org.weir.sample|1080p" },
  }]);
  const told = app.logs.map(({ cause, verdict, episode }) => ({ cause, verdict, episode }));
  assertEquals(told, [{ cause: "stream", verdict: "new", episode: "weir:sintel" }]);
});

Deno.test("what is no stream request is told at debug alone", async () => {
  const app = testApp();
  await app.get("/manifest.json");
  assertEquals(app.logs, [{ level: "debug", event: "request", kind: "manifest", status: 200 }]);
});
