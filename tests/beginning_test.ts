import fc from "fast-check";
import { type Nature, natureOf, natureWithin, TELLING_BYTES } from "../src/delivery/beginning.ts";
import { assert, assertEquals } from "./support/assert.ts";
import { originBytes } from "./support/origin_bytes.ts";

const encoder = new TextEncoder();
const MARK = "#EXTM3U\n#EXT-X-VERSION:3\n";

/** What a text tells: all of it, or as much as has come. */
function told(text: string, upTo?: number): Nature {
  return natureOf(encoder.encode(text).subarray(0, upTo), { complete: upTo === undefined });
}

Deno.test("natureOf() knows a playlist, however it is split and whatever stands in front", () => {
  for (const front of ["", "\uFEFF", "\r\n", " \t\n", "\uFEFF \n", " \uFEFF", "\n".repeat(900)]) {
    const text = front + MARK;
    const marked = encoder.encode(front).length + "#EXTM3U".length;
    for (let upTo = 0; upTo < marked; upTo++) {
      assertEquals(told(text, upTo), "unclear", `${JSON.stringify(front)} up to ${upTo}`);
    }
    assertEquals(told(text, marked), "playlist");
    assertEquals(told(text), "playlist");
  }
});

Deno.test("natureOf() knows what else names places", () => {
  for (
    const text of [
      '<?xml version="1.0"?><MPD><BaseURL>https://films.example/</BaseURL></MPD>',
      "\uFEFF\n<MPD xmlns='urn:mpeg:dash:schema:mpd:2011'>",
      "<!doctype html><title>Sign in</title>",
      "<HTML><body>moved <a href=https://films.example/>here</a>",
      '<smil><video src="https://films.example/a.mp4"/></smil>',
      '{"ASSETS":[{"URI":"https://films.example/ad.m3u8"}]}',
      '{\n  "url": "https://films.example/a.mp4"}',
      '[ {"url":"https://films.example/a.mp4"} ]',
      '["https://films.example/a.mp4"]',
      '"https://films.example/a.mp4"',
      "# made by hand\nhttps://films.example/a.mp4",
      "#EXTINF:-1,A\nhttps://films.example/a.mp4",
      "[playlist]\nFile1=https://films.example/a.mp3",
      "[Reference]\nRef1=http://films.example/a.asf",
      "https://films.example/a.mp4\nhttps://films.example/b.mp4",
      "\n".repeat(2000) + MARK,
      `{${" ".repeat(2000)}"url"`,
    ]
  ) {
    assertEquals(told(text), "places", text);
    assertEquals(told(text, 1), "unclear", text);
    assertEquals(
      told(text, TELLING_BYTES),
      text.length < TELLING_BYTES ? "unclear" : "places",
      text,
    );
  }
});

Deno.test("natureOf() lets media, subtitles and keys pass with the first chunk", () => {
  const bytes = (...all: (string | number)[]) =>
    Uint8Array.from(
      all.flatMap((each) => typeof each === "string" ? [...encoder.encode(each)] : [each]),
    );
  const beginnings = [
    bytes(0, 0, 0, 0x20, "ftypisom"),
    bytes(0x1a, 0x45, 0xdf, 0xa3),
    bytes("G@", 0, 0x10),
    bytes("ID3", 4, 0),
    bytes(0xff, 0xf1, 0x50),
    bytes("RIFF", 1, 2, 3, 4, "AVI "),
    bytes("OggS"),
    bytes(0xd3, 0x50, 0x80),
    bytes("fLaC"),
    bytes("FLV", 1),
    bytes(0x30, 0x26, 0xb2, 0x75),
    bytes("WEBVTT\n"),
    bytes("1\n00:00:01,000 --> 00:00:02,000\n"),
  ];
  for (const each of beginnings) {
    assertEquals(natureOf(each, { complete: false }), "other");
    assertEquals(natureOf(each.subarray(0, 1), { complete: false }), "other");
  }
  assertEquals(told("[Script Info]\nTitle: a"), "other");
  const amr = [...encoder.encode("#!AMR\n"), 0x3c, 0x08, 0, 0x17];
  assertEquals(natureOf(Uint8Array.from(amr.concat(amr)), { complete: true }), "other");
  assertEquals([told(""), told(" \n")], ["other", "other"]);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (key) => {
      const nature = natureOf(key, { complete: true });
      assertEquals(nature, "other", `${key}`);
    }),
    { examples: [[encoder.encode("<html><a href=x>")], [encoder.encode('{"a":"http://x"}')]] },
  );
});

Deno.test("natureWithin() knows media from the first bytes, and never takes a text for one", () => {
  for (let seed = 1; seed < 200; seed++) {
    const chunk = originBytes(seed, { from: seed * 1000, to: seed * 1000 + 4096 });
    assertEquals(natureWithin(chunk, { complete: false }), "other", `seed ${seed}`);
  }
  const line = fc.string({ unit: "grapheme", maxLength: 200 }).map((text) =>
    text.replaceAll(/\p{Cc}/gu, "")
  );
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 30 }), fc.nat(300), (lines, from) => {
      const bytes = encoder.encode(`#EXTM3U\n${lines.join("\r\n")}\n`).subarray(from);
      if (bytes.length === 0) return;
      assertEquals(natureWithin(bytes, { complete: true }), "unclear");
    }),
  );
  const odd = encoder.encode(`https://films.example/${"a".repeat(60)}\n\0`);
  assertEquals(natureWithin(odd, { complete: true }), "unclear");
  assert(natureWithin(new Uint8Array(), { complete: true }) === "other");
});
