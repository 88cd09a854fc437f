/**
 * Delivery by redirect: nothing moves through Weir, and a device is held a seat for as long as
 * the episode runs.
 *
 * @module
 */

import type { Gate, Now, Source } from "../ports.ts";
import type { Board, Held } from "../addon/flight.ts";
import { absolute } from "../http/url.ts";
import type { Call } from "../reliability/call.ts";
import { deviceOf } from "./device.ts";
import { writeNote } from "./note.ts";
import { type Deliver, elsewhere, refusal } from "./opening.ts";
import { unaskedHead } from "./passage.ts";
import { findRow } from "./row.ts";
import type { Ticket } from "./ticket.ts";

/** What delivery by redirect needs. */
export type RedirectDeps = {
  board: Board;
  gate: Gate;
  call: Call;
  /** Gives a device's id for what tells it apart. */
  idOf: (text: string) => Promise<string> | string;
  /** How long a seat is held where the length of an episode is unknown. */
  redirectHoldMs: number;
  /** What the broker gave for a play is kept for so long. */
  playCacheMs: number;
  monotonic: Now;
};

/** A little longer than the episode: the credits, a pause. */
const MARGIN_MS = 180_000;
const MOST_KEPT = 10_000;

/** Makes delivery by redirect. */
export function createRedirect(deps: RedirectDeps): Deliver {
  const { board, gate, call, monotonic } = deps;
  const kept = new Map<string, { sources: readonly Source[]; at: number }>();
  /** The seats whose hold was told anew: those who share a flight share its seat. */
  const told = new WeakSet<Held>();

  return async function deliver(ask) {
    const { request, ticket, name, origin } = ask;
    const { episode, play } = ticket;
    const session = await deps.idOf(deviceOf(ask));
    const sources = keptFor(play);
    const holdMs = holdOf(ticket, sources);
    if (request.method === "HEAD") {
      const held = await call("gate", (signal) => gate.beat({ session, holdMs }, signal));
      if (!held.ok || held.value.kind !== "held") {
        return { response: unaskedHead(name), verdict: "unheld" };
      }
    }
    const note = writeNote({ episode, runtimeSec: ticket.runtimeSec });
    const { landing } = await board(
      {
        asker: session,
        episode,
        seat: { session, viewer: ticket.viewer, holdMs, note },
        ...(sources === undefined ? {} : { sources }),
      },
      request,
    );
    if (landing === "gone") return refusal("superseded");
    const { verdict } = landing;
    if (landing.kind === "degraded") return { refused: landing, verdict };
    if (sources === undefined) keep(play, landing.sources);
    const { seat } = landing;
    const known = { session, holdMs: holdOf(ticket, landing.sources) };
    if (seat !== undefined && !told.has(seat) && known.holdMs !== holdMs) {
      told.add(seat);
      // Where it fails the seat is held as if the length were not known.
      await call("gate", (signal) => gate.beat(known, signal));
    }
    const { source } = findRow(landing.sources, ticket.row)!;
    return { response: elsewhere(absolute(source.url, origin)), verdict };
  };

  /** By what the broker says of the row now, else by what it said when it was listed. */
  function holdOf({ row, runtimeSec }: Ticket, sources: readonly Source[] | undefined): number {
    const lengthSec = (sources && findRow(sources, row)?.source.runtimeSec) ?? runtimeSec;
    return lengthSec > 0 ? Math.round(lengthSec * 1000) + MARGIN_MS : deps.redirectHoldMs;
  }

  function keptFor(play: string): readonly Source[] | undefined {
    const found = kept.get(play);
    return found && monotonic() - found.at < deps.playCacheMs ? found.sources : undefined;
  }

  function keep(play: string, sources: readonly Source[]): void {
    kept.delete(play);
    kept.set(play, { sources, at: monotonic() });
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
  }
}
