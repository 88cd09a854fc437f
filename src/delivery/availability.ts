// Pure: values in, values out.

/**
 * Whether a seat is free before anybody asks for it, and otherwise when one is likely to be.
 *
 * @module
 */

import { decideAdmit, type PoolSettings } from "../gate/policy.ts";
import type { Seat, SeatList } from "../ports.ts";
import { readNote } from "./note.ts";

/** For so many seats at most, each is looked at; above that they are only counted. */
export const MOST_LISTED = 100;

/** What a viewer may expect. */
export type Availability = { free: true } | { free: false; inMs: number | undefined };

/**
 * What a viewer may expect of a pool. Whoever holds a seat is expected to go on with it. A time is
 * the earliest expected end of an episode where lengths are known, else that of the gate's law.
 */
export function availability(
  { at, occupied, seats }: SeatList,
  { viewer, settings, heldThroughout }: {
    viewer: string;
    settings: PoolSettings;
    /** Whether a seat is held until it expires, whenever its episode ends. */
    heldThroughout: boolean;
  },
): Availability {
  if (occupied < settings.capacity || seats.some((seat) => seat.viewer === viewer)) {
    return { free: true };
  }
  if (seats.length === 0) return { free: false, inMs: undefined };
  const standing = seats.filter((seat) => seat.state === "standing");
  const leaving = seats.filter((seat) => seat.state === "leaving");
  const decision = decideAdmit(
    {
      standing: false,
      leaver: undefined,
      occupied,
      oldestExpiresAt: least(standing.map((seat) => seat.expiresAt)),
      firstLeftAt: least(leaving.map((seat) => seat.leftAt)),
      coolingSince: undefined,
    },
    settings,
    at,
  );
  if (decision.kind !== "blocked") return { free: true };
  if (heldThroughout) return { free: false, inMs: decision.retryAfterMs };
  const ends = standing.map(expectedEnd).filter((end) => end !== undefined && end > at);
  const graces = leaving.map((seat) => seat.leftAt + settings.graceMs);
  const soonest = least([...ends as number[], ...graces]);
  return { free: false, inMs: soonest === undefined ? decision.retryAfterMs : soonest - at };
}

function expectedEnd(seat: Seat): number | undefined {
  const { runtimeSec } = readNote(seat.note ?? "");
  return runtimeSec > 0 ? seat.since + runtimeSec * 1000 : undefined;
}

function least(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : Math.min(...times);
}
