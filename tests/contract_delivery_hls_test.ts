import { parseHours } from "../src/addon/hours.ts";
import { createMemoryGate } from "../src/gate/memory.ts";
import { DEFAULT_SETTINGS, type PoolSettings } from "../src/gate/policy.ts";
import { type Gate, StatusError } from "../src/ports.ts";
import { OPERATOR_TOKEN } from "./support/app.ts";
import { createClock } from "./support/clock.ts";
import { assert, assertEquals, assertMatch } from "./support/assert.ts";
import { filmSource } from "./support/film_source.ts";
import { hlsApp, LIST, partsOf, whole } from "./support/pieces.ts";
import { assertClip, BEN } from "./support/playing.ts";

Deno.test("every part of a playlist comes through the same play", async () => {
  const app = hlsApp();
  const path = await app.path();
  assertMatch(path, /\/video\.m3u8$/);
  const parts = await partsOf(await app.open(path));
  const names = [...parts.values()].map((part) => part.split("/").at(-1));
  assertEquals(names, ["part.mp4", "part.ts", "part.ts", "part.ts"]);
  for (const [, part] of parts) assertEquals(await whole(app, part), 1000);
  const opened = app.logs.filter(({ event, level }) => event === "play" && level === "info");
  assertEquals(opened.length, 1, "each opening is one line, and none a piece");
  assertEquals(app.film.requests.map(({ url }) => url), [
    LIST,
    "https://films.example/show/init.mp4",
    "https://keys.example/k?1",
    "https://films.example/show/0.ts",
    "https://films.example/show/1.ts",
  ]);
  assertEquals((await app.seated()).length, 1);
});

Deno.test("a part elsewhere is asked for without what is meant for the source", async () => {
  const app = hlsApp();
  const parts = await partsOf(await app.open(await app.path()));
  await whole(app, parts.get("k")!);
  await whole(app, parts.get("0.ts")!);
  const sent = app.film.requests.map(({ headers }) => headers.get("authorization"));
  assertEquals(sent, ["Bearer the source's", null, "Bearer the source's"]);
});

Deno.test("a play in pieces keeps its seat between them, and gives it back after the last", async () => {
  const app = hlsApp({ settings: { capacity: 1 } });
  const ben = await app.path(BEN);
  const parts = await partsOf(await app.open(await app.path()));
  for (let piece = 0; piece < 4; piece++) {
    assertEquals(await whole(app, parts.get("0.ts")!), 1000);
    await app.clock.advance(20_000);
    assertClip(await app.open(ben, { from: BEN }), "capacity");
  }
  assertEquals(app.asked.filter((name) => name === "release").length, 0);
  await app.clock.advance(10_000);
  assertEquals((await app.seated()).map(({ state }) => state), ["leaving"]);
  await app.clock.advance(15_000);
  const opened = await app.open(ben, { from: BEN });
  assertEquals(opened.status, 200);
  await opened.body!.cancel();
});

Deno.test("a play in pieces is one also after a long pause, when nothing of it is known any more", async () => {
  const app = hlsApp({ settings: { capacity: 1 } });
  const parts = await partsOf(await app.open(await app.path()));
  for (let pause = 0; pause < 2; pause++) {
    assertEquals(await whole(app, parts.get("0.ts")!), 1000);
    await app.clock.advance(5000);
    assertEquals((await app.seated()).map(({ state }) => state), ["standing"]);
    await app.clock.advance(300_000);
    assertEquals(await app.seated(), []);
  }
});

Deno.test("a play in pieces goes on while the gate cannot be asked, for GATE_OUTAGE_PLAY_SEC", async () => {
  const app = hlsApp();
  const path = await app.path();
  const parts = await partsOf(await app.open(path));
  assertEquals(await whole(app, parts.get("0.ts")!), 1000);
  app.outage.on = true;
  for (let passed = 0; passed < 310_000; passed += 10_000) {
    await app.clock.advance(10_000);
    assertEquals(await whole(app, parts.get("1.ts")!), 1000, `after ${passed}`);
  }
  await app.clock.advance(15_000);
  assertClip(await app.open(parts.get("0.ts")!), "unavailable");
  app.outage.on = false;
  assertEquals(await whole(app, parts.get("0.ts")!), 1000);
});

Deno.test("a play in pieces asks the broker no more, unless its source says no", async () => {
  let broken = false;
  const app = hlsApp({
    rows: () => {
      if (broken) throw new StatusError(503);
      return [{ url: LIST, headers: { "authorization": "Bearer the source's" } }];
    },
  });
  const parts = await partsOf(await app.open(await app.path()));
  app.resolved.length = 0;
  broken = true;
  for (let piece = 0; piece < 10; piece++) {
    await app.clock.advance(10_000);
    assertEquals(await whole(app, parts.get("1.ts")!), 1000);
  }
  assertEquals([app.resolved, app.film.requests.at(-1)!.headers.get("authorization")], [
    [],
    "Bearer the source's",
  ]);
  broken = false;
  app.film.reply = () => app.resolved.length > 0 ? undefined : new Response("", { status: 403 });
  assertEquals(await whole(app, parts.get("0.ts")!), 1000);
  assertEquals(app.resolved.length, 1);
});

Deno.test("a play in pieces that runs at closing time goes on, and begins no more", async () => {
  const app = hlsApp({ openHours: parseHours("08:00-20:00", "UTC")! });
  const path = await app.path();
  const parts = await partsOf(await app.open(path));
  for (let passed = 0; passed < 31 * 60_000; passed += 20_000) {
    assertEquals(await whole(app, parts.get("0.ts")!), 1000, `after ${passed}`);
    await app.clock.advance(20_000);
  }
  assertClip(await app.open(path), "closed");
  assertEquals(await whole(app, parts.get("1.ts")!), 1000);
  await app.clock.advance(45_000);
  const asked = app.film.requests.length;
  assertClip(await app.open(parts.get("1.ts")!), "closed");
  assertEquals([app.film.requests.length, await app.seated()], [asked, []]);
});

Deno.test("a play in pieces goes on when its link opens no more", async () => {
  const app = hlsApp({ delivery: { ticketTtlMs: 600_000 } });
  const path = await app.path();
  const parts = await partsOf(await app.open(path));
  for (let passed = 0; passed < 1_200_000; passed += 20_000) {
    assertEquals(await whole(app, parts.get("0.ts")!), 1000, `after ${passed}`);
    await app.clock.advance(20_000);
  }
  assertClip(await app.open(path), "unavailable");
});

Deno.test("whoever leaves while the gate is asked leaves no seat behind", async () => {
  const clock = createClock();
  const settings: PoolSettings = { ...DEFAULT_SETTINGS, rotationIdleMs: "off" };
  const near = createMemoryGate({ settings, now: clock.now });
  const answers = Promise.withResolvers<void>();
  let slow = false;
  async function later<T>(reply: T): Promise<T> {
    if (slow) await answers.promise;
    return reply;
  }
  const gate: Gate = {
    ...near,
    admit: (ask) => later(near.admit(ask)),
    beat: (ask) => later(near.beat(ask)),
  };
  const app = hlsApp({ clock, gate, settings });
  const parts = await partsOf(await app.open(await app.path()));
  await clock.advance(20_000);
  slow = true;
  const client = new AbortController();
  const opened = app.open(parts.get("0.ts")!, { signal: client.signal });
  await new Promise((resolve) => setTimeout(resolve));
  client.abort();
  answers.resolve();
  await (await opened).body?.cancel();
  await clock.advance(60_000);
  assertEquals(await app.seated(), []);
});

Deno.test("the operator's end ends a play in pieces, here and elsewhere, until it is opened again", async () => {
  for (const elsewhere of [false, true]) {
    const app = hlsApp();
    const path = await app.path();
    const parts = await partsOf(await app.open(path));
    assertEquals(await whole(app, parts.get("0.ts")!), 1000);
    const { session } = (await app.gate.list()).seats[0]!;
    const headers = { "x-operator-token": OPERATOR_TOKEN };
    const evict = () => app.get(`/operator/sessions/${session}`, { method: "DELETE", headers });
    await (elsewhere ? app.gate.evict({ session }) : evict());
    for (let piece = 0; piece < 3; piece++) {
      await app.clock.advance(15_000);
      assertClip(await app.open(parts.get("1.ts")!), "unavailable");
      assertEquals(await app.seated(), []);
    }
    await partsOf(await app.open(path));
    assertEquals(await whole(app, parts.get("1.ts")!), 1000);
  }
});

Deno.test("a piece after the end meets the gate", async () => {
  const app = hlsApp({ settings: { capacity: 1 } });
  const parts = await partsOf(await app.open(await app.path()));
  const ben = await app.path(BEN);
  await app.clock.advance(45_000);
  const { status } = await app.open(ben, { from: BEN });
  assertEquals(status, 200);
  assertClip(await app.open(parts.get("0.ts")!), "capacity");
});

Deno.test("a live playlist names the same part the same way, hour by hour", async () => {
  const app = hlsApp();
  const path = await app.path();
  const parts = await partsOf(await app.open(path));
  await app.clock.advance(10_000);
  assertEquals(await partsOf(await app.open(path)), parts);
});

Deno.test("a playlist that is no playlist, or too much, is not available", async () => {
  const replies: (() => Response)[] = [
    () => new Response("<html>login</html>"),
    () => new Response(`#EXTM3U\n${"x\n".repeat(20_001)}`),
    () => new Response(`#EXTM3U\n${"# comment\n".repeat(500_000)}`),
    () => new Response("#EXTM3U", { headers: { "content-length": "99999999" } }),
  ];
  for (const reply of replies) {
    const app = hlsApp({ film: filmSource(reply) });
    assertClip(await app.open(await app.path()), "unavailable");
    assertEquals(await app.seated(), []);
  }
});

Deno.test("a playlist is asked for whole, whatever part the player wants of it", async () => {
  const app = hlsApp();
  const opened = await app.open(await app.path(), { headers: { range: "bytes=5-9" } });
  assertEquals(app.film.requests[0]!.headers.get("range"), null);
  const text = await opened.text();
  assert(opened.status === 200 && text.startsWith("#EXTM3U"));
});
