import { availability } from "../src/delivery/availability.ts";
import { DEFAULT_SETTINGS, type PoolSettings } from "../src/gate/policy.ts";
import type { Seat } from "../src/ports.ts";
import { assertEquals } from "./support/assert.ts";

const AT = 10_000_000;

function standing(viewer: string, { since = AT, leftMs = 1_200_000, note = "weir:a" } = {}): Seat {
  return { session: viewer, viewer, since, note, state: "standing", expiresAt: AT + leftMs };
}

function asked(
  seats: Seat[],
  { viewer = "cleo", heldThroughout = false, occupied = seats.length, ...settings }:
    & Partial<PoolSettings>
    & { viewer?: string; heldThroughout?: boolean; occupied?: number } = {},
) {
  const pool = { ...DEFAULT_SETTINGS, ...settings };
  return availability({ at: AT, occupied, seats }, { viewer, settings: pool, heldThroughout });
}

Deno.test("availability() is free below the capacity, and to who has a seat", () => {
  assertEquals(asked([standing("anne")]), { free: true });
  assertEquals(asked([standing("anne"), standing("cleo")]), { free: true });
  assertEquals(asked([standing("anne"), standing("ben")]).free, false);
});

Deno.test("availability() is free where the gate would rotate somebody out", () => {
  const idle = standing("anne", { leftMs: 1_200_000 - 45_000 });
  assertEquals(asked([idle, standing("ben")]), { free: true });
  assertEquals(asked([idle, standing("ben")], { rotationIdleMs: "off" }).free, false);
});

Deno.test("availability() tells when the first episode ends, else what the gate says", () => {
  const first = standing("anne", { since: AT - 600_000, note: "weir:a\n3600" });
  const second = standing("ben", { note: "weir:b\n1800" });
  assertEquals(asked([first, second]), { free: false, inMs: 1_800_000 });
  const over = standing("ben", { since: AT - 4_000_000, note: "weir:b\n1800" });
  assertEquals(asked([first, over]), { free: false, inMs: 3_000_000 });
  assertEquals(asked([standing("anne"), standing("ben")]), { free: false, inMs: 45_000 });
});

Deno.test("availability() tells the end of a grace, whatever was played", () => {
  const { session, viewer, since, note } = standing("ben", { note: "weir:b\n6000" });
  const ben: Seat = { session, viewer, since, note: note!, state: "leaving", leftAt: AT - 5000 };
  const anne = standing("anne", { note: "weir:a\n3600" });
  assertEquals(asked([anne, ben]), { free: false, inMs: 10_000 });
});

Deno.test("availability() tells the first expiry where a seat is held throughout", () => {
  const seats = [
    standing("anne", { leftMs: 900_000, note: "weir:a\n60" }),
    standing("ben", { leftMs: 800_000 }),
  ];
  const held = { heldThroughout: true, rotationIdleMs: "off" } as const;
  assertEquals(asked(seats, held), { free: false, inMs: 800_000 });
});

Deno.test("availability() tells no time where seats are only counted", () => {
  assertEquals(asked([], { occupied: 120 }), { free: false, inMs: undefined });
});
