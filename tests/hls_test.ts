import fc from "fast-check";
import { hasPlaylistPath, isPlaylist, playlistLines } from "../src/delivery/hls.ts";
import { assert, assertEquals } from "./support/assert.ts";
import { PLAYLISTS } from "./support/playlists.ts";

const BASE = "https://films.example/vod/7/list.m3u8?token=abc";

/** The playlist with `replace` in place of each URL. */
function rewritePlaylist(text: string, base: string, replace: (url: string) => string): string {
  const lines = [...playlistLines(text, base)].filter((line) => line === undefined || line.length);
  return lines.map((line) =>
    line!.map((piece) => typeof piece === "string" ? piece : replace(piece.url)).join("")
  ).join("\n");
}

/** All URLs that it names, in order. */
function playlistUrls(text: string, base: string): string[] {
  return [...playlistLines(text, base)].flatMap((line) =>
    line!.flatMap((piece) => typeof piece === "string" ? [] : [piece.url])
  );
}

/** Stands for `/play/{ticket}/…`. */
function part(url: string): string {
  return `/play/${btoa(url).replaceAll("/", "_")}/x`;
}

/** A playlist's lines as they come out, with the URLs in place of their tickets, in `<>`. */
function rewritten(lines: readonly string[], base = BASE): string[] {
  return rewritePlaylist(lines.join("\n"), base, (url) => `<${url}>`).split("\n");
}

function stays(...lines: string[]): void {
  assertEquals(rewritten(lines), lines);
}

Deno.test("playlistLines() replaces URIs however they are written", () => {
  const cases: [string, string][] = [
    ["1.ts", "https://films.example/vod/7/1.ts"],
    ["../8/1.ts?x=1&y=%20", "https://films.example/vod/8/1.ts?x=1&y=%20"],
    ["/1.ts", "https://films.example/1.ts"],
    ["//cdn.example/1.ts", "https://cdn.example/1.ts"],
    ["http://cdn.example:8080/1.ts", "http://cdn.example:8080/1.ts"],
    ["HTTPS://CDN.example/1.ts", "https://cdn.example/1.ts"],
    ["?part=1", "https://films.example/vod/7/list.m3u8?part=1"],
    ["erste Folge.ts", "https://films.example/vod/7/erste%20Folge.ts"],
  ];
  for (const [written, url] of cases) {
    assertEquals(rewritten(["#EXTM3U", written]), ["#EXTM3U", `<${url}>`]);
    assertEquals(rewritten([`#EXT-X-MAP:URI="${written}"`]), [`#EXT-X-MAP:URI="<${url}>"`]);
  }
});

Deno.test("playlistLines() replaces every attribute that names a resource", () => {
  const inFolder = (name: string) => `<https://films.example/vod/7/${name}>`;
  for (
    const tag of [
      (uri: string) => `#EXT-X-MEDIA:TYPE=AUDIO,NAME="a, b",URI="${uri}",GROUP-ID="URI"`,
      (uri: string) => `#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="${uri}"`,
      (uri: string) => `#EXT-X-KEY:METHOD=AES-128,URI="${uri}",IV=0x00ff,KEYFORMAT="identity"`,
      (uri: string) => `#EXT-X-SESSION-KEY:METHOD=AES-128,URI="${uri}"`,
      (uri: string) => `#EXT-X-SESSION-DATA:DATA-ID="a.b",URI="${uri}"`,
      (uri: string) => `#EXT-X-MAP:URI="${uri}",BYTERANGE="718@0"`,
      (uri: string) => `#EXT-X-PART:DURATION=0.3,URI="${uri}",BYTERANGE="10@20",INDEPENDENT=YES`,
      (uri: string) => `#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${uri}",BYTERANGE-START=10`,
      (uri: string) => `#EXT-X-RENDITION-REPORT:URI="${uri}",LAST-MSN=273,LAST-PART=1`,
      (uri: string) => `#EXT-X-CONTENT-STEERING:SERVER-URI="${uri}",PATHWAY-ID="a"`,
      (uri: string) => `#EXT-X-DATERANGE:ID="ad",CLASS="com.apple.hls",X-ASSET-URI="${uri}"`,
      (uri: string) => `#EXT-X-DATERANGE:ID="ad",X-ASSET-LIST="${uri}"`,
      (uri: string) => `#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=1,URI="${uri}"`,
    ]
  ) assertEquals(rewritten([tag("a,b.bin")]), [tag(inFolder("a,b.bin"))]);
  assertEquals(
    rewritten(["#EXT-X-KEY:METHOD=AES-128,URI=film.key,IV=0x1"]),
    [`#EXT-X-KEY:METHOD=AES-128,URI="${inFolder("film.key")}",IV=0x1`],
  );
});

Deno.test("playlistLines() leaves everything else as it is", () => {
  stays(
    "#EXTM3U",
    "#EXT-X-VERSION:9",
    "#EXT-X-TARGETDURATION:4",
    "",
    '#EXTINF:4.004,A title, with: URIs and "quotes"',
    "#EXT-X-BYTERANGE:75232@0",
    '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://key/7",KEYFORMAT="com.apple.streamingkeydelivery"',
    '#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI="data:text/plain;base64,AAAA,BB=="',
    "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=skd://key/7",
    "#EXT-X-KEY:METHOD=NONE",
    '#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",NAME="x,URI=y",INSTREAM-ID="CC1"',
    '#EXT-X-SESSION-DATA:DATA-ID="a.title",VALUE="1.ts"',
    '#EXT-X-MAP:URI=""',
    "#EXT-X-PROGRAM-DATE-TIME:2026-03-14T19:30:00.000+01:00",
    '## a comment that names 1.ts and URI="1.ts"',
    "#EXT-X-ENDLIST",
    "",
  );
});

Deno.test("playlistLines() offers no reload by query, which a play's URL does not hand on", () => {
  const control = "#EXT-X-SERVER-CONTROL:";
  const lines = [
    `${control}CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.0,CAN-SKIP-UNTIL=12.0,HOLD-BACK=9`,
    `${control}CAN-BLOCK-RELOAD=YES`,
    "#EXT-X-ENDLIST",
  ];
  const text = rewritePlaylist(lines.join("\n"), BASE, (url) => url);
  assertEquals(text, `${control}PART-HOLD-BACK=1.0,HOLD-BACK=9\n#EXT-X-ENDLIST`);
});

Deno.test("playlistLines() reads lines however they end", () => {
  const lines = ["#EXTM3U", "#EXTINF:4,", "1.ts", "#EXT-X-ENDLIST", ""];
  const expected = ["#EXTM3U", "#EXTINF:4,", "<https://films.example/vod/7/1.ts>"];
  for (const end of ["\n", "\r\n", "\r", " \t\n"]) {
    const text = rewritePlaylist(lines.join(end), BASE, (url) => `<${url}>`);
    assertEquals(text, [...expected, "#EXT-X-ENDLIST", ""].join("\n"), JSON.stringify(end));
  }
});

Deno.test("playlistLines() leaves out tags that it does not know, for they may name places in any form", () => {
  assertEquals(
    rewritten([
      "#EXTM3U",
      "#EXT-X-PREFETCH:9.ts?token=secret",
      "#EXT-X-PARTS:URL=/hidden/abc?token=secret",
      '#EXT-X-KEY2:uri="/hidden/lower?token=secret"',
      "#EXTOTHER:9.ts",
      "#EXT-X-DISCONTINUITY",
      "#EXT-X-DISCONTINUITY-SEQUENCE:4",
    ]),
    ["#EXTM3U", "#EXT-X-DISCONTINUITY", "#EXT-X-DISCONTINUITY-SEQUENCE:4"],
  );
});

Deno.test("playlistLines() replaces an http(s) URL wherever it stands", () => {
  assertEquals(
    rewritten([
      "# made of https://films.example/raw/7.mp4 today",
      "#EXTINF:4,http://films.example/title",
      '#EXT-X-SESSION-DATA:DATA-ID="a",VALUE="see HTTPS://films.example/a?b=c for more"',
      '#EXT-X-DATERANGE:ID="x",X-COM-EXAMPLE-BEACON="https://beacon.example/?a=1,2"',
      '#EXT-X-SESSION-DATA:DATA-ID="a",VALUE="//films.example/a b//c"',
      "# see //films.example/b, not a//b or ///",
      "/vod/a.ts?x=\\y",
    ]),
    [
      "# made of <https://films.example/raw/7.mp4> today",
      "#EXTINF:4,<http://films.example/title>",
      '#EXT-X-SESSION-DATA:DATA-ID="a",VALUE="see <https://films.example/a?b=c> for more"',
      '#EXT-X-DATERANGE:ID="x",X-COM-EXAMPLE-BEACON="<https://beacon.example/?a=1,2>"',
      '#EXT-X-SESSION-DATA:DATA-ID="a",VALUE="<https://films.example/a> b//c"',
      "# see <https://films.example/b,> not a//b or ///",
      "<https://films.example/vod/a.ts?x=%5Cy>",
    ],
  );
});

Deno.test("playlistLines() leaves out the places that no play leads to", () => {
  assertEquals(
    rewritten([
      "#EXTM3U",
      "# by ftp://films.example/maker, see xhttp://films.example",
      '#EXT-X-KEY:METHOD=AES-128,URI="ftp://films.example/key",IV=0x1',
      '#EXT-X-SESSION-DATA:DATA-ID="a",VALUE="rtmp://films.example/live"',
      '#EXT-X-MAP:URI="https://films.example:99999/init.mp4"',
      '#EXT-X-DATERANGE:ID="y",X-RESUME="to http%3A%2F%2Ffilms.example%2Fz now"',
      "#EXTINF:4,rtsp://films.example/title",
      "rtmp://films.example/live",
      "https://films.example:99999/1.ts",
      "http://[films.example/1.ts",
      "#EXTINF:4,a:b c.d://",
      "a+b.ts",
    ]),
    [
      "#EXTM3U",
      "# by  see ",
      '#EXT-X-KEY:METHOD=AES-128,URI="",IV=0x1',
      '#EXT-X-SESSION-DATA:DATA-ID="a",VALUE=""',
      '#EXT-X-MAP:URI=""',
      '#EXT-X-DATERANGE:ID="y",X-RESUME="to  now"',
      "#EXTINF:4,",
      "",
      "",
      "",
      "#EXTINF:4,a:b c.d://",
      "<https://films.example/vod/7/a+b.ts>",
    ],
  );
});

Deno.test("playlistLines() puts variables in and leaves their definitions out", () => {
  assertEquals(
    rewritten([
      "#EXTM3U",
      "#EXT-X-VERSION:8",
      '#EXT-X-DEFINE:NAME="host",VALUE="https://cdn.example"',
      '#EXT-X-DEFINE:VALUE="{$host}/f,7",NAME="folder-1"',
      '#EXT-X-DEFINE:QUERYPARAM="token"',
      '#EXT-X-KEY:METHOD=AES-128,URI="{$folder-1}/key?t={$token}"',
      "#EXTINF:4,",
      "{$folder-1}/1.ts",
      "#EXTINF:4,",
      "{$unknown}/1.ts",
    ]),
    [
      "#EXTM3U",
      "#EXT-X-VERSION:8",
      '#EXT-X-KEY:METHOD=AES-128,URI="<https://cdn.example/f,7/key?t=abc>"',
      "#EXTINF:4,",
      "<https://cdn.example/f,7/1.ts>",
      "#EXTINF:4,",
      "<https://films.example/vod/7/%7B$unknown%7D/1.ts>",
    ],
  );
});

Deno.test("playlistLines() hands a master playlist's variables on to those that import them", () => {
  const master = [
    "#EXTM3U",
    '#EXT-X-DEFINE:NAME="prefix",VALUE="https://cdn.example/a b&c"',
    '#EXT-X-DEFINE:NAME="q",VALUE="x=1#y"',
    "#EXT-X-STREAM-INF:BANDWIDTH=800000",
    "low.m3u8?z=1",
  ];
  const [child] = playlistUrls(master.join("\n"), BASE);
  assertEquals(child!.split("#")[0], "https://films.example/vod/7/low.m3u8?z=1");
  assertEquals(
    rewritten(
      [
        "#EXTM3U",
        '#EXT-X-DEFINE:IMPORT="prefix"',
        '#EXT-X-DEFINE:IMPORT="q"',
        "{$prefix}/1.ts?{$q}",
      ],
      child!,
    ),
    ["#EXTM3U", "<https://cdn.example/a%20b&c/1.ts?x=1#y>"],
  );
});

Deno.test("playlistLines() names the same part of a live playlist alike at each reload", () => {
  const at = (first: number) =>
    rewritten([
      "#EXTM3U",
      `#EXT-X-MEDIA-SEQUENCE:${first}`,
      '#EXT-X-MAP:URI="init.mp4"',
      ...[0, 1, 2].flatMap((index) => ["#EXTINF:4,", `${first + index}.m4s`]),
    ]).filter((line) => line.includes("<"));
  const [map, , ...stay] = at(7);
  assertEquals(at(8).slice(0, 3), [map, ...stay]);
});

Deno.test("playlistLines() leaves no way to the source in playlists as they are found", () => {
  for (const [name, text] of Object.entries(PLAYLISTS)) {
    const urls = playlistUrls(text, BASE);
    assert(urls.length > 0, name);
    const answer = rewritePlaylist(text, BASE, part);
    for (const line of answer.split("\n").filter((line) => line !== "")) {
      assert(!/https?:/i.test(line) && !line.includes("{$"), `${name}: ${line}`);
      if (!line.startsWith("#")) assert(line.startsWith("/play/"), `${name}: ${line}`);
      for (const [, uri] of line.matchAll(/URI="([^"]*)"/g)) {
        assert(/^(\/play\/|skd:|data:)/.test(uri!), `${name}: ${line}`);
      }
    }
    for (const url of urls) assert(answer.includes(part(url)), `${name}: ${url}`);
  }
});

Deno.test("playlistLines() leaves no http(s) URL of the source, whatever the playlist", () => {
  const url = fc.webUrl({ withQueryParameters: true, withFragments: true })
    .map((text) => text.replaceAll(/["'<>]/g, ""));
  const word = fc.stringMatching(/^[A-Za-z0-9 ,;:=._-]{0,12}$/);
  const line = fc.oneof(
    url,
    word.map((text) => `# ${text}`),
    fc.tuple(word, url).map(([text, uri]) => `#${text} ${uri}`),
    fc.tuple(fc.constantFrom("URI", "X-ASSET-URI", "VALUE", "X-A"), word, url).map(
      ([name, text, uri]) => `#EXT-X-KEY:A="${text}",${name}="${uri}",B=${text}`,
    ),
    fc.tuple(word, url).map(([text, uri]) => `#EXTINF:4,${text}${uri}`),
    fc.tuple(url, word).map(([uri, text]) => `#EXT-X-MAP:URI=${uri},A="${text}"`),
    url.map((uri) => `#EXT-X-DEFINE:NAME="v",VALUE="${uri}"\n{$v}/a\n#EXT-X-MAP:URI="{$v}"`),
  );
  const text = fc.array(line, { minLength: 1, maxLength: 5 }).chain((lines) =>
    fc.constantFrom("\n", "\r\n", "\r").map((end) => `#EXTM3U${end}${lines.join(end)}`)
  );
  fc.assert(
    fc.property(text, (playlist) => {
      const answer = rewritePlaylist(playlist, BASE, part);
      assert(!/https?:\/\//i.test(answer), answer);
    }),
    { numRuns: 60 },
  );
});

Deno.test("isPlaylist() goes by the type, and by the path where no media type is given", () => {
  const cases: [string | null, string, boolean][] = [
    ["application/vnd.apple.mpegurl", "/a", true],
    ["Application/X-MPEGURL; charset=utf-8", "/a.mp4", true],
    ["audio/mpegurl", "/a", true],
    ["audio/x-mpegurl", "/a", true],
    ["video/mpegurl", "/a", true],
    [null, "/a.m3u8?x=1", true],
    [null, "/A.M3U", true],
    ["text/plain", "/a.m3u8", true],
    ["application/octet-stream", "/a.m3u8", true],
    ["image/jpeg", "/a.m3u8", true],
    ["video/mp2t", "/a.m3u8", false],
    ["audio/aac", "/a.m3u8", false],
    ["text/plain", "/a.ts?x=.m3u8", false],
    [null, "/a.m3u8/b", false],
    [null, "/", false],
  ];
  for (const [type, path, expected] of cases) {
    const claim = `${type} at ${path}`;
    assertEquals(isPlaylist(type, `https://films.example${path}`), expected, claim);
  }
  assertEquals(hasPlaylistPath("https://films.example/a.m3u8#x"), true);
});
