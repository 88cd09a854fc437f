import { catalog, type CatalogAsk } from "../src/addon/catalog.ts";
import { assertEquals } from "./support/assert.ts";
import { sampleLookup } from "./support/definition.ts";

const ORIGIN = "https://weir.example";
const LOOKUP = sampleLookup();

function ids(id: string, extra?: CatalogAsk["extra"]): string[] | undefined {
  const ask = { type: "movie", id, origin: ORIGIN, ...(extra && { extra }) };
  return catalog(LOOKUP, ask)?.metas.map((meta) => meta.id);
}

Deno.test("catalog() shows the metas of its type in the definition's order, a page at a time", () => {
  assertEquals(ids("films"), ["weir:sintel", "weir:elan"]);
  assertEquals(ids("films", { skip: "2" }), ["weir:spring"]);
  assertEquals(ids("films", { skip: "3" }), []);
});

Deno.test("catalog() shows the metas that it names, in its own order", () => {
  assertEquals(ids("chosen"), ["weir:spring", "weir:sintel"]);
});

Deno.test("catalog() takes a skip that is no whole number from 0 for 0", () => {
  for (const skip of ["", "-1", "1.5", "two", " 2", "1e3", "9".repeat(400)]) {
    assertEquals(ids("films", { skip }), ["weir:sintel", "weir:elan"], skip);
  }
});

Deno.test("catalog() answers undefined for an unknown id, or the id under another type", () => {
  assertEquals(ids("none"), undefined);
  assertEquals(catalog(LOOKUP, { type: "series", id: "films", origin: ORIGIN }), undefined);
});

Deno.test("catalog() narrows to a genre, by its exact name", () => {
  assertEquals(ids("films", { genre: "Animation" }), ["weir:sintel", "weir:spring"]);
  assertEquals(ids("films", { genre: "animation" }), []);
  assertEquals(ids("films", { genre: "Animation", skip: "1" }), ["weir:spring"]);
});

Deno.test("catalog() finds by name, description, genre, cast and director", () => {
  for (const search of ["sintel", "dragon", "fantasy", "reijn", "levy"]) {
    assertEquals(ids("films", { search }), ["weir:sintel"], search);
  }
});

Deno.test("catalog() finds whatever the case, the accents and the punctuation", () => {
  for (const search of ["ELAN", "élan", "E\u0301lan", "elan, vital!", "l'ete", "lété"]) {
    assertEquals(ids("films", { search }), ["weir:elan"], search);
  }
});

Deno.test("catalog() finds only what has every word, in any order and any field", () => {
  assertEquals(ids("films", { search: "thom dragon" }), ["weir:sintel"]);
  assertEquals(ids("films", { search: "dragon spring" }), []);
});

Deno.test("catalog() compares the first 16 different words of a search", () => {
  const words = "a si sin sint sinte sintel d dr dra drag drago dragon l lo loo look".split(" ");
  assertEquals(words.length, 16);
  assertEquals(ids("films", { search: [...words.slice(1), "nowhere"].join(" ") }), []);
  assertEquals(ids("films", { search: [...words, "nowhere"].join(" ") }), ["weir:sintel"]);
  assertEquals(ids("films", { search: `${"a ".repeat(16)} nowhere` }), []);
});

Deno.test("catalog() shows everything for a search without words", () => {
  assertEquals(ids("chosen", { search: " ! " }), ["weir:spring", "weir:sintel"]);
});

Deno.test("catalog() gives a preview: what belongs to it, every URL absolute", () => {
  const [sintel] = catalog(LOOKUP, { type: "movie", id: "films", origin: ORIGIN })?.metas ?? [];
  const films = "stremio:///discover/https%3A%2F%2Fweir.example%2Fmanifest.json/movie/films";
  assertEquals(sintel, {
    id: "weir:sintel",
    type: "movie",
    name: "Sintel",
    poster: "https://weir.example/art/sintel.jpg",
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
    links: [
      { name: "7.3", category: "imdb", url: "https://imdb.com/find/?q=Sintel" },
      { name: "Animation", category: "Genres", url: `${films}?genre=Animation` },
      { name: "Fantasy", category: "Genres", url: `${films}?genre=Fantasy` },
      { name: "Colin Levy", category: "Directors", url: "stremio:///search?search=Colin%20Levy" },
      { name: "Halina Reijn", category: "Cast", url: "stremio:///search?search=Halina%20Reijn" },
      { name: "Thom Hoffman", category: "Cast", url: "stremio:///search?search=Thom%20Hoffman" },
      { name: "Making of", category: "More", url: "https://weir.example/making-of" },
    ],
    behaviorHints: { defaultVideoId: "weir:sintel" },
  });
});

Deno.test("catalog() gives a meta of few words no empty fields", () => {
  const [spring] = catalog(LOOKUP, { type: "movie", id: "chosen", origin: ORIGIN })?.metas ?? [];
  assertEquals(Object.keys(spring ?? {}).sort(), [
    "behaviorHints",
    "genres",
    "id",
    "links",
    "name",
    "type",
  ]);
});

Deno.test("catalog() leaves the videos of a series to its meta", () => {
  assertEquals(catalog(LOOKUP, { type: "series", id: "series", origin: ORIGIN }), {
    metas: [{ id: "weir:caminandes", type: "series", name: "Caminandes" }],
  });
});
