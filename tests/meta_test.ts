import { embeddedStreams } from "../src/addon/embedded.ts";
import { meta } from "../src/addon/meta.ts";
import { absolute, isHttpUrl, isOwnPath } from "../src/http/url.ts";
import { assertEquals } from "./support/assert.ts";
import { sampleDefinition, sampleLookup } from "./support/definition.ts";

const ORIGIN = "https://weir.example";
const LOOKUP = sampleLookup();

Deno.test("meta() answers undefined for an unknown id, or the id under another type", () => {
  assertEquals(meta(LOOKUP, { type: "movie", id: "weir:none", origin: ORIGIN }), undefined);
  assertEquals(meta(LOOKUP, { type: "series", id: "weir:sintel", origin: ORIGIN }), undefined);
});

Deno.test("meta() gives a film its own id as the episode to play, and the fields of details", () => {
  const film = meta(LOOKUP, { type: "movie", id: "weir:sintel", origin: ORIGIN })?.meta;
  assertEquals(film?.behaviorHints, { defaultVideoId: "weir:sintel" });
  assertEquals(film?.country, "Netherlands");
  assertEquals(film?.language, "English");
  assertEquals(film?.website, "https://durian.example/");
  assertEquals(film?.videos, undefined);
});

Deno.test("meta() sorts videos by season and episode, the specials last", () => {
  const series = meta(LOOKUP, { type: "series", id: "weir:caminandes", origin: ORIGIN })?.meta;
  assertEquals(series?.behaviorHints, undefined);
  assertEquals(series?.videos?.map(({ id }) => id), [
    "weir:caminandes:1:1",
    "weir:caminandes:1:2",
    "weir:caminandes:0:1",
  ]);
  assertEquals(series?.videos?.[0]?.thumbnail, "https://weir.example/art/llama.jpg");
});

Deno.test("meta() links a rating to the title's own page where the id is IMDb's", () => {
  const film = meta(LOOKUP, { type: "other", id: "tt1254207", origin: ORIGIN })?.meta;
  assertEquals(film?.links, [
    { name: "6.5", category: "imdb", url: "https://imdb.com/title/tt1254207" },
  ]);
});

Deno.test("embeddedStreams() gives an episode's streams, own paths as they are", () => {
  const definition = sampleDefinition();
  assertEquals(embeddedStreams(definition, "weir:caminandes:1:1"), [{ url: "/clips/llama.mp4" }]);
  assertEquals(embeddedStreams(definition, "weir:sintel")?.[0]?.videoSize, 123);
});

Deno.test("embeddedStreams() gives undefined where there are none, whatever the name", () => {
  const { streams: _streams, ...without } = sampleDefinition();
  for (const episode of ["weir:elan", "constructor", "__proto__", ""]) {
    assertEquals(embeddedStreams(sampleDefinition(), episode), undefined, episode);
  }
  assertEquals(embeddedStreams(without, "weir:sintel"), undefined);
});

Deno.test("absolute() puts the origin before an own path alone", () => {
  assertEquals(absolute("/a.mp4?b#c", ORIGIN), "https://weir.example/a.mp4?b#c");
  assertEquals(absolute("http://a.example/b", ORIGIN), "http://a.example/b");
});

Deno.test("isHttpUrl() and isOwnPath() refuse what a client would read in another way", () => {
  for (
    const text of ["https:a.example", "http:/a", "https://a b", "https://a\\b", "https://[", ""]
  ) {
    assertEquals(isHttpUrl(text), false, text);
  }
  for (const text of ["//a", "/\\a", "/a b", "/a\n", "a", ""]) {
    assertEquals(isOwnPath(text), false, text);
  }
  assertEquals([isHttpUrl("http://[::1]:80/a"), isOwnPath("/"), isOwnPath("/a")], [
    true,
    true,
    true,
  ]);
});
