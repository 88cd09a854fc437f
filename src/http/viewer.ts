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

/** Makes the function that knows viewers. Whoever has no address is one viewer with its like. */
export function createViewerIds(secret: string): ViewerOf {
  const idOf = createPseudonyms({ secret, use: "weir viewer id" });
  return (address) => idOf(address === undefined ? "unknown" : household(address));
}
