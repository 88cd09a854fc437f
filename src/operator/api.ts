/**
 * What the operator sees and does: sessions and metrics.
 *
 * @module
 */

import type { Gate, Log, Now, Seat } from "../ports.ts";
import { readNote } from "../delivery/note.ts";
import type { PlayView } from "../delivery/play.ts";
import { isId } from "../gate/ask.ts";
import { logBug } from "../http/bug.ts";
import type { Route } from "../http/route.ts";
import type { Call } from "../reliability/call.ts";
import type { Metrics } from "./metrics.ts";
import { createOperatorCheck } from "./token.ts";

/** The operator's routes. */
export type OperatorRoute = Extract<Route, { kind: "sessions" | "session" | "metrics" }>;

/** What the operator's routes need. */
export type OperatorDeps = {
  /** The operator's token; without one every route is closed. */
  token: string | undefined;
  /** Origins of pages that may read the answers. */
  corsOrigins: readonly string[];
  gate: Gate;
  call: Call;
  pool: {
    name: string;
    capacity: number;
    /** How long each seat is held; `undefined` where that differs from seat to seat. */
    holdMs: number | undefined;
  };
  /** What runs here of a session, in a delivery that carries the bytes. */
  viewPlay: (session: string) => PlayView | undefined;
  metrics: Metrics;
  /** Wall clock, in milliseconds since 1970. */
  now: Now;
  log: Log;
};

const METHODS: Readonly<Record<OperatorRoute["kind"], string>> = {
  sessions: "GET, HEAD, OPTIONS",
  session: "DELETE, OPTIONS",
  metrics: "GET, HEAD, OPTIONS",
};

/** Makes the function that answers the operator's routes. */
export function createOperator(
  deps: OperatorDeps,
): (request: Request, route: OperatorRoute) => Promise<Response> {
  const refusalOf = createOperatorCheck(deps.token);

  return async function answer(request, route) {
    const cors = corsHeaders(request);
    const methods = METHODS[route.kind];
    if (request.method === "OPTIONS") {
      return new Response(null, {
        status: 204,
        headers: {
          ...cors,
          "access-control-allow-methods": methods,
          "access-control-allow-headers": "authorization, x-operator-token",
        },
      });
    }
    const refusal = await refusalOf(request.headers);
    if (refusal !== undefined) return respond({ err: refusal.err }, refusal.status, cors);
    if (!methods.split(", ").includes(request.method)) {
      return respond({ err: "method not allowed" }, 405, { ...cors, "allow": methods });
    }
    try {
      return await act(route, cors);
    } catch (bug) {
      logBug(deps.log, bug);
      return respond({ err: "internal" }, 500, cors);
    }
  };

  async function act(route: OperatorRoute, cors: HeaderFields): Promise<Response> {
    switch (route.kind) {
      case "sessions":
        return await sessions(cors);
      case "session":
        return await evict(route.id, cors);
      case "metrics":
        return await metrics(cors);
    }
  }

  async function sessions(cors: HeaderFields): Promise<Response> {
    const listed = await deps.call("gate", (signal) => deps.gate.list({}, signal));
    if (!listed.ok) return respond({ err: "gate_unavailable" }, 503, cors);
    const { at, seats } = listed.value;
    // The gate has a clock of its own; what is shown is told by ours.
    const ahead = deps.now() - at;
    const sessions = seats.map((seat) => showSeat(seat, { at, ahead }));
    return respond({ capacity: deps.pool.capacity, sessions }, 200, cors);
  }

  function showSeat(seat: Seat, { at, ahead }: { at: number; ahead: number }): ShownSeat {
    const { holdMs } = deps.pool;
    const leaving = seat.state === "leaving";
    const heldAt = holdMs === undefined || leaving ? undefined : seat.expiresAt - holdMs;
    const seenAt = leaving ? seat.leftAt : heldAt;
    const play = deps.viewPlay(seat.session);
    return {
      id: seat.session,
      viewer: seat.viewer,
      episode: seat.note === undefined ? null : readNote(seat.note).episode,
      since: new Date(seat.since + ahead).toISOString(),
      lastSeen: seenAt === undefined ? null : new Date(seenAt + ahead).toISOString(),
      idleSec: seenAt === undefined ? null : Math.max(0, Math.floor((at - seenAt) / 1000)),
      leaving,
      ...(play === undefined ? {} : { play }),
    };
  }

  async function evict(session: string, cors: HeaderFields): Promise<Response> {
    if (!isId(session)) return respond({ err: "not found" }, 404, cors);
    const evicted = await deps.call("gate", (signal) => deps.gate.evict({ session }, signal));
    if (!evicted.ok) return respond({ err: "gate_unavailable" }, 503, cors);
    if (evicted.value.kind === "unknown") return respond({ err: "not found" }, 404, cors);
    return respond({ evicted: session }, 200, cors);
  }

  async function metrics(cors: HeaderFields): Promise<Response> {
    const listed = await deps.call("gate", (signal) => deps.gate.list({ most: 0 }, signal));
    const occupied = listed.ok ? listed.value.occupied : undefined;
    const { name, capacity } = deps.pool;
    return new Response(deps.metrics.text({ name, capacity, occupied }), {
      headers: {
        ...cors,
        "content-type": "text/plain; version=0.0.4; charset=utf-8",
        "cache-control": "no-store",
      },
    });
  }

  function corsHeaders(request: Request): HeaderFields {
    const origin = request.headers.get("origin");
    if (origin === null || !deps.corsOrigins.includes(origin)) return { "vary": "Origin" };
    return { "vary": "Origin", "access-control-allow-origin": origin };
  }
}

/** A seat as the operator reads it; what cannot be known is `null`. */
type ShownSeat = {
  id: string;
  viewer: string;
  episode: string | null;
  since: string;
  lastSeen: string | null;
  idleSec: number | null;
  leaving: boolean;
  play?: PlayView;
};

type HeaderFields = Readonly<Record<string, string>>;

function respond(body: unknown, status: number, headers: HeaderFields): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      ...headers,
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
    },
  });
}
