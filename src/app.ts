/**
 * Weir's journey of a request, top to bottom.
 *
 * @module
 */

import type { Awaitable, Peer } from "./ports.ts";
import { type AnswerRoute, type AnswersDeps, createAnswers } from "./addon/answers.ts";
import { createDesk, type DeskDeps, streamHead } from "./addon/desk.ts";
import { createBoarding, type FlightDeps } from "./addon/flight.ts";
import { createDelivery, type DeliveryDeps, type DeliverySettings } from "./delivery/delivery.ts";
import { createPlays, type PlaysDeps } from "./delivery/plays.ts";
import type { Address } from "./http/address.ts";
import { logBug } from "./http/bug.ts";
import { createFiles, type File } from "./http/file.ts";
import { createPseudonyms } from "./http/pseudonym.ts";
import { createReception, type Received, type ReceptionDeps } from "./http/reception.ts";
import { remember } from "./http/remember.ts";
import { error, preflight, respondPrepared, withoutBody } from "./http/respond.ts";
import { type Resource, type Route, route } from "./http/route.ts";
import { createViewerIds } from "./http/viewer.ts";
import { createOperator, type OperatorDeps } from "./operator/api.ts";
import { after, attempt } from "./reliability/awaitable.ts";
import { type Call, type CallDeps, createCall } from "./reliability/call.ts";
import { createReady, health, type Probe } from "./site/health.ts";
import { createLanding } from "./site/landing.ts";

/** Everything that Weir needs from outside, as plain functions and values. */
export type AppDeps =
  & CallDeps
  & ReceptionDeps
  & AnswersDeps
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
export type Handler = (request: Request, peer: Peer) => Awaitable<Response>;

const METHODS = "GET, HEAD, OPTIONS";
const REMEMBERED_PATHS = 1000;

/** Makes the handler. */
export function createApp(deps: AppDeps): Handler {
  const call = createCall(deps);
  const { receive, addressOf, warnings } = createReception(deps);
  const routeOf = remember(REMEMBERED_PATHS, route);
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
  const answers = createAnswers(deps);
  const landing = createLanding(deps.lookup);
  const operator = createOperator({
    ...seated,
    token: deps.operatorToken,
    viewPlay: plays.view,
  });
  const ready = createReady({ ...deps, probes: probes(deps, call), warnings });

  return function handle(request, peer) {
    return attempt(() => {
      const received = receive(request, peer);
      if (received === "bad_host") return error(400, "bad host");
      const found = routeOf(received.path);
      return after(
        answer(request, found, { ...received, peer }),
        (response) => leave(request, found, response),
      );
    }, bugged);
  };

  function answer(
    request: Request,
    found: Route,
    { origin, peer }: Received & { peer: Peer },
  ): Awaitable<Response> {
    if (found.kind === "sessions" || found.kind === "session" || found.kind === "metrics") {
      return operator(request, found);
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
        addressOf(request, peer);
        return ready();
      case "file":
        return files(request, found.path).then((file) => file ?? error(404, "not found"));
      case "manifest":
      case "catalog":
      case "meta":
        return fromDefinition(request, found, origin);
      case "stream":
        return stream(request, found, { origin, address: addressOf(request, peer) });
      case "play":
        return play(request, found, { origin, address: addressOf(request, peer) });
    }
  }

  function fromDefinition(
    request: Request,
    found: AnswerRoute,
    origin: string,
  ): Awaitable<Response> {
    return after(
      answers(found, origin),
      (prepared) => prepared ? respondPrepared(request, prepared) : error(404, "not found"),
    );
  }

  function stream(
    request: Request,
    { type, id, extra }: Resource,
    { origin, address }: From,
  ): Awaitable<Response> {
    return after(viewerOf(address), (viewer) => {
      if (request.method === "HEAD") return streamHead();
      return answerStream({ type, id, extra, viewer, origin }, request);
    });
  }

  async function play(
    request: Request,
    { ticket, name }: { ticket: string; name: string },
    from: From,
  ): Promise<Response> {
    return await delivery?.open(request, { ticket, name, ...from }) ?? error(404, "not found");
  }

  function leave(request: Request, { kind }: Route, response: Response): Awaitable<Response> {
    if (kind !== "stream" && kind !== "play") {
      deps.log("debug", "request", { kind, status: response.status });
    }
    return request.method === "HEAD" ? withoutBody(response) : response;
  }

  function bugged(bug: unknown): Response {
    logBug(deps.log, bug);
    return error(500, "internal");
  }
}

/** Under which origin, and from which address, a request came. */
type From = { origin: string; address: Address | undefined };

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
