// Pure: values in, values out.

/**
 * What tells a viewer's devices apart, as far as HTTP does: two of one make behind one address are
 * one.
 *
 * @module
 */

import type { PlayAsk } from "./opening.ts";

/** A device in words that nobody else may see: they hold an address. */
export function deviceOf({ request, ticket, address }: PlayAsk): string {
  const { headers } = request;
  return `${ticket.viewer} ${address?.value ?? ""} ${headers.get("user-agent") ?? ""}`;
}
