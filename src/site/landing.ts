/**
 * The landing and configure page as it is answered.
 *
 * @module
 */

import type { Lookup } from "../addon/lookup.ts";
import { OPEN_CORS } from "../http/cors.ts";
import { page, PAGE_HEADERS } from "./page.ts";

const SHOWN_TITLES = 5;

/** Makes the function that answers the page at a public origin. */
export function createLanding(lookup: Lookup): (origin: string) => Response {
  const { name, description, version, logo, background } = lookup.definition.manifest;
  const contents = [...lookup.shelves.values()].map(({ catalog, entries }) => ({
    name: catalog.name,
    type: catalog.type,
    count: entries.length,
    titles: entries.slice(0, SHOWN_TITLES).map(({ meta }) => meta.name),
  }));
  return function landing(origin) {
    const manifestUrl = `${origin}/manifest.json`;
    const text = page({ name, description, version, logo, background, contents, manifestUrl });
    return new Response(text, {
      headers: { ...OPEN_CORS, ...PAGE_HEADERS, "cache-control": "no-store" },
    });
  };
}
