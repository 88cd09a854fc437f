// Pure: values in, values out.

import type { Source } from "../ports.ts";

/**
 * The addon, as its operator writes it (`ADDON_FILE`): what it is, what it shows, and for the
 * embedded broker where each episode plays. Every URL is absolute http(s), or a path of this
 * server's own that begins with one `/`.
 */
export type Definition = {
  /** What the addon is. */
  readonly manifest: ManifestDefinition;
  /** What a viewer can browse and search; at least one. */
  readonly catalogs: readonly CatalogDefinition[];
  /** Every film and series, in the order in which catalogs show them; at least one. */
  readonly metas: readonly Meta[];
  /** The embedded broker's answers, by episode. */
  readonly streams?: Readonly<Record<string, readonly Source[]>>;
};

/** What the addon is, in the words that an installing viewer reads. */
export type ManifestDefinition = {
  /** Dotted, as `org.weir.open-films`; clients tell addons apart by it. */
  readonly id: string;
  /** Strict semantic version (semver.org 2.0.0). */
  readonly version: string;
  /** The addon's name. */
  readonly name: string;
  /** What it offers. */
  readonly description: string;
  /** What every id of a meta and an episode begins with; at least one. */
  readonly idPrefixes: readonly string[];
  /** Square picture. */
  readonly logo?: string;
  /** Wide picture. */
  readonly background?: string;
  /** Where viewers report faults. */
  readonly contactEmail?: string;
};

/** One catalog: the metas of its type, or some of them in an order of its own. */
export type CatalogDefinition = {
  /** The Stremio type of its metas: `movie`, `series`, … */
  readonly type: string;
  /** Its id, unlike that of any other catalog of the type. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** How many metas one answer carries, 1 to 100. @default 100 */
  readonly pageSize: number;
  /** Ids of metas of this type, in this order. @default every meta of the type */
  readonly metas?: readonly string[];
};

/** One film or series. */
export type Meta = {
  /** Its id; the episode itself where there are no videos. */
  readonly id: string;
  /** Its Stremio type. */
  readonly type: string;
  /** Its title. */
  readonly name: string;
  /** Picture in lists. */
  readonly poster?: string;
  /** Wide picture behind the details. */
  readonly background?: string;
  /** Title as a picture. */
  readonly logo?: string;
  /** Shape of `poster`. @default "poster" */
  readonly posterShape?: "poster" | "landscape" | "square";
  /** What it is about. */
  readonly description?: string;
  /** What a catalog can be narrowed to. */
  readonly genres?: readonly string[];
  /** Year or years, as `2010` or `2013-2016`. */
  readonly releaseInfo?: string;
  /** ISO 8601 time with seconds and offset. */
  readonly released?: string;
  /** Length in words, as `15 min`. */
  readonly runtime?: string;
  /** Names of directors. */
  readonly director?: readonly string[];
  /** Names of actors. */
  readonly cast?: readonly string[];
  /** From `0` to `10`, as `7.3`. */
  readonly imdbRating?: string;
  /** Country of origin. */
  readonly country?: string;
  /** Language spoken. */
  readonly language?: string;
  /** Its own page. */
  readonly website?: string;
  /** More links for the details page. */
  readonly links?: readonly Link[];
  /** Its episodes; a film may have none. */
  readonly videos?: readonly Video[];
};

/** One link on the details page; clients group links by category. */
export type Link = {
  /** What is shown. */
  readonly name: string;
  /** The group's heading, as `Cast`. */
  readonly category: string;
  /** Where it leads. */
  readonly url: string;
};

/** One episode of a meta. */
export type Video = {
  /** The episode's id, unlike that of any other video of the meta. */
  readonly id: string;
  /** Its title. */
  readonly title: string;
  /** Season, a whole number from 0; 0 is for specials. */
  readonly season?: number;
  /** Number within the season, a whole number from 0. */
  readonly episode?: number;
  /** ISO 8601 time with seconds and offset. */
  readonly released?: string;
  /** What happens in it. */
  readonly overview?: string;
  /** Picture in the list of episodes. */
  readonly thumbnail?: string;
};
