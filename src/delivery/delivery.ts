/**
 * The deliveries in which a seat is taken when the player opens the stream, put together.
 *
 * @module
 */

import { createRedirect, type RedirectDeps } from "./redirect.ts";
import { createListing, type List, type ListingDeps } from "./listing.ts";
import { createPlayDesk, type PlayDesk, type PlayDeskDeps } from "./opening.ts";
import { createProxy, type ProxyDeps } from "./proxy.ts";
import { createServe, type ServeDeps } from "./serve.ts";
import { createTickets } from "./ticket.ts";

/** What an operator sets of a delivery; times in milliseconds. */
export type DeliverySettings = {
  kind: "redirect" | "proxy";
  /** From which tickets are made; those made from the older ones are still read. */
  secrets: readonly [string, ...string[]];
  /** Whether a stream answer asks the broker, or leaves that to each opening. */
  resolveAt: "list" | "play";
  /** A ticket opens for so long. */
  ticketTtlMs: number;
  /** Whether a stream answer says where all seats are taken. */
  showAvailability: boolean;
  /** What the broker gave for a play is kept for so long. */
  playCacheMs: number;
  /** A device is held a seat for so long where an episode's length is unknown. */
  redirectHoldMs: number;
  /** A source that gives nothing for so long is broken off; an opening waits no longer for it. */
  stallMs: number;
};

/** What deliveries need. */
export type DeliveryDeps =
  & Omit<ListingDeps, "tickets" | "showAvailability" | "heldThroughout" | "showSource">
  & Omit<PlayDeskDeps, "tickets" | "deliver">
  & Omit<RedirectDeps, "redirectHoldMs" | "playCacheMs">
  & Omit<ProxyDeps, "serve" | "playCacheMs" | "stallMs">
  & Omit<ServeDeps, "tickets" | "stallMs" | "restMs">;

/** How a stream is listed and opened. */
export type Delivery = { list: List; open: PlayDesk; resolvesAtPlay: boolean };

/** Puts a delivery together. */
export function createDelivery(settings: DeliverySettings, deps: DeliveryDeps): Delivery {
  const tickets = createTickets({
    secrets: settings.secrets,
    ttlMs: settings.ticketTtlMs,
    now: deps.now,
  });
  const { rotationIdleMs, graceMs, inactivityMs } = deps.settings;
  const restMs = rotationIdleMs === "off" ? inactivityMs : Math.max(rotationIdleMs, graceMs);
  const deliver = settings.kind === "redirect"
    ? createRedirect({ ...deps, ...settings })
    : createProxy({
      ...deps,
      ...settings,
      serve: createServe({ ...deps, ...settings, tickets, restMs }),
    });
  return {
    list: createListing({
      ...deps,
      tickets,
      showAvailability: settings.showAvailability,
      heldThroughout: settings.kind === "redirect",
      showSource: settings.kind === "redirect",
    }),
    open: createPlayDesk({ ...deps, tickets, deliver }),
    resolvesAtPlay: settings.resolveAt === "play",
  };
}
