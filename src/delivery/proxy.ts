/**
 * Delivery by proxy: the bytes come through Weir, and their flow is what holds the seat.
 *
 * @module
 */

import type { Gate, GoneReason, Now, Source, Timeout } from "../ports.ts";
import type { Board, FlightAsk, Landing } from "../addon/flight.ts";
import type { Call } from "../reliability/call.ts";
import { deviceOf } from "./device.ts";
import { writeNote } from "./note.ts";
import { type Deliver, type Opened, type PlayAsk, refusal, type Refused } from "./opening.ts";
import { unaskedHead } from "./passage.ts";
import { isOver, within } from "./patience.ts";
import type { ServeAsk } from "./place.ts";
import type { Play } from "./play.ts";
import type { Plays } from "./plays.ts";
import type { Serve } from "./serve.ts";
import { createTurnstile } from "./turnstile.ts";

/** What delivery by proxy needs. */
export type ProxyDeps = {
  board: Board;
  gate: Gate;
  call: Call;
  plays: Plays;
  /** Gives a device's id for what tells it apart. */
  idOf: (text: string) => Promise<string> | string;
  /** Answers with a source's bytes; `undefined` where the source does not give them. */
  serve: Serve;
  playCacheMs: number;
  /** A source has so long for all that an opening wants of it. */
  stallMs: number;
  monotonic: Now;
  timeout: Timeout;
};

type Seated = { landing: Landing & { kind: "streams" }; verdict: Opened["verdict"]; kept: boolean };

const UNAVAILABLE: Refused = { cause: "dependency_unavailable" };

/** Makes delivery by proxy. */
export function createProxy(deps: ProxyDeps): Deliver {
  const { board, gate, call, plays, serve, monotonic } = deps;
  const enter = createTurnstile();

  return async function deliver(ask) {
    const { viewer, play } = ask.ticket;
    const leave = enter(viewer, play);
    if (leave === undefined) return { refused: UNAVAILABLE, verdict: undefined };
    try {
      return await begin(ask);
    } finally {
      leave();
    }
  };

  async function begin(ask: PlayAsk): Promise<Opened> {
    const { viewer, episode, runtimeSec, play: id } = ask.ticket;
    const device = await deps.idOf(deviceOf(ask));
    const play = plays.play({ id, viewer, device, note: writeNote({ episode, runtimeSec }) });
    if (ask.ticket.part !== undefined) play.inPieces();
    const done = await play.begin();
    try {
      return await open(ask, play);
    } finally {
      done();
    }
  }

  async function open(ask: PlayAsk, play: Play): Promise<Opened> {
    if (ask.request.method === "HEAD" && !play.holds() && await look(play) !== "held") {
      return { response: unaskedHead(ask.name), verdict: "unheld" };
    }
    if (ask.closed !== undefined && !play.holds() && await look(play) !== "held") return ask.closed;
    const seated = await seat(ask, play);
    if ("refused" in seated) return seated;
    const { landing, verdict, kept } = seated;
    const patience = [deps.timeout(deps.stallMs), ask.request.signal];
    const asked = { ...ask, patience };
    const served = await serve(asked, play, landing.sources) ??
      (kept && !isOver(patience) ? await serveAnew(asked, play) : UNAVAILABLE);
    if (served instanceof Response) return { response: served, verdict };
    // A player that seeks away says nothing of the source.
    if (!ask.request.signal.aborted) play.resolved = undefined;
    if (landing.seat?.taken) await play.giveBack();
    return { refused: served, verdict };
  }

  /** What was kept may have aged at the source: the broker is asked once more, the gate is not. */
  async function serveAnew(ask: ServeAsk, play: Play): Promise<Response | Refused> {
    play.resolved = undefined;
    const boarded = await within(
      ask.patience,
      async (signal) => await board(anew(ask, play), { signal }),
    );
    if (boarded === undefined || boarded.landing === "gone") return UNAVAILABLE;
    const { landing } = boarded;
    if (landing.kind === "degraded") return landing;
    play.resolved = { sources: landing.sources, at: monotonic() };
    return await serve(ask, play, landing.sources) ?? UNAVAILABLE;
  }

  /** Whether a play has a seat, and else why not; `unknown` as well where the gate cannot be asked. */
  async function look(play: Play): Promise<"held" | GoneReason> {
    const beaten = await call("gate", (signal) => gate.beat({ session: play.id }, signal));
    if (!beaten.ok) return "unknown";
    if (beaten.value.kind === "gone") return beaten.value.reason;
    play.seen(beaten.value.expiresAt, false);
    return "held";
  }

  async function seat(ask: PlayAsk, play: Play): Promise<Seated | (Opened & { refused: Refused })> {
    await plays.asked(play, ask.ticket.part === undefined ? "play" : "part");
    const sources = keptFor(play, ask);
    const { id: session, viewer, note } = play;
    // Who has a seat is not admitted but seen, also where the gate cannot be asked for a while.
    let goesOn = play.holds() || (play.isSeated() && await play.readmit());
    if (!goesOn && ask.ticket.part !== undefined) {
      const seen = await look(play);
      goesOn = seen === "held";
      // Whoever was ended by the operator opens the play again, or it would go on with the next piece.
      if (seen === "evicted") return { refused: UNAVAILABLE, verdict: undefined };
    }
    if (goesOn && sources !== undefined) {
      return { landing: { kind: "streams", sources }, verdict: "held", kept: true };
    }
    const flight = goesOn ? anew(ask, play) : {
      asker: session,
      episode: ask.ticket.episode,
      seat: { session, viewer, note },
      ...(sources === undefined ? {} : { sources }),
    };
    const { landing } = await board(flight, ask.request);
    if (landing === "gone") return refusal("superseded");
    const verdict = goesOn ? "held" : landing.verdict;
    if (landing.kind === "degraded") return { refused: landing, verdict };
    if (landing.seat !== undefined) play.seen(landing.seat.expiresAt, landing.seat.taken);
    if (landing.verdict === "ungated") play.ungated();
    if (sources === undefined) play.resolved = { sources: landing.sources, at: monotonic() };
    return { landing, verdict, kept: sources !== undefined };
  }

  /** A flight that asks the broker alone. */
  function anew({ ticket }: PlayAsk, { id }: Play): FlightAsk {
    return { asker: `anew ${id}`, episode: ticket.episode };
  }

  /** A part's URL is the playlist's: what the broker gave with it does while the play runs. */
  function keptFor({ resolved }: Play, { ticket }: PlayAsk): readonly Source[] | undefined {
    const keepMs = ticket.part === undefined ? deps.playCacheMs : Infinity;
    return resolved && monotonic() - resolved.at < keepMs ? resolved.sources : undefined;
  }
}
