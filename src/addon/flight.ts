/**
 * Flights of stream requests: one admission and one resolve for identical requests in progress,
 * and a viewer's latest request wins.
 *
 * @module
 */

import {
  type AdmitAsk,
  type Awaitable,
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
import { after, lastly } from "../reliability/awaitable.ts";
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

/**
 * Gets a request aboard a flight and waits for its landing, or until its asker goes away. Where
 * neither gate nor broker has to wait, the flight lands at once.
 */
export type Board = (ask: FlightAsk, from: Asker) => Awaitable<Boarded>;

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

/** What a request that departed wants, and what has become of it. */
type Passage = {
  readonly ask: FlightAsk;
  /** By when its answer is due, in monotonic milliseconds; never where nothing can wait. */
  readonly deadline: number;
  readonly admission: Awaitable<Outcome<Verdict> | undefined>;
  /** Settles with the admission. */
  readonly held: Awaitable<Held>;
  /** A newer request of the asker has taken over, and with it the seat. */
  superseded: boolean;
  /** Settles when the seat has been given back, where that is or was under way. */
  releasing: Promise<unknown> | undefined;
};

type AskedFlight = { readonly passage: Passage; readonly flight: Flight<Landing> };

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

  return function board(ask, from) {
    const current = latest.get(ask.asker);
    const coalesced = current !== undefined && current.passage.ask.episode === ask.episode &&
      !current.flight.signal.aborted;
    if (coalesced) count("coalesced", "request");
    const { passage, flight } = coalesced ? current : depart(ask, current);
    return after(canWait ? flight.join(from.signal) : flight.join(), (joined): Boarded => {
      if (joined.kind === "landed") return { landing: joined.value, coalesced };
      if (!passage.superseded) return { landing: "gone", coalesced };
      return { landing: { kind: "degraded", cause: "superseded" }, coalesced };
    });
  };

  function depart(ask: FlightAsk, previous: AskedFlight | undefined): AskedFlight {
    if (previous !== undefined) {
      previous.passage.superseded = true;
      previous.flight.cancel();
      latest.delete(ask.asker);
    }
    const passage = book(ask, previous?.passage);
    const flight = startFlight((signal) => fly(passage, signal), () => {
      if (latest.get(ask.asker) === own) latest.delete(ask.asker);
    });
    const own = { passage, flight };
    if (deps.shareFlights && flight.inProgress) latest.set(ask.asker, own);
    return own;
  }

  /**
   * The admission is not stopped with its flight: only its answer tells whether there is a seat to
   * give back. Where anything can wait, those who ask in the same turn share even what does not.
   */
  function book(ask: FlightAsk, previous: Passage | undefined): Passage {
    const deadline = canWait ? deps.monotonic() + deps.streamTotalTimeoutMs : Infinity;
    const releasing = previous?.releasing;
    const admitted = after(releasing, () => admit(ask, deadline));
    const admission = canWait ? Promise.resolve(admitted) : admitted;
    const held = heldAfter(admission, previous?.held);
    return { ask, deadline, admission, held, superseded: false, releasing };
  }

  function admit(
    { seat }: FlightAsk,
    deadline: number,
  ): Awaitable<Outcome<Verdict> | undefined> {
    if (seat === undefined) return undefined;
    return after(call("gate", (signal) => gate.admit(seat, signal), { deadline }), (outcome) => {
      if (outcome.ok) count("verdicts", outcome.value.kind);
      return outcome;
    });
  }

  function fly(passage: Passage, signal: AbortSignal): Awaitable<Landing> {
    let keeps = false;
    const landing = after(passage.admission, (admitted) => {
      const ungated = admitted?.ok === false && deps.gateOnFailure === "admit";
      if (ungated) count("ungated");
      keeps = ungated;
      const refusal = ungated ? undefined : refusalOf(admitted);
      return after(refusal ?? resolve(passage, signal), (landed): Landing => {
        keeps ||= landed.kind === "streams";
        return { ...landed, ...verdictOf(admitted, ungated), ...seatOf(admitted) };
      });
    });
    return lastly(landing, () => keeps ? undefined : giveBack(passage));
  }

  function resolve(passage: Passage, signal: AbortSignal): Awaitable<Landing> {
    const { sources } = passage.ask;
    if (sources !== undefined) return { kind: "streams", sources };
    return after(askBroker(passage, signal), (outcome): Landing => {
      if (outcome.ok) return { kind: "streams", sources: outcome.value };
      const unknown = outcome.failure.kind === "status" && outcome.failure.status === 404;
      return { kind: "degraded", cause: unknown ? "not_found" : causeOf(outcome.failure) };
    });
  }

  function askBroker(
    { ask: { episode }, deadline }: Passage,
    signal: AbortSignal,
  ): Awaitable<Outcome<readonly Source[]>> {
    if (signal.aborted) return { ok: false, failure: { kind: "cancelled" }, attempts: 0 };
    const ask = (stop?: AbortSignal) =>
      call("broker", (attempt) => playable(episode, attempt), stop ? { signal: stop } : {});
    const limits = bounds.broker;
    if (limits === undefined) return ask();
    // The resolve is shared, so that it has its own bounds; this flight waits no longer than its.
    const leftMs = millisecondsUntil(deadline, deps.monotonic());
    const leave = leftMs < limits.totalTimeoutMs ? [signal, deps.timeout(leftMs)] : [signal];
    return after(resolves.join(episode, ask, ...leave), (joined) => {
      if (joined.kind === "landed") return joined.value;
      const kind = signal.aborted ? "cancelled" : "timeout";
      return { ok: false, failure: { kind }, attempts: 0 };
    });
  }

  /** Whoever resolves, only rows that can be shaped count; the same list is looked at once. */
  function playable(episode: string, signal: AbortSignal): Awaitable<readonly Source[]> {
    return after(deps.resolve(episode, signal), (sources) => {
      const known = checked.get(sources);
      if (known !== undefined) return known;
      const rows = sources.filter(({ url }) => isHttpUrl(url) || isOwnPath(url));
      if (rows.length === 0) throw new BadReplyError();
      checked.set(sources, rows);
      return rows;
    });
  }

  /** Gives back the seat that a flight without streams has taken. Its failure changes no answer. */
  function giveBack(passage: Passage): Awaitable<void> {
    const { ask: { seat }, deadline } = passage;
    return after(passage.held, ({ taken, expiresAt }) => {
      if (seat === undefined || passage.superseded || !taken) return;
      const ask = { session: seat.session, expiresAt, grace: false };
      const release = call("gate", (signal) => gate.release(ask, signal), { attempts: 1 });
      if (!(release instanceof Promise)) return;
      const releasing = release.catch(() => {});
      passage.releasing = releasing;
      if (bounds.gate === undefined) return after(releasing, () => {});
      const leftMs = millisecondsUntil(deadline, deps.monotonic());
      return after(startFlight(() => releasing).join(deps.timeout(leftMs)), () => {});
    });
  }
}

/** A flight has taken a seat if its admission did, or the flight that it superseded had. */
function heldAfter(
  admission: Awaitable<Outcome<Verdict> | undefined>,
  inherited: Awaitable<Held> | undefined,
): Awaitable<Held> {
  const admitted = admission instanceof Promise ? admission.catch(() => undefined) : admission;
  return after(admitted, (outcome) =>
    after(inherited, (before = NOT_HELD) => {
      if (!outcome?.ok || outcome.value.kind === "blocked") return before;
      const { taken, expiresAt } = heldBy(outcome.value);
      return {
        taken: taken || before.taken,
        expiresAt: Math.max(expiresAt, before.expiresAt),
      };
    }));
}

const NOT_HELD: Held = { taken: false, expiresAt: 0 };

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
