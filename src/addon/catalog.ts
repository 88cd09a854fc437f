// Pure: values in, values out.

import { keyOf, type Lookup } from "./lookup.ts";
import { type MetaPreview, preview } from "./preview.ts";
import { searchWords } from "./search.ts";

/** What a client asks of a catalog. */
export type CatalogAsk = {
  /** The catalog's type. */
  type: string;
  /** The catalog's id. */
  id: string;
  /** The extras of the request's path, decoded. */
  extra?: {
    /** Words that must all be found in a meta. */
    search?: string;
    /** A genre that a meta must have. */
    genre?: string;
    /** How many metas to pass over; what is no whole number from 0 counts as 0. */
    skip?: string;
  };
  /** The public origin. */
  origin: string;
};

/** The answer to `/catalog/…`: one page. An empty one is never to be cached. */
export type CatalogAnswer = { metas: MetaPreview[] };

/**
 * One page of a catalog, or `undefined` where there is no such catalog. Search looks through
 * name, description, genres, cast and director, whatever the case and the accents.
 */
export function catalog(lookup: Lookup, ask: CatalogAsk): CatalogAnswer | undefined {
  const shelf = lookup.shelves.get(keyOf(ask));
  if (shelf === undefined) return undefined;
  const { search = "", genre, skip = "" } = ask.extra ?? {};
  const words = searchWords(search);
  const start = /^\d{1,15}$/.test(skip) ? Number(skip) : 0;
  const found = shelf.entries.filter(({ meta, text }) =>
    words.every((word) => text.includes(word)) &&
    (genre === undefined || (meta.genres ?? []).includes(genre))
  );
  const page = found.slice(start, start + shelf.catalog.pageSize);
  return { metas: page.map((entry) => preview(entry, ask.origin)) };
}
