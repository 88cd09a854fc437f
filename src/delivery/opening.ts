/**
 * Opening a play: ticket, opening hours, and then the way that the delivery goes on. Whatever
 * fails is shown as a clip, for that is what televisions can show.
 *
 * @module
 */

import type { Count, Log, Now, Verdict } from "../ports.ts";
import { type Cause, clipPath, noticeOf } from "../addon/degraded.ts";
import { createOpening as createHours, type OpenHours, opensAt } from "../addon/hours.ts";
import type { Address } from "../http/address.ts";
import { logBug } from "../http/bug.ts";
import { OPEN_CORS } from "../http/cors.ts";
import { json } from "../http/respond.ts";
import { absolute } from "../http/url.ts";
import type { Ticket, Tickets } from "./ticket.ts";

/** A request for a play, its ticket opened. */
export type PlayAsk = {
  request: Request;
  ticket: Ticket;
  /** The file name at the end of the URL. */
  name: string;
  origin: string;
  address: Address | undefined;
  /** What it gets outside opening hours, for a part of a play, unless that has its seat still. */
  closed: (Opened & { refused: Refused }) | undefined;
};

/** Why a play is not opened. */
export type Refused = { cause: Cause; retryAfterMs?: number };

/** How an opening went; `verdict` where the gate was asked. */
export type Opened = OpenedBy & ({ response: Response } | { refused: Refused });

/** What the gate said: a verdict, or that it was not asked (`held`, `unheld`, `ungated`). */
export type OpenedBy = {
  verdict: Verdict["kind"] | "ungated" | "held" | "unheld" | undefined;
};

/** One way to deliver: redirect or proxy. */
export type Deliver = (ask: PlayAsk) => Promise<Opened>;

/** What openings need. */
export type PlayDeskDeps = {
  tickets: Tickets;
  deliver: Deliver;
  openHours: OpenHours | undefined;
  /** Wall clock, in milliseconds since 1970. */
  now: Now;
  monotonic: Now;
  log: Log;
  count: Count;
};

/** Answers a request for `/play/{ticket}/{name}`. */
export type PlayDesk = (
  request: Request,
  asked: { ticket: string; name: string; origin: string; address: Address | undefined },
) => Promise<Response>;

/** Makes the function that answers `/play/…`. */
export function createPlayDesk(deps: PlayDeskDeps): PlayDesk {
  const { tickets, deliver, openHours, monotonic, log, count } = deps;
  const hours = openHours && createHours(openHours);

  return async function answer(request, asked) {
    const started = monotonic();
    const ticket = await tickets.open(asked.ticket);
    const opened = await open(request, asked, ticket);
    const refused = "refused" in opened ? opened.refused : undefined;
    const cause = refused?.cause ?? "stream";
    const asksGate = opened.verdict !== "held" && opened.verdict !== "unheld";
    log(asksGate ? "info" : "debug", "play", {
      cause,
      verdict: opened.verdict,
      viewer: ticket?.viewer,
      episode: ticket?.episode,
      ms: Math.round(monotonic() - started),
    });
    if (refused === undefined) return (opened as { response: Response }).response;
    count("degraded", cause);
    return turnAway(request, refused, asked.origin);
  };

  async function open(
    request: Request,
    asked: { name: string; origin: string; address: Address | undefined },
    ticket: Ticket | undefined,
  ): Promise<Opened> {
    if (ticket === undefined) return refusal("not_found");
    const opening = hours?.(deps.now());
    const closed = opening?.open === false ? refusal("closed", opening.retryAfterMs) : undefined;
    if (closed !== undefined && ticket.part === undefined) return closed;
    try {
      const { name, origin, address } = asked;
      return await deliver({ request, ticket, name, origin, address, closed });
    } catch (bug) {
      logBug(log, bug);
      return refusal("internal");
    }
  }

  function turnAway(request: Request, refused: Refused, origin: string): Response {
    const opens = refused.cause === "closed" && openHours ? { opensAt: opensAt(openHours) } : {};
    const { notice, clip } = noticeOf({ ...refused, ...opens });
    if (/\bapplication\/json\b/i.test(request.headers.get("accept") ?? "")) {
      return json({ notice }, { cacheControl: "private, no-store" });
    }
    return elsewhere(absolute(clipPath(clip), origin));
  }
}

/** A play that is not opened, for a reason that the gate did not give. */
export function refusal(cause: Cause, retryAfterMs?: number): Opened & { refused: Refused } {
  const refused: Refused = { cause };
  if (retryAfterMs !== undefined) refused.retryAfterMs = retryAfterMs;
  return { refused, verdict: undefined };
}

/** Sends a player elsewhere, this once. */
export function elsewhere(location: string): Response {
  return new Response(null, {
    status: 302,
    headers: { ...OPEN_CORS, location, "cache-control": "private, no-store" },
  });
}
