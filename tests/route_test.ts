import { route } from "../src/http/route.ts";
import { assertEquals } from "./support/assert.ts";

const NOT_FOUND = { kind: "not_found" };

/** What a path is for, with extras as an ordinary object. */
function read(path: string): unknown {
  const found = route(path);
  return "extra" in found ? { ...found, extra: { ...found.extra } } : found;
}

Deno.test("route() knows our own places", () => {
  const places: Record<string, unknown> = {
    "/": { kind: "page" },
    "/configure": { kind: "page" },
    "/health": { kind: "health" },
    "/ready": { kind: "ready" },
    "/manifest.json": { kind: "manifest" },
    "/clips/closed.mp4": { kind: "file", path: "/clips/closed.mp4" },
    "/art/logo.png": { kind: "file", path: "/art/logo.png" },
    "/operator/sessions": { kind: "sessions" },
    "/operator/sessions/tv-1": { kind: "session", id: "tv-1" },
    "/operator/metrics": { kind: "metrics" },
  };
  for (const [path, kind] of Object.entries(places)) assertEquals(read(path), kind, path);
});

Deno.test("route() reads type and id of each resource, and strips `.json` once", () => {
  for (const kind of ["catalog", "meta", "stream"]) {
    assertEquals(read(`/${kind}/movie/tt1.json`), { kind, type: "movie", id: "tt1", extra: {} });
  }
  assertEquals(read("/meta/movie/a.json.json"), {
    kind: "meta",
    type: "movie",
    id: "a.json",
    extra: {},
  });
});

Deno.test("route() takes colons raw or encoded, and decodes once", () => {
  const wanted = { kind: "stream", type: "series", id: "tt1:3:1", extra: {} };
  assertEquals(read("/stream/series/tt1:3:1.json"), wanted);
  assertEquals(read("/stream/series/tt1%3A3%3A1.json"), wanted);
  assertEquals(read("/stream/series/tt1%3a3:1.json"), wanted);
  assertEquals(read("/stream/series/tt1%253A3.json"), { ...wanted, id: "tt1%3A3" });
});

Deno.test("route() splits before it decodes: an encoded slash or `&` stays what it was", () => {
  const film = { kind: "meta", type: "movie", id: "a/b", extra: {} };
  assertEquals(read("/meta/movie/a%2Fb.json"), film);
  assertEquals(read("/catalog/movie/films/search=you%20%26%20me%3D1&skip=100.json"), {
    kind: "catalog",
    type: "movie",
    id: "films",
    extra: { search: "you & me=1", skip: "100" },
  });
});

Deno.test("route() reads an extra up to its first `=`, and takes one without a value", () => {
  const extras: Record<string, Record<string, string>> = {
    "search=a=b": { search: "a=b" },
    "search": { search: "" },
    "search=": { search: "" },
    "s%65arch=%C3%89lan": { search: "Élan" },
    "skip=1&skip=2": { skip: "2" },
    "": {},
  };
  for (const [raw, extra] of Object.entries(extras)) {
    const wanted = { kind: "catalog", type: "movie", id: "films", extra };
    assertEquals(read(`/catalog/movie/films/${raw}.json`), wanted, raw);
  }
});

Deno.test("route() keeps an extra that is named like a part of every object", () => {
  const found = route("/catalog/movie/films/__proto__=x&constructor=y.json");
  const extra = found.kind === "catalog" ? found.extra : {};
  assertEquals(Object.entries(extra), [["__proto__", "x"], ["constructor", "y"]]);
  assertEquals(Object.getPrototypeOf(extra), null);
  assertEquals(({} as Record<string, unknown>).x, undefined);
});

Deno.test("route() takes a first segment that names no resource for a config", () => {
  for (const path of ["/manifest.json", "/configure", "/stream/movie/tt1.json"]) {
    assertEquals(read(`/eyJhIjoxfQ${path}`), read(path), path);
    assertEquals(read(`/%7B%22a%22%3A1%7D${path}`), read(path), path);
  }
  assertEquals(read("/cfg/catalog/movie/films/skip=1.json"), {
    kind: "catalog",
    type: "movie",
    id: "films",
    extra: { skip: "1" },
  });
});

Deno.test("route() takes nothing of ours for a config", () => {
  for (const first of ["", "health", "ready", "clips", "art", "operator", "configure"]) {
    assertEquals(route(`/${first}/a/manifest.json`), NOT_FOUND, first);
    assertEquals(route(`/${first}/stream/movie/tt1.json`), NOT_FOUND, first);
  }
});

Deno.test("route() finds nothing where a `%` is malformed", () => {
  for (const bad of ["%", "%zz", "%E0%A4%A", "%C3%28", "%ED%A0%80", "a%2"]) {
    for (
      const path of [
        `/stream/movie/${bad}.json`,
        `/stream/${bad}/tt1.json`,
        `/catalog/movie/films/search=${bad}.json`,
        `/catalog/movie/films/${bad}=1.json`,
      ]
    ) assertEquals(route(path), NOT_FOUND, path);
  }
});

Deno.test("route() finds nothing where a path has another shape", () => {
  for (
    const path of [
      "",
      "/nothing",
      "//",
      "//manifest.json",
      "/manifest.json/",
      "/a/b/manifest.json",
      "/stream",
      "/stream/",
      "/stream/movie.json",
      "/stream/movie/tt1",
      "/stream/movie/tt1.json/",
      "/stream//tt1.json",
      "/stream/movie/.json",
      "/stream/movie/tt1/skip=1/more.json",
      "/a/b/stream/movie/tt1.json",
      "/subtitles/movie/tt1.json",
      "/Stream/movie/tt1.json/x",
      "/operator",
      "/operator/nothing",
      "/operator/metrics/x",
      "/clips",
      "/clips/a/b.mp4",
    ]
  ) assertEquals(route(path), NOT_FOUND, path);
});

Deno.test("route() reads a session's id once, whatever it is, so that the operator's boundary answers", () => {
  assertEquals(read("/operator/sessions/a%2Db"), { kind: "session", id: "a-b" });
  assertEquals(read("/operator/sessions/"), { kind: "session", id: "" });
  assertEquals(read("/operator/sessions/%zz"), { kind: "session", id: "" });
});

Deno.test("route() reads paths of up to 4096 characters, and up to 16 extras", () => {
  const path = (length: number) => `/meta/movie/${"a".repeat(length - 17)}.json`;
  assertEquals(path(4096).length, 4096);
  assertEquals(route(path(4096)).kind, "meta");
  assertEquals(route(path(4097)), NOT_FOUND);
  const extras = (count: number) => Array.from({ length: count }, (_, i) => `e${i}=1`).join("&");
  assertEquals(route(`/catalog/movie/films/${extras(16)}.json`).kind, "catalog");
  assertEquals(route(`/catalog/movie/films/${extras(17)}.json`), NOT_FOUND);
});
