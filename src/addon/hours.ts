// Pure: values in, values out.

/**
 * Opening hours: one range of local time a day, right across daylight saving.
 *
 * @module
 */

/** Minutes since local midnight; `to` is at most 1440, and below `from` where it wraps midnight. */
export type OpenHours = { readonly from: number; readonly to: number; readonly timeZone: string };

/** Whether it is open, and otherwise how long until it opens. */
export type Opening = { open: true } | { open: false; retryAfterMs: number };

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
/** No zone shifts its clock by more at once. */
const LARGEST_SHIFT_MINUTES = 180;

/** Reads `HH:MM-HH:MM`; `undefined` where it is not that, or the range is empty. */
export function parseHours(text: string, timeZone: string): OpenHours | undefined {
  const found = /^(\d{2}):(\d{2})-(\d{2}):(\d{2})$/.exec(text);
  if (!found) return undefined;
  const [fromHour, fromMinute, toHour, toMinute] = found.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const from = fromHour * 60 + fromMinute;
  const to = toHour * 60 + toMinute;
  const valid = fromMinute < 60 && toMinute < 60 && from < DAY_MINUTES && to <= DAY_MINUTES;
  return valid && from !== to ? { from, to, timeZone } : undefined;
}

/** Whether `Intl` knows a time zone by this name. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The opening as text: `08:00`. */
export function opensAt(hours: OpenHours): string {
  return [Math.floor(hours.from / 60), hours.from % 60]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}

/**
 * Makes the function that tells whether it is open at an instant (milliseconds since 1970, UTC).
 * Where the clock is set forward over the opening, it opens when that is done.
 */
export function createOpening(hours: OpenHours): (now: number) => Opening {
  const format = new Intl.DateTimeFormat("en", {
    timeZone: hours.timeZone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });

  function localMinute(instant: number): number {
    const [hour, minute] = format.format(instant).split(":").map(Number) as [number, number];
    return hour * 60 + minute;
  }

  function isOpen(instant: number): boolean {
    const minute = localMinute(instant);
    if (hours.from < hours.to) return minute >= hours.from && minute < hours.to;
    return minute >= hours.from || minute < hours.to;
  }

  return function opening(now) {
    if (isOpen(now)) return { open: true };
    const local = localMinute(now);
    const ahead = (hours.from - local + DAY_MINUTES) % DAY_MINUTES;
    // Where the clock is set back soon, what has just closed may open again.
    const later = localMinute(now + LARGEST_SHIFT_MINUTES * MINUTE_MS);
    const shiftsSoon = later !== (local + LARGEST_SHIFT_MINUTES) % DAY_MINUTES;
    const closedMinutes = shiftsSoon ? 0 : Math.max(0, ahead - LARGEST_SHIFT_MINUTES);
    let instant = (Math.floor(now / MINUTE_MS) + closedMinutes) * MINUTE_MS;
    while (!isOpen(instant)) instant += MINUTE_MS;
    return { open: false, retryAfterMs: instant - now };
  };
}
