/**
 * Stream answers that take no seat: each row's URL is a ticket, and says where all seats are taken.
 *
 * @module
 */

import type { Gate, Now, Source } from "../ports.ts";
import { inWords } from "../addon/degraded.ts";
import type { ListedSource } from "../addon/stream.ts";
import type { Call } from "../reliability/call.ts";
import type { PoolSettings } from "../gate/policy.ts";
import { type Availability, availability, MOST_LISTED } from "./availability.ts";
import { hiddenName, playName } from "./name.ts";
import { markRow } from "./row.ts";
import type { Tickets } from "./ticket.ts";

/** What listings need. */
export type ListingDeps = {
  gate: Gate;
  call: Call;
  tickets: Tickets;
  settings: PoolSettings;
  showAvailability: boolean;
  /** Whether a seat is held until it expires, whenever its episode ends. */
  heldThroughout: boolean;
  /** Whether a row's URL and request headers are the player's to use; else nobody may see them. */
  showSource: boolean;
  /** Makes a new play's id. */
  playId: () => string;
  /** Wall clock, in milliseconds since 1970. */
  now: Now;
};

/** Turns a resolve's sources into rows that lead through `/play`. */
export type List = (
  sources: readonly Source[],
  asked: { viewer: string; episode: string },
) => Promise<ListedSource[]>;

/** Makes the function that lists. */
export function createListing(deps: ListingDeps): List {
  const nameOf = deps.showSource ? playName : hiddenName;

  return async function list(sources, { viewer, episode }) {
    const play = deps.playId();
    const issuedAt = deps.now();
    const first = await firstLine(viewer);
    return await Promise.all(sources.map(async (source, index) => {
      const { headers, url, filename, runtimeSec = 0, ...shown } = source;
      const row = markRow(source, index);
      const ticket = await deps.tickets.seal({ viewer, episode, row, runtimeSec, issuedAt, play });
      return {
        ...shown,
        ...(filename === undefined ? {} : { filename }),
        ...(headers === undefined || !deps.showSource ? {} : { headers }),
        ...(first === undefined ? {} : { heading: first }),
        url: `/play/${ticket}/${nameOf(url, filename)}`,
      };
    }));
  };

  async function firstLine(viewer: string): Promise<string | undefined> {
    if (!deps.showAvailability) return undefined;
    const { gate, settings, heldThroughout } = deps;
    const listed = await deps.call("gate", (signal) => gate.list({ most: MOST_LISTED }, signal), {
      attempts: 1,
    });
    return listed.ok
      ? firstLineOf(availability(listed.value, { viewer, settings, heldThroughout }))
      : undefined;
  }
}

function firstLineOf(expected: Availability): string | undefined {
  if (expected.free) return undefined;
  if (expected.inMs === undefined) return "All seats are taken";
  return `All seats are taken, one is free in ${inWords(Math.ceil(expected.inMs / 1000))}`;
}
