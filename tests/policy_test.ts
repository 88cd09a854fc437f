import {
  type AdmitFacts,
  cooldownEnd,
  decideAdmit,
  DEFAULT_SETTINGS,
  graceEnd,
  hold,
  memoryEnd,
  type PoolSettings,
  settle,
} from "../src/gate/policy.ts";
import { assertEquals } from "./support/assert.ts";

const NOW = 1_700_000_000_000;
const { inactivityMs, rotationIdleMs, graceMs, cooldownMs } = DEFAULT_SETTINGS;
const IDLE_MS = rotationIdleMs as number;

/** A full pool whose oldest session was seen so long ago. */
function full(seenAgoMs: number, facts: Partial<AdmitFacts> = {}): AdmitFacts {
  return {
    standing: false,
    leaver: undefined,
    occupied: DEFAULT_SETTINGS.capacity,
    oldestExpiresAt: NOW - seenAgoMs + inactivityMs,
    firstLeftAt: undefined,
    coolingSince: undefined,
    ...facts,
  };
}

function decide(facts: AdmitFacts, settings: Partial<PoolSettings> = {}) {
  return decideAdmit(facts, { ...DEFAULT_SETTINGS, ...settings }, NOW);
}

function blocked(retryAfterMs: number) {
  return { kind: "blocked" as const, retryAfterMs };
}

Deno.test("the settings are those of the README where nothing else is said", () => {
  assertEquals({ ...DEFAULT_SETTINGS }, {
    capacity: 2,
    inactivityMs: 1_200_000,
    rotationIdleMs: 45_000,
    graceMs: 15_000,
    cooldownMs: 60_000,
    memoryMs: 120_000,
  });
});

Deno.test("decideAdmit() takes the first rule that fits", () => {
  const all: AdmitFacts = full(IDLE_MS, { standing: true, leaver: "b", occupied: 1 });
  assertEquals(decide(all), { kind: "continued" });
  assertEquals(decide({ ...all, standing: false }), { kind: "reconnected", leaver: "b" });
  assertEquals(decide({ ...all, standing: false, leaver: undefined }), { kind: "new" });
  assertEquals(decide(full(IDLE_MS)), { kind: "rotated" });
  assertEquals(decide(full(IDLE_MS - 1)), blocked(1));
});

Deno.test("decideAdmit() continues and reconnects whatever the capacity", () => {
  for (const occupied of [1, 2, 7]) {
    assertEquals(decide(full(0, { standing: true, occupied })), { kind: "continued" });
    assertEquals(decide(full(0, { leaver: "b", occupied })), { kind: "reconnected", leaver: "b" });
  }
});

Deno.test("decideAdmit() rotates none out that was seen within the idle time or the grace", () => {
  assertEquals(decide(full(99), { rotationIdleMs: 100 }), blocked(graceMs - 99));
  assertEquals(decide(full(99), { rotationIdleMs: 100, graceMs: 50 }), blocked(1));
  assertEquals(decide(full(100), { rotationIdleMs: 100, graceMs: 50 }), { kind: "rotated" });
  assertEquals(decide(full(100), { rotationIdleMs: 50, graceMs: 100 }), { kind: "rotated" });
});

Deno.test("decideAdmit() lets nobody rotate who is cooling", () => {
  const coolingSince = NOW - cooldownMs + 1;
  assertEquals(decide(full(IDLE_MS, { coolingSince })), blocked(1));
  assertEquals(decide(full(IDLE_MS - 5, { coolingSince })), blocked(5));
  assertEquals(decide(full(IDLE_MS, { coolingSince: coolingSince - 1 })), { kind: "rotated" });
});

Deno.test("decideAdmit() rotates nobody where rotation is off, or more are in than seats", () => {
  const oneSeat = { capacity: 1 };
  assertEquals(decide(full(500_000), { rotationIdleMs: "off" }), blocked(700_000));
  assertEquals(decide(full(500_000), oneSeat), blocked(700_000));
});

Deno.test("decideAdmit() tells the least wait: a rotation, an expiry or the end of a leaving", () => {
  const firstLeftAt = NOW - graceMs + 10;
  assertEquals(decide(full(IDLE_MS - 20, { firstLeftAt })), blocked(10));
  assertEquals(decide(full(IDLE_MS - 5, { firstLeftAt })), blocked(5));
  const coolingSince = NOW;
  assertEquals(decide(full(inactivityMs - 3, { firstLeftAt, coolingSince })), blocked(3));
  assertEquals(decide(full(0, { oldestExpiresAt: undefined, firstLeftAt })), blocked(10));
});

Deno.test("settle() takes no time before the latest seen, unless that is far ahead", () => {
  const at = (clock: number, latest?: number) => settle(clock, latest, DEFAULT_SETTINGS);
  assertEquals(at(NOW), { now: NOW, afresh: false });
  assertEquals(at(NOW, NOW - 5), { now: NOW, afresh: false });
  assertEquals(at(NOW, NOW + inactivityMs), { now: NOW + inactivityMs, afresh: false });
  assertEquals(at(NOW, NOW + inactivityMs + 1), { now: NOW, afresh: true });
});

Deno.test("hold() takes what the ask brings only where rotation is off", () => {
  const off = { ...DEFAULT_SETTINGS, rotationIdleMs: "off" } as const;
  assertEquals(hold(7, DEFAULT_SETTINGS), inactivityMs);
  assertEquals(hold(7, off), 7);
  assertEquals(hold(undefined, off), inactivityMs);
});

Deno.test("what ends, ends when its whole time is over", () => {
  assertEquals(graceEnd(NOW, DEFAULT_SETTINGS), NOW - 15_000);
  assertEquals(cooldownEnd(NOW, DEFAULT_SETTINGS), NOW - 60_000);
  assertEquals(memoryEnd(NOW, DEFAULT_SETTINGS), NOW - 120_000);
});
