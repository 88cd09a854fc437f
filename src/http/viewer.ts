/**
 * Who asks: an address becomes a viewer's pseudonymous id.
 *
 * @module
 */

import type { Awaitable } from "../ports.ts";
import { type Address, household } from "./address.ts";
import { createPseudonyms } from "./pseudonym.ts";

/** Gives the viewer id of an address's household, from `[A-Za-z0-9_-]{22}`. */
export type ViewerOf = (address: Address | undefined) => Awaitable<string>;

/**
 * Makes the function that knows viewers. Whoever has no address is one viewer with its like. The
 * reception gives the same address for the same text: it is known again by itself.
 */
export function createViewerIds(secret: string): ViewerOf {
  const idOf = createPseudonyms({ secret, use: "weir viewer id" });
  const known = new WeakMap<Address, string>();
  return (address) => {
    if (address === undefined) return idOf("unknown");
    const found = known.get(address);
    if (found !== undefined) return found;
    const made = idOf(household(address));
    if (typeof made === "string") known.set(address, made);
    return made;
  };
}
