// Pure: values in, values out.

import type { CatalogDefinition, Definition, Meta } from "./definition_types.ts";
import { searchText } from "./search.ts";

/** A definition made ready for many requests; build it once and keep it. */
export type Lookup = {
  /** What it was made from. */
  readonly definition: Definition;
  /** Every type of the catalogs, then of the metas, in the order of first appearance. */
  readonly types: readonly string[];
  /** Catalogs with what they show, by {@linkcode keyOf}. */
  readonly shelves: ReadonlyMap<string, Shelf>;
  /** Metas by {@linkcode keyOf}. */
  readonly entries: ReadonlyMap<string, Entry>;
};

/** One catalog and the metas that it shows, in its order. */
export type Shelf = {
  readonly catalog: CatalogDefinition;
  readonly entries: readonly Entry[];
};

/** One meta made ready. */
export type Entry = {
  readonly meta: Meta;
  /** What a search looks through: lower case, no accents, no punctuation. */
  readonly text: string;
  /** The first catalog that shows it. */
  readonly catalog?: CatalogDefinition;
};

/** What tells catalogs, and metas, apart. Neither part has spaces. */
export function keyOf({ type, id }: { readonly type: string; readonly id: string }): string {
  return `${type} ${id}`;
}

/** Makes a definition ready: linear in its length, once. */
export function lookup(definition: Definition): Lookup {
  const chosen = definition.catalogs.map((catalog) => ({
    catalog,
    keys: keysOf(catalog, definition),
  }));
  const catalogOf = new Map<string, CatalogDefinition>();
  for (const { catalog, keys } of chosen) {
    for (const key of keys) if (!catalogOf.has(key)) catalogOf.set(key, catalog);
  }
  const entries = new Map(definition.metas.map((meta) => {
    const catalog = catalogOf.get(keyOf(meta));
    const entry: Entry = { meta, text: textOf(meta), ...(catalog && { catalog }) };
    return [keyOf(meta), entry];
  }));
  const shelves = new Map(chosen.map(({ catalog, keys }) => {
    const shelf: Shelf = { catalog, entries: keys.flatMap((key) => entries.get(key) ?? []) };
    return [keyOf(catalog), shelf];
  }));
  return { definition, types: typesOf(definition), shelves, entries };
}

function typesOf({ catalogs, metas }: Definition): string[] {
  return [...new Set([...catalogs, ...metas].map(({ type }) => type))];
}

function keysOf({ type, metas }: CatalogDefinition, definition: Definition): string[] {
  return metas === undefined
    ? definition.metas.filter((meta) => meta.type === type).map(keyOf)
    : metas.map((id) => keyOf({ type, id }));
}

function textOf({ name, description = "", genres = [], cast = [], director = [] }: Meta): string {
  return searchText([name, description, ...genres, ...cast, ...director].join("\n"));
}
