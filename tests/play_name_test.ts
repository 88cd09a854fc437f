import fc from "fast-check";
import { hiddenName, mediaType, partName, playName } from "../src/delivery/name.ts";
import { assert, assertEquals } from "./support/assert.ts";

const URL = "https://films.example/a/Sintel.2010.1080p.mkv?token=secret.mp4#x.ts";

Deno.test("playName() is the source's file name, else the last segment of its URL", () => {
  assertEquals(playName(URL, "Sintel (2010).webm"), "Sintel.2010.webm");
  assertEquals(playName(URL), "Sintel.2010.1080p.mkv");
  assertEquals(playName("/clips/test-card.mp4"), "test-card.mp4");
  assertEquals(playName("/clips/test-card.mp4?a/b.mkv"), "test-card.mp4");
  assertEquals(playName("https://films.example/Big%20Buck%2FBunny.MP4"), "Big.Buck.Bunny.mp4");
  assertEquals(playName("https://films.example/100%.mkv"), "100.mkv");
});

Deno.test("playName() keeps the extension by which players choose", () => {
  for (
    const extension
      of "mp4 mkv webm avi mov ts m2ts m3u8 m3u m4s m4a aac vtt webvtt srt key mpg mpeg"
        .split(" ")
  ) {
    assertEquals(playName(`https://films.example/a.${extension}`), `a.${extension}`);
    assertEquals(playName(URL, `a.${extension.toUpperCase()}`), `a.${extension}`);
  }
});

Deno.test("playName() takes the extension from the URL where the file name has none", () => {
  assertEquals(playName(URL, "Sintel 1080p"), "Sintel.1080p.mkv");
  assertEquals(playName("https://films.example/get.php?f=a.mkv", "S01.E02"), "S01.E02.mp4");
  assertEquals(playName("https://films.example/get.php?f=a.mkv"), "get.php.mp4");
});

Deno.test("playName() is video.mp4 where nothing can be said", () => {
  for (const url of ["https://films.example", "https://films.example/a/", "/", "/..."]) {
    assertEquals(playName(url), "video.mp4");
  }
  assertEquals(playName("https://films.example/", "Фильм.mkv"), "video.mkv");
  assertEquals(playName("https://films.example/a.ts", ""), "video.ts");
});

Deno.test("playName() is one short segment of a URL, and says nothing of the query", () => {
  fc.assert(
    fc.property(
      fc.webUrl({ withQueryParameters: true }),
      fc.option(fc.string({ unit: "binary", maxLength: 300 }), { nil: undefined }),
      (url, filename) => {
        const name = playName(url, filename);
        assert(/^[A-Za-z0-9_-](?:[A-Za-z0-9._-]{0,79})\.[a-z0-9]{2,6}$/.test(name), name);
        assert(!name.includes(".."), name);
      },
    ),
    { numRuns: 200 },
  );
  assertEquals(playName(URL, `${"a".repeat(79)}..b.mkv`), `${"a".repeat(79)}.mkv`);
  assertEquals(playName(URL), playName(URL.split("?")[0]!));
});

Deno.test("mediaType() is what a name promises, video/mp4 where it promises nothing", () => {
  const cases: [string, string][] = [
    ["a.m3u8", "application/vnd.apple.mpegurl"],
    ["a.m3u", "application/vnd.apple.mpegurl"],
    ["a.b.MKV", "video/x-matroska"],
    ["a.ts", "video/mp2t"],
    ["a.webm", "video/webm"],
    ["a.vtt", "text/vtt"],
    ["a.mp4", "video/mp4"],
    ["a", "video/mp4"],
    ["", "video/mp4"],
    ["a.constructor", "video/mp4"],
    ["a.mkv.", "video/mp4"],
  ];
  for (const [name, type] of cases) assertEquals(mediaType(name), type, name);
});

Deno.test("hiddenName() and partName() show of a URL its extension alone", () => {
  assertEquals(hiddenName(URL), "video.mkv");
  assertEquals(hiddenName("https://films.example/files/1Bx9?alt=media"), "video.mp4");
  assertEquals(hiddenName(URL, "Sintel (2010).webm"), "Sintel.2010.webm");
  assertEquals(hiddenName(URL, "Sintel"), "Sintel.mkv");
  assertEquals(partName("https://films.example/1Bx9/7.m4s?token=a"), "part.m4s");
  assertEquals(partName("https://films.example/1Bx9?n=7"), "part.ts");
});
