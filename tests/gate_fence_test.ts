// What comes late, or twice: an operation that was given up here may be carried out there, at any
// later time. How long it may hold a seat for nobody, and that it does no other harm.

import { createMemoryGate } from "../src/gate/memory.ts";
import { DEFAULT_SETTINGS, type PoolSettings } from "../src/gate/policy.ts";
import { StatusError } from "../src/ports.ts";
import { type TestApp, testApp, type TestAppOptions } from "./support/app.ts";
import { assert, assertEquals, assertNotEquals } from "./support/assert.ts";
import { GATE_BOUNDS } from "./support/boarding.ts";
import { type Clock, createClock } from "./support/clock.ts";
import { type HeldGate, heldGate } from "./support/held_gate.ts";
import { playApp } from "./support/playing.ts";
import { introduce, request } from "./support/viewers.ts";

const IDLE_MS = 45_000;
const INACTIVITY_MS = 1_200_000;
const BEN = { session: "ben", viewer: "ben" };

/** A Weir of one seat whose gate is far away, and one who has asked it. */
type Far = HeldGate & { app: TestApp; clock: Clock; asked: ReturnType<typeof request> };

async function far(
  settings: Partial<PoolSettings> = {},
  options: TestAppOptions = {},
): Promise<Far> {
  const clock = createClock();
  const held = heldGate(clock.now, { capacity: 1, ...settings });
  const app = testApp({ clock, gate: held.gate, bounds: { gate: GATE_BOUNDS }, ...options });
  const [from = ""] = await introduce(app, 1);
  return { ...held, app, clock, asked: request(app, from, "weir:sintel") };
}

/** Both attempts of an admission run out of time, and so does its viewer's patience. */
async function timesOut({ clock, asked, operations }: Far): Promise<void> {
  await clock.advance(GATE_BOUNDS.totalTimeoutMs);
  assertEquals([asked.cameTo, operations.length], ["dependency_timeout", 2]);
}

/** What the gate says to who wants the seat: how long to wait, or the verdict. */
function wanted({ near }: Pick<HeldGate, "near">): number | string {
  const verdict = near.admit(BEN);
  return verdict.kind === "blocked" ? verdict.retryAfterMs : verdict.kind;
}

Deno.test("a late admission holds a seat that somebody wants for the idle time, whenever it comes", async () => {
  for (const lateMs of [0, 44_000, 3_600_000]) {
    const place = await far();
    await timesOut(place);
    await place.clock.advance(lateMs);
    for (const operation of place.operations) operation.arrive();
    assertEquals(wanted(place), IDLE_MS);
    await place.clock.advance(IDLE_MS - 1);
    assertEquals(wanted(place), 1);
    await place.clock.advance(1);
    assertEquals(wanted(place), "rotated");
  }
});

Deno.test("a late admission holds a seat that nobody wants for INACTIVITY_LIMIT_SEC", async () => {
  const place = await far();
  await timesOut(place);
  place.operations[0]!.arrive();
  await place.clock.advance(INACTIVITY_MS - 1);
  assertEquals(place.near.list().occupied, 1);
  await place.clock.advance(1);
  assertEquals(place.near.list().occupied, 0);
});

Deno.test("with rotation off a late admission holds a seat for INACTIVITY_LIMIT_SEC, wanted or not", async () => {
  const place = await far({ rotationIdleMs: "off" });
  await timesOut(place);
  place.operations[0]!.arrive();
  assertEquals(wanted(place), INACTIVITY_MS);
  await place.clock.advance(INACTIVITY_MS);
  assertEquals(wanted(place), "new");
});

Deno.test("redirect: a late admission holds a seat for as long as the one that it was to be", async () => {
  const clock = createClock();
  const held = heldGate(clock.now, { capacity: 1, rotationIdleMs: "off" });
  const app = playApp("redirect", { clock, gate: held.gate, bounds: { gate: GATE_BOUNDS } });
  const opened = app.open(await app.path());
  // A ticket is opened by the runtime, at a time of its own.
  while (held.operations.length === 0) await new Promise((resolve) => setTimeout(resolve));
  await clock.advance(GATE_BOUNDS.totalTimeoutMs);
  assertEquals((await opened).headers.get("location"), "https://weir.example/clips/slow.mp4");
  held.operations[0]!.arrive();
  assertEquals(wanted(held), (3600 + 180) * 1000);
});

Deno.test("of two late attempts the later one counts", async () => {
  const place = await far();
  await timesOut(place);
  place.operations[0]!.arrive();
  await place.clock.advance(30_000);
  place.operations[1]!.arrive();
  assertEquals(place.near.list().occupied, 1);
  assertEquals(wanted(place), IDLE_MS);
});

Deno.test("a first attempt that comes after the second was given back holds no longer", async () => {
  const fails = () => Promise.reject(new StatusError(400));
  const place = await far({}, { resolve: fails, hasStreams: () => true });
  const { clock, asked, operations, near } = place;
  await clock.advance(GATE_BOUNDS.attemptTimeoutMs + GATE_BOUNDS.retryJitterMs);
  operations[1]!.answer();
  await clock.settle();
  operations[2]!.answer();
  await clock.settle();
  assertEquals([asked.cameTo, near.list().occupied], ["dependency_unavailable", 0]);
  operations[0]!.arrive();
  assertEquals([near.list().occupied, wanted(place)], [1, IDLE_MS]);
});

Deno.test("a late admission takes its seat from nobody who is not idle, and is its viewer's own", async () => {
  const place = await far();
  const { clock, near, operations, app } = place;
  await timesOut(place);
  near.admit(BEN);
  await clock.advance(IDLE_MS - 1);
  operations[0]!.arrive();
  assertEquals(near.list().seats.map(({ session }) => session), ["ben"]);
  await clock.advance(1);
  operations[1]!.arrive();
  assertNotEquals(near.list().seats.map(({ session }) => session), ["ben"]);
  const again = request(app, "198.51.0.0", "weir:sintel");
  await clock.settle();
  operations[2]!.answer();
  assertEquals([await again.answered, app.logs.at(-1)!.verdict], [
    "https://films.example/sintel.mp4",
    "continued",
  ]);
});

Deno.test("a beat whose answer is lost holds a seat no longer than a late admission", async () => {
  for (const order of ["before the release", "after it"] as const) {
    const clock = createClock();
    const settings = { ...DEFAULT_SETTINGS, capacity: 1 };
    const near = createMemoryGate({ settings, now: clock.now });
    const admitted = near.admit({ session: "anna", viewer: "anna" });
    assert(admitted.kind === "new");
    const { expiresAt } = admitted;
    await clock.advance(1);
    const steps = [
      () => near.beat({ session: "anna" }),
      () => near.release({ session: "anna", expiresAt, grace: true }),
    ];
    for (const step of order === "after it" ? steps.toReversed() : steps) step();
    assertEquals(wanted({ near }), IDLE_MS);
  }
});

Deno.test("a release that is delivered again frees nothing that was taken a millisecond later", async () => {
  for (const [afterMs, kind] of [[1, "ignored"], [0, "left"]] as const) {
    const clock = createClock();
    const near = createMemoryGate({ settings: DEFAULT_SETTINGS, now: clock.now });
    const ask = { session: "anna", viewer: "anna" };
    const admitted = near.admit(ask);
    assert(admitted.kind === "new");
    const release = { session: "anna", expiresAt: admitted.expiresAt, grace: false };
    assertEquals(near.release(release).kind, "left");
    await clock.advance(afterMs);
    near.admit(ask);
    // Within one millisecond the new seat cannot be told from the old one: README, "Limits".
    assertEquals(near.release(release).kind, kind);
  }
});
