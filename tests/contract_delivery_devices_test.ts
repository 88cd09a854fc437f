import { deviceOf } from "../src/delivery/device.ts";
import { assert, assertEquals } from "./support/assert.ts";
import { begun } from "./support/film_source.ts";
import { hlsApp, partsOf, whole } from "./support/pieces.ts";
import { ANNE, assertClip, BEN, type PlayApp } from "./support/playing.ts";

/** A device by what its player says of itself, and where it is. */
type Device = { from: string; headers: Record<string, string> };

function device(name: string, from: string = ANNE): Device {
  return { from, headers: { "user-agent": name } };
}

const TV = device("TV 1");

/** Opens an episode in pieces, and reads the first. */
async function watch(app: PlayApp, episode: string, on: Device): Promise<Map<string, string>> {
  const opened = await app.open(await app.path(on.from, episode), on);
  assertEquals(opened.status, 200);
  const parts = await partsOf(opened);
  assertEquals(await whole(app, parts.get("0.ts")!, on), 1000);
  return parts;
}

function verdicts(app: PlayApp): unknown[] {
  return app.logs.flatMap(({ event, verdict }) => event === "play" ? [verdict] : []);
}

async function states(app: PlayApp): Promise<string[]> {
  return (await app.seated()).map(({ state }) => state);
}

Deno.test("a device that turns to another film takes its seat along, at once", async () => {
  const app = hlsApp({ settings: { capacity: 1 } });
  for (const episode of ["weir:a", "weir:b", "weir:a"]) {
    const parts = await watch(app, episode, TV);
    for (const name of ["1.ts", "0.ts"]) {
      await app.clock.advance(4000);
      assertEquals(await whole(app, parts.get(name)!, TV), 1000);
    }
    assertEquals(await states(app), ["standing"]);
  }
  assertEquals(verdicts(app).filter((each) => each !== "held"), [
    "new",
    "reconnected",
    "reconnected",
  ]);
});

Deno.test("a device that turns to a film in one piece takes its seat along as well", async () => {
  const app = hlsApp({
    settings: { capacity: 1 },
    rows: (
      episode,
    ) => [{ url: `https://films.example/show/${episode === "weir:b" ? "b.mp4" : "index.m3u8"}` }],
  });
  await watch(app, "weir:a", TV);
  const player = await begun(await app.open(await app.path(ANNE, "weir:b"), TV));
  assertEquals(verdicts(app).at(-1), "reconnected");
  await player.close();
});

Deno.test("another television of the household has to find a seat of its own", async () => {
  const others = [device("TV 2"), device("TV 1", "2001:db8::2")];
  for (const other of others) {
    const on = other.from === ANNE ? TV : device("TV 1", "2001:db8::1");
    const app = hlsApp({ settings: { capacity: 1 } });
    const parts = await watch(app, "weir:a", on);
    for (let piece = 0; piece < 3; piece++) {
      assertClip(await app.open(await app.path(other.from, "weir:b"), other), "capacity");
      await app.clock.advance(6000);
      assertEquals(await whole(app, parts.get("1.ts")!, on), 1000);
    }
    assertEquals(await states(app), ["standing"]);
  }
});

Deno.test("a film whose piece is under way is over with it", async () => {
  const app = hlsApp({ settings: { capacity: 1 } });
  const parts = await watch(app, "weir:a", TV);
  const piece = await begun(await app.open(parts.get("1.ts")!, TV));
  const other = await app.path(ANNE, "weir:b");
  assertClip(await app.open(other, TV), "capacity");
  await piece.close();
  await app.clock.settle();
  assertEquals(await states(app), ["leaving"]);
  assertEquals((await app.open(other, TV)).status, 200);
  assertEquals(verdicts(app).at(-1), "reconnected");
});

Deno.test("looking at another film, by HEAD or in a list, leaves the seat where it is", async () => {
  const app = hlsApp({ settings: { capacity: 1 } });
  const parts = await watch(app, "weir:a", TV);
  await app.open(await app.path(ANNE, "weir:b"), { ...TV, method: "HEAD" });
  assertEquals(await states(app), ["standing"]);
  assertEquals(await whole(app, parts.get("1.ts")!, TV), 1000);
  assertEquals(app.asked.includes("release"), false);
});

Deno.test("two televisions that cannot be told apart each keep their seat while there are two", async () => {
  const app = hlsApp();
  const first = await watch(app, "weir:a", TV);
  const second = await watch(app, "weir:b", TV);
  for (let piece = 0; piece < 5; piece++) {
    for (const parts of [first, second]) {
      assertEquals(await whole(app, parts.get("1.ts")!, TV), 1000);
    }
    await app.clock.advance(6000);
  }
  assertEquals(await states(app), ["standing", "standing"]);
});

Deno.test("two televisions that cannot be told apart do not end each other for ever", async () => {
  const app = hlsApp({ settings: { capacity: 1 } });
  const [a, b] = [await app.path(ANNE, "weir:a"), await app.path(ANNE, "weir:b")];
  const first = await partsOf(await app.open(a, TV));
  assertEquals(await whole(app, first.get("0.ts")!, TV), 1000);
  const second = await partsOf(await app.open(b, TV));
  assertEquals(await whole(app, second.get("0.ts")!, TV), 1000);
  // The first one's player goes on, is refused, and from then on opens its film again and again.
  assertClip(await app.open(first.get("1.ts")!, TV), "capacity");
  for (let again = 0; again < 10; again++) {
    await app.clock.advance(3000);
    assertClip(await app.open(a, TV), "capacity");
    assertEquals(await whole(app, second.get("1.ts")!, TV), 1000);
  }
});

Deno.test("a device is no longer a text than a User-Agent is", () => {
  const named = (agent: string) =>
    deviceOf({
      request: new Request("https://weir.example/", { headers: { "user-agent": agent } }),
      ticket: {
        viewer: "anne",
        episode: "weir:a",
        row: { index: 0, mark: "" },
        runtimeSec: 0,
        issuedAt: 0,
        play: "play",
      },
      address: undefined,
    });
  assert(named("TV 1") !== named("TV 2"));
  assert(named("x".repeat(100_000)).length < 600);
});

Deno.test("what one viewer turns to takes no other viewer's seat", async () => {
  const app = hlsApp({ settings: { capacity: 1 } });
  await watch(app, "weir:a", TV);
  const ben = device("TV 1", BEN);
  assertClip(await app.open(await app.path(BEN, "weir:b"), ben), "capacity");
  assertEquals(await states(app), ["standing"]);
});
