import { createOpening, isTimeZone, opensAt, parseHours } from "../src/addon/hours.ts";
import { assert, assertEquals } from "./support/assert.ts";

const MINUTE_MS = 60_000;

/** How many minutes until it opens at a UTC instant; 0 where it is open. */
function waitMinutes(range: string, timeZone: string, instant: string): number {
  const opening = openingOf(range, timeZone)(Date.parse(instant));
  return opening.open ? 0 : opening.retryAfterMs / MINUTE_MS;
}

function openingOf(range: string, timeZone: string): ReturnType<typeof createOpening> {
  const hours = parseHours(range, timeZone);
  assert(hours, range);
  return createOpening(hours);
}

/** Local minutes since midnight, by another way than the code's own. */
function localMinutesIn(timeZone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat("de", { timeZone, timeStyle: "short" });
  return (instant) => {
    const [hour, minute] = format.format(instant).split(":").map(Number) as [number, number];
    return hour * 60 + minute;
  };
}

Deno.test("parseHours() reads one range of local time, 24:00 at its end alone", () => {
  assertEquals(parseHours("08:30-24:00", "UTC"), { from: 510, to: 1440, timeZone: "UTC" });
  assertEquals(parseHours("22:00-06:00", "UTC"), { from: 1320, to: 360, timeZone: "UTC" });
  assertEquals(parseHours("00:00-24:00", "UTC"), { from: 0, to: 1440, timeZone: "UTC" });
  for (
    const bad of [
      "",
      "8:00-12:00",
      "08:00",
      "08:00-12:00-14:00",
      "08:00 - 12:00",
      "24:00-08:00",
      "08:00-24:01",
      "08:60-12:00",
      "08:00-25:00",
      "08:00-08:00",
      "08.00-12.00",
    ]
  ) assertEquals(parseHours(bad, "UTC"), undefined, bad);
});

Deno.test("isTimeZone() knows the names of the IANA database", () => {
  for (const good of ["UTC", "Europe/Berlin", "Australia/Lord_Howe"]) {
    assert(isTimeZone(good), good);
  }
  for (const bad of ["", "Berlin", "Europe/Nowhere", "CEST?"]) assert(!isTimeZone(bad), bad);
});

Deno.test("opensAt() tells the opening with two digits each", () => {
  assertEquals(opensAt({ from: 485, to: 1440, timeZone: "UTC" }), "08:05");
});

Deno.test("opening() is open from the first minute to before the last", () => {
  const opening = openingOf("08:00-12:00", "UTC");
  const at = (time: string) => opening(Date.parse(`2026-03-14T${time}Z`));
  assertEquals(at("07:59:59.999"), { open: false, retryAfterMs: 1 });
  assertEquals(at("08:00:00.000"), { open: true });
  assertEquals(at("11:59:59.999"), { open: true });
  assertEquals(at("12:00:00.000"), { open: false, retryAfterMs: 20 * 60 * MINUTE_MS });
  assertEquals(at("23:59:30.500"), { open: false, retryAfterMs: 8 * 3_600_000 + 29_500 });
});

Deno.test("opening() wraps midnight, and 24:00 is midnight", () => {
  for (const time of ["22:00", "23:59", "00:00", "05:59"]) {
    assertEquals(waitMinutes("22:00-06:00", "UTC", `2026-03-14T${time}:00Z`), 0, time);
  }
  assertEquals(waitMinutes("22:00-06:00", "UTC", "2026-03-14T06:00:00Z"), 16 * 60);
  assertEquals(waitMinutes("08:00-24:00", "UTC", "2026-03-14T23:59:00Z"), 0);
  assertEquals(waitMinutes("08:00-24:00", "UTC", "2026-03-15T00:00:00Z"), 8 * 60);
  assertEquals(waitMinutes("00:00-24:00", "UTC", "2026-03-15T00:00:00Z"), 0);
});

Deno.test("opening() goes by the zone's own clock, summer and winter", () => {
  assertEquals(waitMinutes("20:00-23:00", "Europe/Berlin", "2026-01-10T18:00:00Z"), 60);
  assertEquals(waitMinutes("20:00-23:00", "Europe/Berlin", "2026-07-10T18:00:00Z"), 0);
  assertEquals(waitMinutes("20:00-23:00", "America/New_York", "2026-01-11T00:00:00Z"), 60);
  assertEquals(waitMinutes("20:00-23:00", "America/New_York", "2026-07-11T00:00:00Z"), 0);
  assertEquals(waitMinutes("09:00-10:00", "Asia/Kathmandu", "2026-07-11T03:00:00Z"), 15);
});

Deno.test("opening() comes an hour sooner in the night the clock is set forward", () => {
  // Berlin: 2026-03-29 01:00Z, 02:00 becomes 03:00. New York: 2026-03-08 07:00Z, likewise.
  assertEquals(waitMinutes("08:00-22:00", "Europe/Berlin", "2026-03-28T21:00:00Z"), 9 * 60);
  assertEquals(waitMinutes("08:00-22:00", "Europe/Berlin", "2026-03-27T21:00:00Z"), 10 * 60);
  assertEquals(waitMinutes("08:00-22:00", "America/New_York", "2026-03-08T03:00:00Z"), 9 * 60);
});

Deno.test("opening() comes an hour later in the night the clock is set back", () => {
  // Berlin: 2026-10-25 01:00Z, 03:00 becomes 02:00. New York: 2026-11-01 06:00Z, likewise.
  assertEquals(waitMinutes("08:00-22:00", "Europe/Berlin", "2026-10-24T20:00:00Z"), 11 * 60);
  assertEquals(waitMinutes("08:00-22:00", "America/New_York", "2026-11-01T02:00:00Z"), 11 * 60);
});

Deno.test("opening() waits for the end of a gap that its time falls into", () => {
  assertEquals(waitMinutes("02:30-08:00", "Europe/Berlin", "2026-03-29T00:50:00Z"), 10);
  assertEquals(waitMinutes("02:30-08:00", "Europe/Berlin", "2026-03-29T01:00:00Z"), 0);
  assertEquals(waitMinutes("02:30-08:00", "America/New_York", "2026-03-08T06:50:00Z"), 10);
});

Deno.test("opening() passes over a day whose whole range falls into the gap", () => {
  assertEquals(waitMinutes("02:10-02:50", "Europe/Berlin", "2026-03-29T00:50:00Z"), 23 * 60 + 20);
});

Deno.test("opening() holds twice where the clock passes its time twice", () => {
  assertEquals(waitMinutes("02:30-03:00", "Europe/Berlin", "2026-10-25T00:30:00Z"), 0);
  assertEquals(waitMinutes("02:30-03:00", "Europe/Berlin", "2026-10-25T01:00:00Z"), 30);
  assertEquals(waitMinutes("02:30-03:00", "Europe/Berlin", "2026-10-25T01:30:00Z"), 0);
  assertEquals(waitMinutes("02:30-03:00", "Europe/Berlin", "2026-10-25T02:00:00Z"), 23 * 60 + 30);
});

Deno.test("opening() follows a clock that is set by half an hour", () => {
  // Lord Howe: 2026-10-03 15:30Z, 02:00 becomes 02:30; 2026-04-04 15:00Z, 02:00 becomes 01:30.
  const zone = "Australia/Lord_Howe";
  assertEquals(waitMinutes("02:15-08:00", zone, "2026-10-03T15:20:00Z"), 10);
  assertEquals(waitMinutes("08:00-22:00", zone, "2026-10-03T11:30:00Z"), 9 * 60 + 30);
  assertEquals(waitMinutes("08:00-22:00", zone, "2026-04-04T11:00:00Z"), 10 * 60 + 30);
});

Deno.test("opening() tells the first open minute around every shift, and no other", () => {
  const shifts: [string, string][] = [
    ["Europe/Berlin", "2026-03-29T01:00:00Z"],
    ["Europe/Berlin", "2026-10-25T01:00:00Z"],
    ["America/New_York", "2026-03-08T07:00:00Z"],
    ["America/New_York", "2026-11-01T06:00:00Z"],
    ["Australia/Lord_Howe", "2026-10-03T15:30:00Z"],
    ["Australia/Lord_Howe", "2026-04-04T15:00:00Z"],
  ];
  for (const [zone, shift] of shifts) {
    const middle = Date.parse(shift);
    const localMinutes = localMinutesIn(zone);
    for (const range of ["01:45-02:15", "02:20-04:00", "23:00-02:10"]) {
      const { from, to } = parseHours(range, zone)!;
      const opening = openingOf(range, zone);
      const isOpen = (instant: number) => {
        const minute = localMinutes(instant);
        return from < to ? minute >= from && minute < to : minute >= from || minute < to;
      };
      let next = middle + 36 * 3_600_000;
      while (!isOpen(next)) next += MINUTE_MS;
      for (let at = next - MINUTE_MS; at > middle - 6 * 3_600_000; at -= MINUTE_MS) {
        if (isOpen(at)) next = at;
        if (at > middle + 6 * 3_600_000 || at % (7 * MINUTE_MS) !== 0) continue;
        const wanted = next === at ? { open: true } : { open: false, retryAfterMs: next - at };
        assertEquals<unknown>(
          opening(at),
          wanted,
          `${zone} ${range} ${new Date(at).toISOString()}`,
        );
      }
    }
  }
});
