// Pure: values in, values out.

/**
 * What tells a viewer's devices apart, as far as HTTP does: two of one make behind one address are
 * one.
 *
 * @module
 */

import type { PlayAsk } from "./opening.ts";

/** Ids are remembered by these words, so that nobody may make them as long as they like. */
const LONGEST_AGENT = 512;

/** A device in words that nobody else may see: they hold an address. */
export function deviceOf(
  { request, ticket, address }: Pick<PlayAsk, "request" | "ticket" | "address">,
): string {
  const agent = request.headers.get("user-agent") ?? "";
  return `${ticket.viewer} ${address?.value ?? ""} ${agent.slice(0, LONGEST_AGENT)}`;
}
