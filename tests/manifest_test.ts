import { isEpisode, manifest } from "../src/addon/manifest.ts";
import { assertEquals } from "./support/assert.ts";
import { sampleLookup } from "./support/definition.ts";

const LOOKUP = sampleLookup();
const MANIFEST = manifest(LOOKUP, "http://127.0.0.1:8000");

Deno.test("manifest() tells what the addon is, its pictures at the origin", () => {
  const { resources: _resources, catalogs: _catalogs, types: _types, ...about } = MANIFEST;
  assertEquals(about, {
    id: "org.weir.sample",
    version: "1.2.3-rc.1",
    name: "Sample",
    description: "Some films.",
    contactEmail: "films@weir.example",
    logo: "http://127.0.0.1:8000/art/logo.png",
    idPrefixes: ["weir:", "tt"],
    behaviorHints: { configurable: true, configurationRequired: false },
  });
});

Deno.test("manifest() names every type once, the catalogs' first", () => {
  assertEquals(MANIFEST.types, ["movie", "series", "other"]);
});

Deno.test("manifest() gives meta and stream the types and id prefixes that clients match", () => {
  const narrowed = { types: ["movie", "series", "other"], idPrefixes: ["weir:", "tt"] };
  assertEquals(MANIFEST.resources, [
    "catalog",
    { name: "meta", ...narrowed },
    { name: "stream", ...narrowed },
  ]);
});

Deno.test("manifest() offers the genres of what a catalog shows, and none where there are none", () => {
  assertEquals(MANIFEST.catalogs, [
    {
      type: "movie",
      id: "films",
      name: "Films",
      extra: [
        { name: "search" },
        { name: "genre", options: ["Animation", "Fantasy", "Drama"] },
        { name: "skip" },
      ],
    },
    { type: "series", id: "series", name: "Series", extra: [{ name: "search" }, { name: "skip" }] },
    {
      type: "movie",
      id: "chosen",
      name: "Chosen",
      extra: [
        { name: "search" },
        { name: "genre", options: ["Animation", "Fantasy"] },
        { name: "skip" },
      ],
    },
  ]);
});

Deno.test("isEpisode() is true where a type and a prefix of the manifest fit", () => {
  assertEquals(isEpisode(LOOKUP, { type: "series", id: "weir:anything:1:1" }), true);
  assertEquals(isEpisode(LOOKUP, { type: "other", id: "tt1" }), true);
  assertEquals(isEpisode(LOOKUP, { type: "tv", id: "weir:anything" }), false);
  assertEquals(isEpisode(LOOKUP, { type: "movie", id: "kitsu:1" }), false);
  assertEquals(isEpisode(LOOKUP, { type: "movie", id: "xweir:1" }), false);
});
