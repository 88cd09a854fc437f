/**
 * Weir's journey of a request, top to bottom.
 *
 * @module
 */

import type { Peer } from "./ports.ts";
import { type AnswerRoute, createAnswers } from "./addon/answers.ts";
import { createDesk, type DeskDeps, streamHead } from "./addon/desk.ts";
import { createBoarding, type FlightDeps } from "./addon/flight.ts";
import { createDelivery, type DeliveryDeps, type DeliverySettings } from "./delivery/delivery.ts";
import { createPlays, type PlaysDeps } from "./delivery/plays.ts";
import { logBug } from "./http/bug.ts";
import { createFiles, type File } from "./http/file.ts";
import { createPseudonyms } from "./http/pseudonym.ts";
import { createReception, type Received, type ReceptionDeps } from "./http/reception.ts";
import { error, preflight, respondPrepared, withoutBody } from "./http/respond.ts";
import { type Resource, type Route, route } from "./http/route.ts";
import { createViewerIds } from "./http/viewer.ts";
import { createOperator, type OperatorDeps } from "./operator/api.ts";
import { type Call, type CallDeps, createCall } from "./reliability/call.ts";
import { createReady, health, type Probe } from "./site/health.ts";
import { createLanding } from "./site/landing.ts";

/** Everything that Weir needs from outside, as plain functions and values. */
export type AppDeps =
  & CallDeps
  & ReceptionDeps
  & Omit<FlightDeps, "call">
  & Omit<DeskDeps, "board" | "listing">
  & Omit<PlaysDeps, "call">
  & Omit<DeliveryDeps, "call" | "board" | "plays" | "idOf" | "askOwn">
  & Omit<OperatorDeps, "call" | "token" | "viewPlay">
  & {
    /** Where a seat is taken when the player opens the stream; `direct` takes it when listed. */
    delivery: DeliverySettings | { kind: "direct" };
    /** From which viewers' ids are made. */
    viewerSecret: string;
    /** Without one every operator route is closed. */
    operatorToken: string | undefined;
    /** Tells whether the broker is there; none for the embedded one. */
    probeBroker: ((signal: AbortSignal) => Promise<void>) | undefined;
    /** The clips and pictures of our own, by their paths. */
    files: ReadonlyMap<string, File>;
  };

/** A request and the peer that sent it, answered. */
export type Handler = (request: Request, peer: Peer) => Promise<Response>;

const METHODS = "GET, HEAD, OPTIONS";

/** Makes the handler. */
export function createApp(deps: AppDeps): Handler {
  const call = createCall(deps);
  const { receive, warnings } = createReception(deps);
  const viewerOf = createViewerIds(deps.viewerSecret);
  const files = createFiles(deps.files);
  const plays = createPlays({ ...deps, call });
  const gate = deps.delivery.kind === "direct" ? deps.gate : plays.watched;
  const seated = { ...deps, call, gate, board: createBoarding({ ...deps, call, gate }) };
  const delivery = deps.delivery.kind === "direct" ? undefined : createDelivery(deps.delivery, {
    ...seated,
    plays,
    askOwn: files,
    idOf: createPseudonyms({ secret: deps.viewerSecret, use: "weir device id" }),
  });
  const answerStream = createDesk({ ...seated, listing: delivery });
  const answers = createAnswers(deps.lookup);
  const landing = createLanding(deps.lookup);
  const operator = createOperator({
    ...seated,
    token: deps.operatorToken,
    viewPlay: plays.view,
  });
  const ready = createReady({ ...deps, probes: probes(deps, call), warnings });

  return async function handle(request, peer) {
    try {
      const received = receive(request, peer);
      if (received === "bad_host") return error(400, "bad host");
      const found = route(received.path);
      const response = await answer(request, found, received);
      if (found.kind !== "stream" && found.kind !== "play") {
        deps.log("debug", "request", { kind: found.kind, status: response.status });
      }
      return request.method === "HEAD" ? await withoutBody(response) : response;
    } catch (bug) {
      logBug(deps.log, bug);
      return error(500, "internal");
    }
  };

  async function answer(
    request: Request,
    found: Route,
    { origin, address }: Received,
  ): Promise<Response> {
    if (found.kind === "sessions" || found.kind === "session" || found.kind === "metrics") {
      return await operator(request, found);
    }
    if (request.method === "OPTIONS") return preflight(METHODS);
    if (found.kind === "not_found") return error(404, "not found");
    if (request.method !== "GET" && request.method !== "HEAD") {
      return error(405, "method not allowed", { allow: METHODS });
    }
    switch (found.kind) {
      case "page":
        return landing(origin);
      case "health":
        return health();
      case "ready":
        return await ready();
      case "file":
        return await files(request, found.path) ?? error(404, "not found");
      case "manifest":
      case "catalog":
      case "meta":
        return await fromDefinition(request, found, origin);
      case "stream":
        return await stream(request, found, { origin, viewer: await viewerOf(address) });
      case "play":
        return await delivery?.open(request, { ...found, origin, address }) ??
          error(404, "not found");
    }
  }

  async function fromDefinition(
    request: Request,
    found: AnswerRoute,
    origin: string,
  ): Promise<Response> {
    const prepared = await answers(found, origin);
    return prepared ? respondPrepared(request, prepared) : error(404, "not found");
  }

  async function stream(
    request: Request,
    { type, id, extra }: Resource,
    who: { origin: string; viewer: string },
  ): Promise<Response> {
    if (request.method === "HEAD") return streamHead();
    return await answerStream({ type, id, extra, ...who }, request.signal);
  }
}

/** The gate is needed where its failure blocks; what cannot wait cannot be down. */
function probes(
  { gate, bounds, gateOnFailure, probeBroker }: AppDeps,
  call: Call,
): Record<string, Probe> {
  const found: Record<string, Probe> = {};
  if (bounds.gate !== undefined && gateOnFailure === "block") {
    found.gate = () => call("gate", (signal) => gate.beat({ session: "ready" }, signal));
  }
  if (probeBroker !== undefined) {
    found.broker = () => call("broker", probeBroker);
  }
  return found;
}
