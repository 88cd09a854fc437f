// Pure: values in, values out.

import { absolute, absoluteFields } from "../http/url.ts";
import type { Link, Meta } from "./definition_types.ts";
import type { Entry } from "./lookup.ts";

/** A meta as catalogs show it (stremio-core, `MetaItemPreview`); every URL absolute. */
export type MetaPreview =
  & Omit<Meta, "videos" | "country" | "language" | "website">
  & {
    /** The episode to play at once, where there is only one. */
    behaviorHints?: { defaultVideoId: string };
  };

/** What a catalog shows of a meta. */
export function preview({ meta, catalog }: Entry, origin: string): MetaPreview {
  const { videos, country: _country, language: _language, website: _website, ...shared } = meta;
  const { poster, background, logo } = meta;
  const links = linksOf({ meta, origin, ...(catalog && { catalogId: catalog.id }) });
  return {
    ...shared,
    ...absoluteFields(
      { ...(poster && { poster }), ...(background && { background }), ...(logo && { logo }) },
      origin,
    ),
    ...(links.length > 0 && { links }),
    ...(!videos?.length && { behaviorHints: { defaultVideoId: meta.id } }),
  };
}

// stremio-core does not read `cast` and `director`, and beside `links` neither `genres` nor
// `imdbRating`; without `links` it sends genres to another addon (Cinemeta). So each becomes a link.
function linksOf(
  { meta, origin, catalogId }: { meta: Meta; origin: string; catalogId?: string },
): Link[] {
  const { name, type, imdbRating, genres = [], director = [], cast = [], links = [] } = meta;
  const discover = [`${origin}/manifest.json`, type, catalogId ?? ""].map(encodeURIComponent);
  const genreUrl = (genre: string): string =>
    catalogId === undefined
      ? searchUrl(genre)
      : `stremio:///discover/${discover.join("/")}?genre=${encodeURIComponent(genre)}`;
  return [
    ...(imdbRating === undefined
      ? []
      : [{ name: imdbRating, category: "imdb", url: imdbUrl(meta.id, name) }]),
    ...genres.map((genre) => ({ name: genre, category: "Genres", url: genreUrl(genre) })),
    ...director.map((person) => ({ name: person, category: "Directors", url: searchUrl(person) })),
    ...cast.map((person) => ({ name: person, category: "Cast", url: searchUrl(person) })),
    ...links.map((link) => ({ ...link, url: absolute(link.url, origin) })),
  ];
}

function searchUrl(words: string): string {
  return `stremio:///search?search=${encodeURIComponent(words)}`;
}

// stremio-web shows the rating only where the host is exactly imdb.com (`MetaPreview.js`).
function imdbUrl(id: string, name: string): string {
  return /^tt\d+$/.test(id)
    ? `https://imdb.com/title/${id}`
    : `https://imdb.com/find/?q=${encodeURIComponent(name)}`;
}
