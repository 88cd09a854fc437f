// One small definition for many tests: films with and without optional fields, a series with a
// special, an own catalog order, own paths beside absolute URLs.

import { type Definition, parseDefinition } from "../../src/addon/definition.ts";
import { type Lookup, lookup } from "../../src/addon/lookup.ts";

const SAMPLE = {
  manifest: {
    id: "org.weir.sample",
    version: "1.2.3-rc.1",
    name: "Sample",
    description: "Some films.",
    idPrefixes: ["weir:", "tt"],
    logo: "/art/logo.png",
    contactEmail: "films@weir.example",
  },
  catalogs: [
    { type: "movie", id: "films", name: "Films", pageSize: 2 },
    { type: "series", id: "series", name: "Series" },
    { type: "movie", id: "chosen", name: "Chosen", metas: ["weir:spring", "weir:sintel"] },
  ],
  metas: [
    {
      id: "weir:sintel",
      type: "movie",
      name: "Sintel",
      poster: "/art/sintel.jpg",
      background: "https://films.example/sintel.jpg",
      posterShape: "poster",
      description: "A girl looks for her dragon.",
      genres: ["Animation", "Fantasy"],
      releaseInfo: "2010",
      released: "2010-09-27T00:00:00.000Z",
      runtime: "15 min",
      director: ["Colin Levy"],
      cast: ["Halina Reijn", "Thom Hoffman"],
      imdbRating: "7.3",
      country: "Netherlands",
      language: "English",
      website: "https://durian.example/",
      links: [{ name: "Making of", category: "More", url: "/making-of" }],
    },
    { id: "weir:elan", type: "movie", name: "Élan vital: l’Été", genres: ["Drama"] },
    { id: "weir:spring", type: "movie", name: "Spring", genres: ["Animation"] },
    {
      id: "weir:caminandes",
      type: "series",
      name: "Caminandes",
      videos: [
        { id: "weir:caminandes:0:1", title: "Making of", season: 0, episode: 1 },
        { id: "weir:caminandes:1:2", title: "Gran Dillama", season: 1, episode: 2 },
        {
          id: "weir:caminandes:1:1",
          title: "Llama Drama",
          season: 1,
          episode: 1,
          released: "2013-11-21T12:00:00+01:00",
          overview: "A llama crosses a road.",
          thumbnail: "/art/llama.jpg",
        },
      ],
    },
    { id: "tt1254207", type: "other", name: "Big Buck Bunny", imdbRating: "6.5" },
  ],
  streams: {
    "weir:sintel": [{
      url: "https://films.example/sintel.mp4",
      name: "1080p",
      filename: "sintel.mp4",
      videoSize: 123,
      runtimeSec: 888,
      headers: { Referer: "https://films.example/" },
    }],
    "weir:caminandes:1:1": [{ url: "/clips/llama.mp4" }],
  },
};

/**
 * The sample as JSON text; at `path` (steps joined by `/`) stands `value` instead, or nothing where
 * it is `undefined`.
 */
export function sampleText(path?: string, value?: unknown): string {
  const copy: unknown = structuredClone(SAMPLE);
  const steps = path?.split("/") ?? [];
  const last = steps.pop();
  if (last === undefined) return JSON.stringify(copy);
  let place = copy as Record<string, unknown>;
  for (const step of steps) place = place[step] as typeof place;
  place[last] = value;
  return JSON.stringify(copy);
}

/** The sample, parsed. */
export function sampleDefinition(): Definition {
  const parsed = parseDefinition(sampleText());
  if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
  return parsed.definition;
}

/** The sample, parsed and made ready. */
export function sampleLookup(): Lookup {
  return lookup(sampleDefinition());
}
