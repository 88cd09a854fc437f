import { assert, assertEquals } from "./support/assert.ts";
import { art, type ClipName, clips, films } from "../src/demo/mod.ts";

type Film = {
  id: string;
  name: string;
  type: string;
  poster: string;
  description: string;
  videos?: { id: string; season: number; episode: number }[];
};
type Row = { url: string; filename: string; videoSize?: number; runtimeSec: number };
type Definition = {
  manifest: { idPrefixes: string[]; logo: string; background: string };
  catalogs: { type: string }[];
  metas: Film[];
  streams: Record<string, Row[]>;
};

const definition: Definition = JSON.parse(films);
const rows = Object.values(definition.streams).flat();
const episodes = definition.metas.flatMap((film) => film.videos?.map(({ id }) => id) ?? [film.id]);
const clipNames = Object.keys(clips) as ClipName[];

Deno.test("a clip is an MP4 whose index stands before its media, so that it starts at once", () => {
  for (const name of clipNames) {
    const order = boxes(clips[name]).map(({ type }) => type);
    assertEquals(order[0], "ftyp", name);
    assert(order.indexOf("moov") > 0, name);
    assert(order.indexOf("moov") < order.indexOf("mdat"), name);
  }
});

Deno.test("a clip has one H.264 and one AAC track, and lasts as long as it takes to read it", () => {
  for (const name of clipNames) {
    const moov = boxes(clips[name]).find(({ type }) => type === "moov")?.body ?? new Uint8Array();
    const codecs = new TextDecoder("latin1").decode(moov).match(/avc1|mp4a/g);
    assertEquals(codecs, ["avc1", "mp4a"], name);
    assertEquals(durationSec(moov), 10, name);
  }
});

Deno.test("the notice clips take at most 60 KB each, and all that is built in at most 500 KB", () => {
  for (const name of clipNames.filter((name) => name !== "test-card")) {
    assert(clips[name].length <= 60_000, `${name}: ${clips[name].length} bytes`);
  }
  const pictures = Object.values(art).map(({ bytes }) => bytes);
  const total = [...Object.values(clips), ...pictures].reduce((sum, part) => sum + part.length, 0);
  assert(total <= 500_000, `${total} bytes`);
});

Deno.test("a picture is of the type that it claims", () => {
  for (const [name, { bytes, type }] of Object.entries(art)) {
    const magic = type === "image/png" ? [0x89, 0x50, 0x4e, 0x47] : [0xff, 0xd8, 0xff];
    assertEquals([...bytes.subarray(0, magic.length)], magic, name);
    assertEquals(name.endsWith(".png"), type === "image/png", name);
  }
});

Deno.test("every id of the open films starts with the manifest's prefix and stands once", () => {
  const ids = [...new Set([...definition.metas.map(({ id }) => id), ...episodes])];
  assertEquals(
    ids.filter((id) => !definition.manifest.idPrefixes.some((p) => id.startsWith(p))),
    [],
  );
  assertEquals(new Set(definition.metas.map(({ id }) => id)).size, definition.metas.length);
  assertEquals(new Set(episodes).size, episodes.length);
});

Deno.test("every episode has a stream, and every stream belongs to an episode", () => {
  assertEquals(Object.keys(definition.streams).sort(), episodes.toSorted());
  assert(Object.values(definition.streams).every((list) => list.length > 0));
});

Deno.test("every film is in a catalog, has a poster that is built in, and names its licence", () => {
  const types = definition.catalogs.map(({ type }) => type);
  const { logo, background } = definition.manifest;
  const shown = [logo, background, ...definition.metas.map(({ poster }) => poster)];
  assertEquals(shown.sort(), Object.keys(art).map((name) => `/art/${name}`).sort());
  for (const film of definition.metas) {
    assert(types.includes(film.type), film.id);
    const licensed = /licensed CC BY \d\.\d|Creative Commons licence/.test(film.description);
    assert(licensed || film.id === "weir:test-card", film.id);
  }
});

Deno.test("every stream is MP4 over https, or a clip that is built in", () => {
  for (const { url, filename } of rows) {
    const { protocol, pathname } = new URL(url, "https://weir.invalid");
    assertEquals(protocol, "https:", url);
    assertEquals(decodeURIComponent(pathname.split("/").at(-1) ?? ""), filename);
    assert(filename.endsWith(".mp4"), url);
    if (url.startsWith("/")) {
      assert(clipNames.some((name) => url === `/clips/${name}.mp4`), url);
    }
  }
});

Deno.test("the sizes and lengths of the streams are whole numbers above zero", () => {
  for (const { url, videoSize, runtimeSec } of rows) {
    for (const value of [runtimeSec, videoSize ?? 1]) {
      assert(Number.isInteger(value) && value > 0, url);
    }
  }
});

Deno.test("the test card's stream states the size and the length of its clip", () => {
  const [row] = definition.streams["weir:test-card"] ?? [];
  assertEquals(row?.url, "/clips/test-card.mp4");
  assertEquals(row?.videoSize, clips["test-card"].length);
  const moov = boxes(clips["test-card"]).find(({ type }) => type === "moov")?.body;
  assertEquals(row?.runtimeSec, durationSec(moov ?? new Uint8Array()));
});

Deno.test("Caminandes is a series of three episodes in order", () => {
  const series = definition.metas.find(({ id }) => id === "weir:caminandes");
  assertEquals(series?.type, "series");
  assertEquals(
    series?.videos?.map(({ id, season, episode }) => [id, season, episode]),
    [1, 2, 3].map((episode) => [`weir:caminandes:1:${episode}`, 1, episode]),
  );
});

/** The boxes at the top of an MP4 file or box (ISO/IEC 14496-12, 4.2). */
function boxes(bytes: Uint8Array): { type: string; body: Uint8Array }[] {
  const found = [];
  for (let at = 0; at < bytes.length;) {
    const size = view(bytes).getUint32(at);
    assert(size >= 8 && at + size <= bytes.length, "a box ends outside the file");
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    found.push({ type, body: bytes.subarray(at + 8, at + size) });
    at += size;
  }
  return found;
}

/** The length that the movie header states (version 0), in whole seconds. */
function durationSec(moov: Uint8Array): number {
  const mvhd = boxes(moov).find(({ type }) => type === "mvhd")?.body ?? new Uint8Array(20);
  return Math.round(view(mvhd).getUint32(16) / view(mvhd).getUint32(12));
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
