// The n-th call of what is handed in to Weir fails, for every n, once and for ever: what is answered
// meanwhile stands in the tables, and afterwards nothing of it is left.

import type { Execute } from "../src/ports.ts";
import { createExecutor } from "../src/reliability/execute.ts";
import { assert, assertEquals } from "./support/assert.ts";
import { BROKER_BOUNDS, GATE_BOUNDS } from "./support/boarding.ts";
import { createClock } from "./support/clock.ts";
import { evening, type Household, household } from "./support/evening.ts";
import { play } from "./support/film_source.ts";
import type { Failing, Plan } from "./support/nth_call.ts";
import { playApp } from "./support/playing.ts";
import { createStage, type Kind, type Stage, SWEEP_MS } from "./support/stage.ts";

const KINDS: readonly Kind[] = ["direct", "redirect", "proxy"];
const WAYS: Readonly<Record<Failing, string>> = {
  throws: "fails at once",
  rejects: "fails as a network does",
  status: "is answered with 503",
  nonsense: "is answered with nonsense",
  lost: "is carried out and its answer lost",
  hangs: "is never answered",
  bug: "throws what nothing should",
};
/** To the executor these are one with `rejects`, and what is beyond it sees no difference. */
const ALIKE: readonly Failing[] = ["throws", "status"];
/** A seat of a device is held for the film's hour and three minutes; others until nobody sees them. */
const HELD_MS: Readonly<Record<Kind, number>> = {
  direct: 1_200_000,
  redirect: 3_780_000,
  proxy: 1_200_000,
};
const HOUR_MS = 3_600_000;

for (const kind of KINDS) {
  for (const [how, what] of Object.entries(WAYS) as [Failing, string][]) {
    if (kind !== "direct" && ALIKE.includes(how)) continue;
    Deno.test(`${kind}: an evening bears that the n-th call ${what}, for every n`, () => {
      return bearsAll(kind, { how, gateOnFailure: "block" });
    });
  }
}

for (const kind of KINDS) {
  Deno.test(`${kind}: with GATE_ON_FAILURE=admit no call of the gate is missed by a viewer`, async () => {
    await bearsAll(kind, { how: "rejects", gateOnFailure: "admit" });
  });
}

Deno.test("proxy: a beat and a release that break as nothing should leave a line in the log alone", async () => {
  const well = createExecutor({ now: () => 0, random: () => 0, timeout: createClock().timeout });
  let broken = false;
  const gate: Execute = (...asked) => broken ? Promise.reject(new RangeError()) : well(...asked);
  const app = playApp("proxy", {
    execute: { gate, broker: well },
    bounds: { gate: GATE_BOUNDS, broker: BROKER_BOUNDS },
  });
  const path = await app.path();
  const player = play(await app.open(path));
  await player.read();
  const bugs = () => app.logs.filter(({ event }) => event === "bug").length;
  for (const breaks of [true, false]) {
    broken = breaks;
    await app.clock.advance(15_000);
    app.film.taps[0]!.give(10);
    await player.read();
    await app.clock.settle();
  }
  assertEquals([bugs(), app.asked.at(-1)], [1, "beat"]);
  broken = true;
  await player.close();
  await app.clock.settle();
  assertEquals(bugs(), 2);
  await app.clock.advance(HOUR_MS);
  assertEquals(app.clock.pending(), 0);
  broken = false;
  const again = await app.open(path);
  assertEquals(again.status, 200);
  await again.body!.cancel();
});

type Setting = { how: Failing; gateOnFailure: Stage["gateOnFailure"] };

async function bearsAll(kind: Kind, { how, gateOnFailure }: Setting): Promise<void> {
  const whole = createStage(kind, { gateOnFailure });
  await evening(whole);
  const calls = whole.calls.count(how);
  assert(calls > 5, `${calls} calls`);
  for (let at = 1; at <= calls; at++) {
    await bears(kind, { how, at, forEver: false }, gateOnFailure);
    await bears(kind, { how, at, forEver: true }, gateOnFailure);
  }
}

async function bears(
  kind: Kind,
  plan: Plan,
  gateOnFailure: Setting["gateOnFailure"],
): Promise<void> {
  const stage = createStage(kind, { plan, gateOnFailure });
  try {
    const households = await evening(stage);
    assert(stage.calls.failed.length > 0);
    stage.calls.mend();
    await isWellAtOnce(stage, households);
    await holdsNoSeatForNothing(stage, households);
    await leavesNothing(stage);
  } catch (error) {
    const failed = stage.calls.failed.join();
    throw new Error(`${kind}, ${JSON.stringify(plan)}: failed ${failed}`, { cause: error });
  }
}

/** The first request after the fault is answered by the gate. */
async function isWellAtOnce({ app }: Stage, households: readonly Household[]): Promise<void> {
  for (const each of households) {
    await each.lists("weir:a");
    assertEquals(app.logs.at(-1)!.coalesced, false);
    await each.opens();
    await each.closes();
  }
}

/** Only who was given a stream has a seat, and only for as long as the law says. */
async function holdsNoSeatForNothing(
  stage: Stage,
  households: readonly Household[],
): Promise<void> {
  const { kind, clock, settings, near, calls } = stage;
  // What nobody gave back ages out: its answer was lost, or it was never asked for.
  const excused = calls.how === "lost" || calls.how === "bug" || calls.failed.includes("release");
  // A beat that was on its way when the play was closed is followed by a release of its own.
  await clock.advance(SWEEP_MS + settings.graceMs);
  if (!excused) {
    const most = kind === "proxy" ? 0 : households.filter(({ served }) => served).length;
    const { seats } = near.list();
    assert(seats.length <= most, `${seats.length} seats`);
  }
  const idleMs = settings.rotationIdleMs === "off" ? HELD_MS[kind] : settings.rotationIdleMs;
  await clock.advance(idleMs);
  for (const from of ["203.0.113.8", "203.0.113.9"]) {
    const newcomer = household(stage, from);
    await newcomer.lists("weir:d");
    await newcomer.opens();
    assert(newcomer.served, from);
    await newcomer.closes();
  }
  await clock.advance(HELD_MS[kind]);
  assertEquals(near.list().seats, []);
}

/** No timer, no source that is still read, and no bug that was not put in. */
async function leavesNothing({ clock, film, app, calls }: Stage): Promise<void> {
  await clock.advance(HOUR_MS);
  assertEquals(clock.pending(), 0);
  if (calls.how === "bug") return;
  assertEquals(film.taps.filter(({ cancelled }) => !cancelled), []);
  assert(app.logs.every(({ event }) => event !== "bug"));
}
