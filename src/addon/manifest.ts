// Pure: values in, values out.

import { absoluteFields } from "../http/url.ts";
import { keyOf, type Lookup } from "./lookup.ts";
import type { CatalogDefinition } from "./definition_types.ts";

/** The most that Stremio's addon collection takes of one manifest (stremio-addon-sdk, `builder.js`). */
export const MANIFEST_MAX_BYTES = 8192;

/** The answer to `/manifest.json`. */
export type Manifest = {
  id: string;
  version: string;
  name: string;
  description: string;
  logo?: string;
  background?: string;
  contactEmail?: string;
  /** Every type that a catalog or a meta has. */
  types: readonly string[];
  idPrefixes: readonly string[];
  resources: readonly ManifestResource[];
  catalogs: readonly ManifestCatalog[];
  behaviorHints: { configurable: boolean; configurationRequired: boolean };
};

/** What clients may ask for, and for which types and ids. */
export type ManifestResource =
  | string
  | { name: string; types: readonly string[]; idPrefixes: readonly string[] };

/** One catalog, as a manifest tells of it; clients send only the extras that are named here. */
export type ManifestCatalog = {
  type: string;
  id: string;
  name: string;
  extra: readonly { name: string; options?: readonly string[] }[];
};

/**
 * The manifest at a public origin. `configurable` puts a Configure button beside Install, which
 * opens `/configure`; Install itself stays (stremio-web, `AddonDetailsModal.js`).
 */
export function manifest(lookup: Lookup, origin: string): Manifest {
  const { logo, background, idPrefixes, ...shared } = lookup.definition.manifest;
  const { types } = lookup;
  return {
    ...shared,
    ...absoluteFields({ ...(logo && { logo }), ...(background && { background }) }, origin),
    types,
    idPrefixes,
    resources: [
      "catalog",
      { name: "meta", types, idPrefixes },
      { name: "stream", types, idPrefixes },
    ],
    catalogs: lookup.definition.catalogs.map((catalog) => manifestCatalog(lookup, catalog)),
    behaviorHints: { configurable: true, configurationRequired: false },
  };
}

/**
 * Whether a Stremio client would ask this addon's `stream` resource for an id: its type is among
 * the manifest's and a prefix fits (stremio-core, `Manifest::is_resource_supported`).
 */
export function isEpisode(lookup: Lookup, { type, id }: { type: string; id: string }): boolean {
  return lookup.types.includes(type) &&
    lookup.definition.manifest.idPrefixes.some((prefix) => id.startsWith(prefix));
}

function manifestCatalog(lookup: Lookup, catalog: CatalogDefinition): ManifestCatalog {
  const { type, id, name } = catalog;
  const entries = lookup.shelves.get(keyOf(catalog))?.entries ?? [];
  const options = [...new Set(entries.flatMap(({ meta }) => meta.genres ?? []))];
  const genre = options.length === 0 ? [] : [{ name: "genre", options }];
  return { type, id, name, extra: [{ name: "search" }, ...genre, { name: "skip" }] };
}
