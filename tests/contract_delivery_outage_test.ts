import { DEFAULT_SETTINGS } from "../src/gate/policy.ts";
import { assert, assertEquals } from "./support/assert.ts";
import { ANNE, type PlayApp, playApp } from "./support/playing.ts";
import { flow, watch } from "./support/watching.ts";

/** How long the gate has not seen the one seat that is taken. */
async function idleMs({ gate, clock }: PlayApp): Promise<number> {
  const { seats: [seat] } = await gate.list();
  assert(seat?.state === "standing");
  return clock.now() + DEFAULT_SETTINGS.inactivityMs - seat.expiresAt;
}

Deno.test("what the gate could not be told is told when it can be asked again, also in a pause", async () => {
  const app = playApp("proxy");
  const anne = await watch(app);
  await flow(app, anne, 10_000);
  app.outage.on = true;
  await flow(app, anne, 5000);
  await app.clock.advance(10_000);
  app.outage.on = false;
  await app.clock.advance(20_000);
  assert(await idleMs(app) <= 15_000);
  // The next outage is one of its own.
  app.outage.on = true;
  await flow(app, anne, 290_000);
  await anne.player.close();
});

Deno.test("a play goes on while the gate cannot be asked, for GATE_OUTAGE_PLAY_SEC", async () => {
  const app = playApp("proxy");
  const anne = await watch(app);
  await flow(app, anne, 15_000);
  app.outage.on = true;
  await flow(app, anne, 310_000);
  await app.clock.advance(5000);
  assertEquals(await anne.player.read(), "broken");
});

Deno.test("a play that is opened without the gate goes on for GATE_OUTAGE_PLAY_SEC, each time", async () => {
  const app = playApp("proxy", { gateOnFailure: "admit" });
  app.outage.on = true;
  const path = await app.path();
  for (let time = 0; time < 3; time++) {
    const anne = await watch(app, ANNE, path);
    const begun = app.clock.now();
    while (!anne.tap.cancelled) await flow(app, anne, 5000);
    const ms = app.clock.now() - begun;
    assert(ms >= 300_000 && ms <= 320_000, `${ms} ms`);
    assertEquals(await anne.player.read(), "broken");
  }
});

Deno.test("an outage that ends in time leaves nothing behind", async () => {
  const app = playApp("proxy");
  const anne = await watch(app);
  for (let time = 0; time < 2; time++) {
    app.outage.on = true;
    await flow(app, anne, 200_000);
    app.outage.on = false;
    await flow(app, anne, 20_000);
  }
  assertEquals((await app.seated())[0]!.state, "standing");
  await anne.player.close();
});
