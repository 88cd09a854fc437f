import type { Source } from "../src/ports.ts";
import { assert, assertEquals } from "./support/assert.ts";
import { ANNE, assertClip, BEN, playApp, rowsOf } from "./support/playing.ts";

const TELEVISION = { "user-agent": "a television" };
const PHONE = { "user-agent": "a phone" };
const HOUR = 3_600_000;

Deno.test("redirect: the player is sent to the source's own URL, this once", async () => {
  const app = playApp("redirect");
  const { status, headers, body } = await app.open(await app.path());
  assertEquals([status, headers.get("location")], [302, rowsOf("weir:a")[0]!.url]);
  assertEquals(headers.get("cache-control"), "private, no-store");
  assertEquals(headers.get("access-control-allow-origin"), "*");
  assertEquals([body, app.film.requests], [null, []]);
});

Deno.test("redirect: a clip of our own is named under the public origin", async () => {
  const app = playApp("redirect", { rows: () => [{ url: "/clips/test-card.mp4" }] });
  const { headers } = await app.open(await app.path());
  assertEquals(headers.get("location"), "https://weir.example/clips/test-card.mp4");
});

Deno.test("redirect: a session is a device: viewer, address and User-Agent", async () => {
  const app = playApp("redirect", { settings: { capacity: 10 } });
  const path = await app.path();
  const devices = [
    { from: ANNE, headers: TELEVISION },
    { from: ANNE, headers: PHONE },
    { from: BEN, headers: PHONE },
    { from: ANNE },
  ];
  for (const device of devices) await app.open(path, device);
  for (const device of devices) await app.open(path, device);
  assertEquals((await app.seated()).length, 4);
});

Deno.test("redirect: a device that opens another episode keeps its seat", async () => {
  const app = playApp("redirect", { settings: { capacity: 1 } });
  await app.open(await app.path(ANNE, "weir:a"), { from: ANNE });
  const next = await app.open(await app.path(ANNE, "weir:b"), { from: ANNE });
  assertEquals(next.headers.get("location"), rowsOf("weir:b")[0]!.url);
  const { seats } = await app.gate.list();
  assertEquals(seats.map(({ note }) => note), ["weir:b\n3600"]);
});

Deno.test("redirect: a seat is held for the runtime and three minutes, from each opening", async () => {
  const app = playApp("redirect", { settings: { capacity: 1 } });
  const [anne, ben] = [await app.path(ANNE), await app.path(BEN)];
  await app.open(anne, { from: ANNE });
  await app.clock.advance(HOUR);
  await app.open(anne, { from: ANNE });
  await app.clock.advance(HOUR + 180_000 - 1);
  assertClip(await app.open(ben, { from: BEN }), "capacity");
  await app.clock.advance(1);
  const opened = await app.open(ben, { from: BEN });
  assertEquals(opened.headers.get("location"), rowsOf("weir:a")[0]!.url);
});

Deno.test("redirect: a seat is held for REDIRECT_HOLD_SEC where the runtime is unknown", async () => {
  const app = playApp("redirect", {
    settings: { capacity: 1 },
    delivery: { redirectHoldMs: 1_000_000 },
    rows: () => [{ url: "https://films.example/a.mp4" }],
  });
  const [anne, ben] = [await app.path(ANNE), await app.path(BEN)];
  await app.open(anne, { from: ANNE });
  await app.clock.advance(999_999);
  assertClip(await app.open(ben, { from: BEN }), "capacity");
  await app.clock.advance(1);
  assertEquals((await app.open(ben, { from: BEN })).status, 302);
  assertEquals((await app.seated()).length, 1);
});

Deno.test("redirect: a runtime that is known with the opening alone holds the seat as well", async () => {
  for (const runtimeSec of [600, 9000]) {
    const app = playApp("redirect", {
      settings: { capacity: 1 },
      delivery: { resolveAt: "play" },
      rows: () => [{ url: "https://films.example/a.mp4", runtimeSec }],
    });
    const [anne, ben] = [await app.path(ANNE), await app.path(BEN)];
    await app.open(anne, { from: ANNE });
    await app.clock.advance(runtimeSec * 1000 + 180_000 - 1);
    assertClip(await app.open(ben, { from: BEN }), "capacity");
    await app.clock.advance(1);
    const { headers } = await app.open(ben, { from: BEN });
    assertEquals(headers.get("location"), "https://films.example/a.mp4");
  }
});

Deno.test("redirect: so it does where who asked first has gone, and is told the gate once", async () => {
  for (const gone of [true, false]) {
    const resolved = Promise.withResolvers<readonly Source[]>();
    const app = playApp("redirect", {
      settings: { capacity: 1 },
      delivery: { resolveAt: "play" },
      rows: () => resolved.promise,
    });
    const [anne, ben] = [await app.path(ANNE), await app.path(BEN)];
    const client = new AbortController();
    const first = app.open(anne, { from: ANNE, signal: client.signal });
    const second = app.open(anne, { from: ANNE });
    await app.clock.settle();
    if (gone) client.abort();
    await app.clock.settle();
    resolved.resolve([{ url: "https://films.example/a.mp4", runtimeSec: 600 }]);
    await Promise.all([first, second]);
    assertEquals(app.asked.filter((name) => name === "beat").length, 1);
    await app.clock.advance(780_000 - 1);
    assertClip(await app.open(ben, { from: BEN }), "capacity");
    await app.clock.advance(1);
    assertEquals((await app.open(ben, { from: BEN })).status, 302);
    assertEquals((await app.seated()).length, 1);
  }
});

Deno.test("redirect: nobody is rotated out, however long nothing was heard", async () => {
  const app = playApp("redirect", { settings: { capacity: 1 } });
  const [anne, ben] = [await app.path(ANNE), await app.path(BEN)];
  await app.open(anne, { from: ANNE });
  await app.clock.advance(HOUR);
  assertClip(await app.open(ben, { from: BEN }), "capacity");
});

Deno.test("redirect: HEAD with a seat is sent on, and HEAD beside it takes none", async () => {
  const app = playApp("redirect");
  const path = await app.path();
  await app.open(path, { headers: TELEVISION });
  const held = await app.open(path, { method: "HEAD", headers: TELEVISION });
  const unheld = await app.open(path, { method: "HEAD", headers: PHONE });
  assertEquals([held.status, unheld.status], [302, 200]);
  assertEquals((await app.seated()).length, 1);
});

Deno.test("redirect: another device waits while a viewer's first one has the last seat", async () => {
  const app = playApp("redirect", { settings: { capacity: 1 } });
  const path = await app.path();
  await app.open(path, { headers: TELEVISION });
  assertClip(await app.open(path, { headers: PHONE }), "capacity");
  const log = JSON.stringify(app.logs);
  assert(!log.includes("television") && !log.includes(ANNE), log);
});
