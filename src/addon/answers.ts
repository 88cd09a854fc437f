/**
 * Manifest, catalogs and metas as they are answered: bodies prepared once for each public origin.
 *
 * @module
 */

import type { Awaitable, Repeat } from "../ports.ts";
import type { Route } from "../http/route.ts";
import { prepare, type Prepared, repeatAnew } from "../http/respond.ts";
import { catalog } from "./catalog.ts";
import type { Lookup } from "./lookup.ts";
import { manifest } from "./manifest.ts";
import { meta } from "./meta.ts";

/** The routes that are answered from the definition alone. */
export type AnswerRoute = Extract<Route, { kind: "manifest" | "catalog" | "meta" }>;

/** What answers need. */
export type AnswersDeps = {
  lookup: Lookup;
  /** @default repeatAnew */
  repeat?: Repeat;
};

/** Gives the answer to a route at an origin; `undefined` where there is no such meta. */
export type Answers = (route: AnswerRoute, origin: string) => Awaitable<Prepared | undefined>;

/** Anybody may ask under any name, and for any page: no more than so much is kept. */
const KEPT_ORIGINS = 8;
const KEPT_PAGES = 200;
const KEPT_CHARACTERS = 4 * 1024 * 1024;
/** Stremio's clients obey `Cache-Control`, and no `cacheMaxAge` in the body. */
const KEEP = "public, max-age=300, stale-while-revalidate=3600, stale-if-error=86400";
const NO_STORE = "no-store";

/** What is kept of an origin, or being made. */
type Pages = { readonly made: Map<string, Awaitable<Prepared | undefined>>; characters: number };

/** Prepares answers as they are first asked for; searches are made anew each time. */
export function createAnswers({ lookup, repeat = repeatAnew }: AnswersDeps): Answers {
  const origins = new Map<string, Pages>();

  return function answer(route, origin) {
    if (route.kind === "catalog" && route.extra.search !== undefined) return make(route, origin);
    const pages = pagesOf(origin);
    const key = keyOf(route);
    const found = pages.made.get(key);
    if (found !== undefined) return found;
    const made = make(route, origin);
    if (pages.made.size >= KEPT_PAGES) empty(pages);
    pages.made.set(key, made);
    made.then((prepared) => {
      if (prepared === undefined) pages.made.delete(key);
      else if (pages.made.get(key) === made) keep(pages, key, prepared);
    }, () => pages.made.delete(key));
    return made;
  };

  function pagesOf(origin: string): Pages {
    let pages = origins.get(origin);
    if (pages === undefined) {
      pages = { made: new Map(), characters: 0 };
      origins.set(origin, pages);
      if (origins.size > KEPT_ORIGINS) origins.delete(origins.keys().next().value!);
    }
    return pages;
  }

  async function make(route: AnswerRoute, origin: string): Promise<Prepared | undefined> {
    switch (route.kind) {
      case "manifest":
        return await prepare(manifest(lookup, origin), { cacheControl: KEEP, repeat });
      case "catalog": {
        const { type, id, extra } = route;
        const { metas } = catalog(lookup, { type, id, extra, origin }) ?? { metas: [] };
        const cacheControl = metas.length === 0 ? NO_STORE : KEEP;
        return await prepare({ metas }, { cacheControl, repeat });
      }
      case "meta": {
        const found = meta(lookup, { ...route, origin });
        return found && await prepare(found, { cacheControl: KEEP, repeat });
      }
    }
  }
}

function keep(pages: Pages, key: string, prepared: Prepared): void {
  pages.characters += prepared.length;
  if (pages.characters > KEPT_CHARACTERS) empty(pages);
  else pages.made.set(key, prepared);
}

function empty(pages: Pages): void {
  pages.made.clear();
  pages.characters = 0;
}

function keyOf(route: AnswerRoute): string {
  if (route.kind === "manifest") return "manifest";
  const { genre = "", skip = "" } = route.extra;
  return [route.kind, route.type, route.id, genre, skip].map(encodeURIComponent).join("/");
}
