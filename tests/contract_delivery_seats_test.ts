import { createMemoryGate, type MemoryGate } from "../src/gate/memory.ts";
import { DEFAULT_SETTINGS, type PoolSettings } from "../src/gate/policy.ts";
import { OPERATOR_TOKEN } from "./support/app.ts";
import { assertEquals } from "./support/assert.ts";
import { createClock } from "./support/clock.ts";
import { filmSource, play } from "./support/film_source.ts";
import { createTap } from "./support/tap.ts";
import {
  ANNE,
  assertClip,
  BEN,
  type PlayApp,
  playApp,
  type PlayAppOptions,
} from "./support/playing.ts";
import { flow, more, watch } from "./support/watching.ts";

function beats(app: PlayApp): number {
  return app.asked.filter((name) => name === "beat").length;
}

/** Two processes at one gate, and one clock. */
function two(
  settings: Partial<PoolSettings> = {},
  options: PlayAppOptions = {},
): { near: PlayApp; far: PlayApp } {
  const clock = createClock();
  const held = { ...DEFAULT_SETTINGS, ...settings };
  const gate: MemoryGate = createMemoryGate({ settings: held, now: clock.now });
  return {
    near: playApp("proxy", { ...options, clock, gate, settings }),
    far: playApp("proxy", { ...options, clock, gate, settings }),
  };
}

async function evict(app: PlayApp): Promise<void> {
  const headers = { "x-operator-token": OPERATOR_TOKEN };
  const { sessions } = await (await app.get("/operator/sessions", { headers })).json();
  const path = `/operator/sessions/${sessions[0].id}`;
  assertEquals((await app.get(path, { method: "DELETE", headers })).status, 200);
}

Deno.test("bytes that flow are beats, at most one every BEAT_SEC", async () => {
  const app = playApp("proxy");
  const anne = await watch(app);
  assertEquals(beats(app), 0);
  await app.clock.advance(14_999);
  await more(app, anne);
  assertEquals(beats(app), 0);
  await app.clock.advance(1);
  await more(app, anne);
  await more(app, anne);
  assertEquals(beats(app), 1);
  await flow(app, anne, 60_000);
  assertEquals(beats(app), 5);
  await anne.player.close();
});

Deno.test("no bytes, no beat: a paused play is idle, and its seat is rotated", async () => {
  const app = playApp("proxy", { settings: { capacity: 1 } });
  const ben = await app.path(BEN);
  const anne = await watch(app);
  await flow(app, anne, 60_000);
  const before = beats(app);
  await app.clock.advance(44_999);
  assertClip(await app.open(ben, { from: BEN }), "capacity");
  assertEquals(beats(app), before);
  await app.clock.advance(1);
  const playing = await watch(app, BEN, ben);
  assertEquals(await anne.player.read(), "broken");
  assertEquals([anne.tap.cancelled, beats(app)], [true, before]);
  await playing.player.close();
});

Deno.test("who watches is rotated out by nobody", async () => {
  const app = playApp("proxy", { settings: { capacity: 1 } });
  const ben = await app.path(BEN);
  const anne = await watch(app);
  for (let minute = 0; minute < 5; minute++) {
    await flow(app, anne, 60_000);
    assertClip(await app.open(ben, { from: BEN }), "capacity");
  }
  await anne.player.close();
});

Deno.test("who was rotated out meets the gate with the next opening", async () => {
  const app = playApp("proxy", { settings: { capacity: 1 } });
  const anne = await watch(app);
  await app.clock.advance(45_000);
  const ben = await watch(app, BEN);
  assertClip(await app.open(anne.path), "capacity");
  await ben.player.close();
  await app.clock.advance(15_000);
  const again = await watch(app, ANNE, anne.path);
  await again.player.close();
});

Deno.test("the operator's end ends the bytes here at once", async () => {
  const app = playApp("proxy");
  const anne = await watch(app);
  await evict(app);
  assertEquals(await anne.player.read(), "broken");
  assertEquals([anne.tap.cancelled, await app.seated()], [true, []]);
});

Deno.test("bytes that flowed since the last beat are told, also where the player then takes none", async () => {
  const app = playApp("proxy");
  const anne = await watch(app);
  await app.clock.advance(14_000);
  assertEquals(await more(app, anne), "bytes");
  await app.clock.advance(999);
  assertEquals(beats(app), 0);
  await app.clock.advance(1);
  assertEquals(beats(app), 1);
  await app.clock.advance(44_000);
  assertEquals(beats(app), 1);
  await anne.player.close();
});

Deno.test("an end that came elsewhere ends the bytes within one beat", async () => {
  const { near, far } = two();
  const anne = await watch(near);
  await evict(far);
  await near.clock.advance(14_999);
  assertEquals(await more(near, anne), "bytes");
  await near.clock.advance(1);
  assertEquals(await anne.player.read(), "broken");
  assertEquals([beats(near), await near.seated()], [1, []]);
});

Deno.test("a rotation that came elsewhere ends a play that goes on after its rest", async () => {
  const { near, far } = two({ capacity: 1 });
  const anne = await watch(near);
  await near.clock.advance(45_000);
  const ben = await watch(far, BEN);
  assertEquals(await anne.player.read(), "broken");
  await ben.player.close();
});

Deno.test("a play whose seat has expired ends with the player's next wish", async () => {
  const app = playApp("proxy", { settings: { rotationIdleMs: "off" } });
  const anne = await watch(app);
  await app.clock.advance(1_200_000);
  assertEquals(await anne.player.read(), "broken");
  const again = await watch(app, ANNE, anne.path);
  assertEquals(app.logs.at(-1)!.verdict, "new");
  await again.player.close();
});

Deno.test("a play whose seat has expired lets its source go, though nobody takes its bytes", async () => {
  const film = filmSource((request) => {
    if (request.method === "HEAD" || film.taps.length > 0) return undefined;
    film.taps.push(createTap());
    film.taps[0]!.give(10);
    // Nothing to resume it by: it cannot be let go before.
    return new Response(film.taps[0]!.body, { headers: { "content-type": "video/mp4" } });
  });
  const app = playApp("proxy", { film, settings: { capacity: 1 } });
  const anne = await watch(app);
  await app.clock.advance(1_199_000);
  assertEquals(anne.tap.cancelled, false);
  await app.clock.advance(1000);
  assertEquals(anne.tap.cancelled, true);
  const ben = await watch(app, BEN);
  assertEquals(await anne.player.read(), "broken");
  await ben.player.close();
});

Deno.test("the last connection's end gives the seat back with grace", async () => {
  const app = playApp("proxy", { settings: { capacity: 1 } });
  const ben = await app.path(BEN);
  const anne = await watch(app);
  const second = await watch(app, ANNE, anne.path);
  await second.player.close();
  await app.clock.settle();
  assertEquals((await app.seated())[0]!.state, "standing");
  await anne.player.close();
  await app.clock.settle();
  assertEquals((await app.seated())[0]!.state, "leaving");
  await app.clock.advance(14_999);
  assertClip(await app.open(ben, { from: BEN }), "capacity");
  await app.clock.advance(1);
  const playing = await watch(app, BEN, ben);
  await playing.player.close();
});

Deno.test("a seek within the grace finds its seat", async () => {
  const app = playApp("proxy", { settings: { capacity: 1 } });
  const anne = await watch(app);
  await anne.player.close();
  await app.clock.advance(14_000);
  const sought = await app.open(anne.path, { headers: { range: "bytes=500-" } });
  assertEquals([sought.status, app.logs.at(-1)!.verdict], [206, "reconnected"]);
  assertEquals((await app.seated())[0]!.state, "standing");
  const player = play(sought, 500);
  await player.read();
  assertEquals(player.got(), 10);
  await player.close();
});

Deno.test("who comes back within the grace, looks first and leaves again, leaves a seat as before", async () => {
  const app = playApp("proxy");
  const anne = await watch(app);
  for (let time = 0; time < 2; time++) {
    await (time === 0 ? anne : await watch(app, ANNE, anne.path)).player.close();
    await app.clock.advance(5000);
    assertEquals((await app.open(anne.path, { method: "HEAD" })).status, 200);
    await app.clock.settle();
    assertEquals((await app.seated()).map(({ state }) => state), ["leaving"]);
  }
  await app.clock.advance(15_000);
  assertEquals(await app.seated(), []);
});

Deno.test("a film that has come to its end gives its seat back", async () => {
  const app = playApp("proxy");
  const { player, tap } = await watch(app);
  tap.give(990);
  tap.finish();
  assertEquals([await player.read(), await player.read()], ["bytes", "end"]);
  await app.clock.settle();
  assertEquals([player.got(), (await app.seated())[0]!.state], [1000, "leaving"]);
});

Deno.test("a late end takes no seat from a play that goes on elsewhere", async () => {
  const { near, far } = two();
  const anne = await watch(near);
  await near.clock.advance(1000);
  const moved = await watch(far, ANNE, anne.path);
  await anne.player.close();
  await near.clock.settle();
  assertEquals((await near.seated()).map(({ state }) => state), ["standing"]);
  await moved.player.close();
  await far.clock.advance(29_000);
  assertEquals((await near.seated()).map(({ state }) => state), ["standing"]);
  await far.clock.advance(1000);
  assertEquals((await near.seated()).map(({ state }) => state), ["leaving"]);
});

Deno.test("who looks at a play through another process takes no seat from it", async () => {
  for (const method of ["HEAD", "GET"]) {
    // What the far process knows of the play is old, or nothing any more; and no beat is due for long.
    for (const [beatMs, sinceMs] of [[15_000, 40_000], [60_000, 65_000]] as const) {
      const { near, far } = two({ capacity: 1 }, { beatMs });
      const before = await watch(far);
      await before.player.close();
      const anne = await watch(near, ANNE, before.path);
      await flow(near, anne, sinceMs);
      const looked = await far.open(anne.path, { method });
      assertEquals(looked.status, 200);
      await looked.body?.cancel();
      await far.clock.settle();
      for (let passed = 0; passed < 120_000; passed += 5000) {
        const [seat] = await near.seated();
        assertEquals(seat?.state, "standing", `${method}, ${beatMs}, after ${passed}`);
        await flow(near, anne, 5000);
      }
      await anne.player.close();
      await near.clock.settle();
      assertEquals((await near.seated()).map(({ state }) => state), ["leaving"], method);
    }
  }
});

Deno.test("a play whose seat the gate has forgotten takes one again, where one is free", async () => {
  for (const taken of [false, true]) {
    const { near, far } = two({ capacity: 1 });
    const anne = await watch(near);
    const [seat] = (await near.gate.list()).seats;
    const expiresAt = seat!.state === "standing" ? seat!.expiresAt : 0;
    await near.gate.release({ session: seat!.session, expiresAt, grace: false });
    const ben = taken ? await watch(far, BEN) : undefined;
    await near.clock.advance(15_000);
    await more(near, anne);
    assertEquals(anne.tap.cancelled, taken);
    if (!taken) anne.tap.give(10);
    assertEquals(await anne.player.read(), taken ? "broken" : "bytes");
    assertEquals((await near.seated()).length, 1);
    await anne.player.close().catch(() => {});
    await ben?.player.close();
  }
});

Deno.test("the operator sees a play: episode, since, bytes, rate, beats, idle", async () => {
  const app = playApp("proxy");
  const anne = await watch(app);
  const ben = await watch(app, BEN);
  anne.tap.give(200);
  await anne.player.read();
  await app.clock.advance(1000);
  const headers = { "x-operator-token": OPERATOR_TOKEN };
  const { sessions } = await (await app.get("/operator/sessions", { headers })).json();
  assertEquals(sessions[0].episode, "weir:a");
  assertEquals(sessions[0].since, "2026-03-14T19:30:00.000Z");
  assertEquals(sessions.map(({ play }: { play: unknown }) => play), [
    { bytes: 210, bytesPerSec: 210, beats: 0, connections: 1, idleSec: 1 },
    { bytes: 10, bytesPerSec: 10, beats: 0, connections: 1, idleSec: 1 },
  ]);
  await Promise.all([anne.player.close(), ben.player.close()]);
});
