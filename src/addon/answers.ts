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

const KEPT_ORIGINS = 8;
const KEPT_PAGES = 200;
/** STREMIO, "Answers": `Cache-Control` is what counts. */
const KEEP = "public, max-age=300, stale-while-revalidate=3600, stale-if-error=86400";
const NO_STORE = "no-store";

/** Prepares answers as they are first asked for; searches are made anew each time. */
export function createAnswers({ lookup, repeat = repeatAnew }: AnswersDeps): Answers {
  const origins = new Map<string, Map<string, Awaitable<Prepared | undefined>>>();

  return function answer(route, origin) {
    if (route.kind === "catalog" && route.extra.search !== undefined) return make(route, origin);
    const pages = pagesOf(origin);
    const key = keyOf(route);
    const found = pages.get(key);
    if (found !== undefined) return found;
    const made = make(route, origin);
    if (pages.size >= KEPT_PAGES) pages.clear();
    pages.set(key, made);
    made.then((prepared) => {
      if (prepared === undefined) pages.delete(key);
      else pages.set(key, prepared);
    }, () => pages.delete(key));
    return made;
  };

  function pagesOf(origin: string): Map<string, Awaitable<Prepared | undefined>> {
    let pages = origins.get(origin);
    if (pages === undefined) {
      pages = new Map();
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

function keyOf(route: AnswerRoute): string {
  if (route.kind === "manifest") return "manifest";
  const { genre = "", skip = "" } = route.extra;
  return [route.kind, route.type, route.id, genre, skip].map(encodeURIComponent).join("/");
}
