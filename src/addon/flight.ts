/**
 * Flights of stream requests: one admission and one resolve for identical requests in progress,
 * and a viewer's latest request wins.
 *
 * @module
 */

import {
  type AdmitAsk,
  BadReplyError,
  type Bounds,
  type Count,
  type Failure,
  type Gate,
  type Now,
  type Outcome,
  type Resolve,
  type Source,
  type Timeout,
  type Verdict,
} from "../ports.ts";
import { isHttpUrl, isOwnPath } from "../http/url.ts";
import { type Call, type Dependency, millisecondsUntil } from "../reliability/call.ts";
import { createFlights, type Flight, startFlight } from "../reliability/inflight.ts";
import type { Cause } from "./degraded.ts";

/** What a flight is for. */
export type FlightAsk = {
  /** Whose latest request wins: the viewer, or the session of a play that is opened. */
  asker: string;
  episode: string;
  /** The seat that is asked for; none where streams are only listed. */
  seat?: AdmitAsk;
  /** What the broker gave lately for the same; without it the broker is asked. */
  sources?: readonly Source[];
};

/** What a flight came to: the streams, or why there are none. `verdict` where the gate answered. */
export type Landing =
  & {
    verdict?: Verdict["kind"] | "ungated";
    /** The seat that the admission gave; with streams it is held. */
    seat?: Held;
  }
  & (
    | { kind: "streams"; sources: readonly Source[] }
    | { kind: "degraded"; cause: Cause; retryAfterMs?: number }
  );

/** How a request's wait for its flight ended; `gone` where its client went away before. */
export type Boarded = { landing: Landing | "gone"; coalesced: boolean };

/** What is known of a flight's seat: whether the flight took it, and its latest `expiresAt`. */
export type Held = { taken: boolean; expiresAt: number };

/** Who asks: its signal aborts where it goes away. Read only where something can wait. */
export type Asker = { readonly signal: AbortSignal };

/** Gets a request aboard a flight and waits for its landing, or until its asker goes away. */
export type Board = (ask: FlightAsk, from: Asker) => Promise<Boarded>;

/** What flights need. */
export type FlightDeps = {
  gate: Gate;
  resolve: Resolve;
  call: Call;
  /** The bounds of each dependency; none for one that cannot wait. */
  bounds: { readonly [D in Dependency]?: Bounds };
  /** The deadline over all that one stream answer needs. */
  streamTotalTimeoutMs: number;
  /** What is done when the gate itself cannot be asked. */
  gateOnFailure: "block" | "admit";
  /** `false` where a promise made in another request may never resolve (workerd). */
  shareFlights: boolean;
  /** Monotonic milliseconds. */
  monotonic: Now;
  timeout: Timeout;
  count: Count;
};

type AskedFlight = {
  readonly ask: FlightAsk;
  readonly flight: Flight<Landing>;
  /** A newer request of the asker has taken over, and with it the seat. */
  superseded: boolean;
  /** Settles with the admission. */
  held: Promise<Held>;
  /** Settles when the seat has been given back, where that is or was under way. */
  releasing: Promise<unknown> | undefined;
};

/** Makes the function by which requests get aboard. */
export function createBoarding(deps: FlightDeps): Board {
  const { gate, bounds, call, count } = deps;
  const latest = new Map<string, AskedFlight>();
  const checked = new WeakMap<readonly Source[], readonly Source[]>();
  const resolves = createFlights<Outcome<readonly Source[]>>({
    share: deps.shareFlights,
    onJoin: () => count("coalesced", "resolve"),
  });

  const canWait = bounds.gate !== undefined || bounds.broker !== undefined;

  return async function board(ask, from) {
    const current = latest.get(ask.asker);
    const coalesced = current !== undefined && current.ask.episode === ask.episode &&
      !current.flight.signal.aborted;
    if (coalesced) count("coalesced", "request");
    const own = coalesced ? current : depart(ask, current);
    const joined = await (canWait ? own.flight.join(from.signal) : own.flight.join());
    if (joined.kind === "landed") return { landing: joined.value, coalesced };
    if (!own.superseded) return { landing: "gone", coalesced };
    return { landing: { kind: "degraded", cause: "superseded" }, coalesced };
  };

  function depart(ask: FlightAsk, previous: AskedFlight | undefined): AskedFlight {
    if (previous !== undefined) {
      previous.superseded = true;
      previous.flight.cancel();
    }
    const deadline = deps.monotonic() + deps.streamTotalTimeoutMs;
    const admission = admit(ask, { previous, deadline });
    const own: AskedFlight = {
      ask,
      superseded: false,
      releasing: previous?.releasing,
      held: heldAfter(admission, previous?.held),
      flight: startFlight(
        (signal) => fly(admission, { own: () => own, deadline, signal }),
        () => {
          if (latest.get(ask.asker) === own) latest.delete(ask.asker);
        },
      ),
    };
    if (deps.shareFlights) latest.set(ask.asker, own);
    return own;
  }

  /** Not stopped with its flight: only its answer tells whether there is a seat to give back. */
  async function admit(
    { seat }: FlightAsk,
    { previous, deadline }: { previous: AskedFlight | undefined; deadline: number },
  ): Promise<Outcome<Verdict> | undefined> {
    if (seat === undefined) return undefined;
    if (previous?.releasing) await previous.releasing;
    const outcome = await call("gate", (signal) => gate.admit(seat, signal), { deadline });
    if (outcome.ok) count("verdicts", outcome.value.kind);
    return outcome;
  }

  async function fly(
    admission: Promise<Outcome<Verdict> | undefined>,
    flown: { own: () => AskedFlight; deadline: number; signal: AbortSignal },
  ): Promise<Landing> {
    let keeps = false;
    try {
      const admitted = await admission;
      const ungated = admitted?.ok === false && deps.gateOnFailure === "admit";
      if (ungated) count("ungated");
      keeps = ungated;
      const refusal = ungated ? undefined : refusalOf(admitted);
      const landing = refusal ?? await resolve(flown.own().ask, flown);
      keeps ||= landing.kind === "streams";
      return { ...landing, ...verdictOf(admitted, ungated), ...seatOf(admitted) };
    } finally {
      if (!keeps) await giveBack(flown.own(), flown.deadline);
    }
  }

  async function resolve(
    { episode, sources }: FlightAsk,
    flown: { deadline: number; signal: AbortSignal },
  ): Promise<Landing> {
    if (sources !== undefined) return { kind: "streams", sources };
    const outcome = await askBroker(episode, flown);
    if (outcome.ok) return { kind: "streams", sources: outcome.value };
    const unknown = outcome.failure.kind === "status" && outcome.failure.status === 404;
    return { kind: "degraded", cause: unknown ? "not_found" : causeOf(outcome.failure) };
  }

  async function askBroker(
    episode: string,
    { deadline, signal }: { deadline: number; signal: AbortSignal },
  ): Promise<Outcome<readonly Source[]>> {
    if (signal.aborted) return { ok: false, failure: { kind: "cancelled" }, attempts: 0 };
    const ask = (stop?: AbortSignal) =>
      call("broker", (attempt) => playable(episode, attempt), stop ? { signal: stop } : {});
    const limits = bounds.broker;
    if (limits === undefined) return await ask();
    // The resolve is shared, so that it has its own bounds; this flight waits no longer than its.
    const leftMs = millisecondsUntil(deadline, deps.monotonic());
    const leave = leftMs < limits.totalTimeoutMs ? [signal, deps.timeout(leftMs)] : [signal];
    const joined = await resolves.join(episode, ask, ...leave);
    if (joined.kind === "landed") return joined.value;
    const kind = signal.aborted ? "cancelled" : "timeout";
    return { ok: false, failure: { kind }, attempts: 0 };
  }

  /** Whoever resolves, only rows that can be shaped count; the same list is looked at once. */
  async function playable(episode: string, signal: AbortSignal): Promise<readonly Source[]> {
    const sources = await deps.resolve(episode, signal);
    const known = checked.get(sources);
    if (known !== undefined) return known;
    const rows = sources.filter(({ url }) => isHttpUrl(url) || isOwnPath(url));
    if (rows.length === 0) throw new BadReplyError();
    checked.set(sources, rows);
    return rows;
  }

  /** Gives back the seat that a flight without streams has taken. Its failure changes no answer. */
  async function giveBack(own: AskedFlight, deadline: number): Promise<void> {
    const { taken, expiresAt } = await own.held;
    if (own.ask.seat === undefined || own.superseded || !taken) return;
    const ask = { session: own.ask.seat.session, expiresAt, grace: false };
    const releasing = call("gate", (signal) => gate.release(ask, signal), { attempts: 1 })
      .catch(() => {});
    own.releasing = releasing;
    if (bounds.gate === undefined) await releasing;
    else {
      const leftMs = millisecondsUntil(deadline, deps.monotonic());
      await startFlight(() => releasing).join(deps.timeout(leftMs));
    }
  }
}

/** A flight has taken a seat if its admission did, or the flight that it superseded had. */
async function heldAfter(
  admission: Promise<Outcome<Verdict> | undefined>,
  inherited: Promise<Held> | undefined,
): Promise<Held> {
  const outcome = await admission.catch(() => undefined);
  const before = await inherited;
  if (!outcome?.ok || outcome.value.kind === "blocked") {
    return before ?? { taken: false, expiresAt: 0 };
  }
  const { taken, expiresAt } = heldBy(outcome.value);
  return {
    taken: taken || (before?.taken ?? false),
    expiresAt: Math.max(expiresAt, before?.expiresAt ?? 0),
  };
}

function heldBy({ kind, expiresAt }: Exclude<Verdict, { kind: "blocked" }>): Held {
  return { taken: kind !== "continued", expiresAt };
}

function seatOf(admitted: Outcome<Verdict> | undefined): Pick<Landing, "seat"> {
  if (!admitted?.ok || admitted.value.kind === "blocked") return {};
  return { seat: heldBy(admitted.value) };
}

function refusalOf(admitted: Outcome<Verdict> | undefined): Landing | undefined {
  if (admitted === undefined) return undefined;
  if (!admitted.ok) return { kind: "degraded", cause: causeOf(admitted.failure) };
  if (admitted.value.kind !== "blocked") return undefined;
  const { cause, retryAfterMs } = admitted.value;
  return { kind: "degraded", cause, retryAfterMs };
}

function verdictOf(
  admitted: Outcome<Verdict> | undefined,
  ungated: boolean,
): Pick<Landing, "verdict"> {
  if (admitted?.ok) return { verdict: admitted.value.kind };
  return ungated ? { verdict: "ungated" } : {};
}

function causeOf(failure: Failure): Cause {
  return failure.kind === "timeout" ? "dependency_timeout" : "dependency_unavailable";
}
