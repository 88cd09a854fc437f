// The faults that the parser of definitions must tell of.

const TIME = "must be a full ISO time such as 2010-09-27T00:00:00.000Z";
const URL_RULE = "must be an absolute http(s) URL, or a path that begins with one /";
const VERSION = "must be a semantic version such as 1.0.0";
const WHOLE = "must be a whole number from 0";

/** What a fault is, the place in the sample (steps joined by `/`), the value put there, the problem told. */
export type Fault = [claim: string, path: string, value: unknown, problem: string];

/** One of each fault that a value can have by itself, alone in an otherwise sound sample. */
export const FAULTS: readonly Fault[] = [
  [
    "an absent member",
    "manifest/name",
    undefined,
    "manifest.name: must be given, it is missing",
  ],
  ["null", "metas/0/poster", null, "metas[0].poster: must be text, current value is null"],
  [
    "a text of spaces",
    "metas/0/name",
    " ",
    'metas[0].name: must not be empty, current value is " "',
  ],
  [
    "half a surrogate pair",
    "manifest/name",
    "a\ud800",
    'manifest.name: must be well-formed Unicode, current value is "a\\ud800"',
  ],
  [
    "a list in place of an object",
    "manifest",
    [],
    "manifest: must be an object, current value is a list of 0",
  ],
  [
    "a key that JavaScript reserves",
    "metas/0/constructor",
    [],
    "metas[0]: must not have a key __proto__, prototype or constructor, current value is an object",
  ],
  ["no catalogs", "catalogs", [], "catalogs: must not be empty, current value is a list of 0"],
  [
    "a version of two numbers",
    "manifest/version",
    "1.0",
    `manifest.version: ${VERSION}, current value is "1.0"`,
  ],
  [
    "a version with v",
    "manifest/version",
    "v1.0.0",
    `manifest.version: ${VERSION}, current value is "v1.0.0"`,
  ],
  [
    "a version with a leading zero",
    "manifest/version",
    "1.02.0",
    `manifest.version: ${VERSION}, current value is "1.02.0"`,
  ],
  [
    "a version past 2^53",
    "manifest/version",
    "1.9007199254740993.0",
    `manifest.version: ${VERSION}, current value is "1.9007199254740993.0"`,
  ],
  [
    "an id of one name",
    "manifest/id",
    "weir",
    'manifest.id: must be names joined by dots such as org.weir.open-films, current value is "weir"',
  ],
  [
    "no id prefixes",
    "manifest/idPrefixes",
    [],
    "manifest.idPrefixes: must not be empty, current value is a list of 0",
  ],
  [
    "an empty id prefix",
    "manifest/idPrefixes/1",
    "",
    'manifest.idPrefixes[1]: must be text without spaces, current value is ""',
  ],
  [
    "an e-mail address without @",
    "manifest/contactEmail",
    "weir",
    'manifest.contactEmail: must be an e-mail address, current value is "weir"',
  ],
  [
    "a page size of 0",
    "catalogs/0/pageSize",
    0,
    "catalogs[0].pageSize: must be a whole number from 1 to 100, current value is 0",
  ],
  [
    "a page size of 101",
    "catalogs/0/pageSize",
    101,
    "catalogs[0].pageSize: must be a whole number from 1 to 100, current value is 101",
  ],
  [
    "a type that is a dot segment",
    "metas/4/type",
    "..",
    'metas[4].type: must not be a dot segment of a path, current value is ".."',
  ],
  [
    "an id of more than 256 bytes",
    "metas/4/id",
    `tt${"é".repeat(128)}`,
    `metas[4].id: must be at most 256 bytes, current value is "tt${"é".repeat(57)}…"`,
  ],
  [
    "a released date without time",
    "metas/0/released",
    "2010-09-27",
    `metas[0].released: ${TIME}, current value is "2010-09-27"`,
  ],
  [
    "a released time without offset",
    "metas/0/released",
    "2010-09-27T00:00:00",
    `metas[0].released: ${TIME}, current value is "2010-09-27T00:00:00"`,
  ],
  [
    "the 30th of February",
    "metas/0/released",
    "2010-02-30T00:00:00Z",
    `metas[0].released: ${TIME}, current value is "2010-02-30T00:00:00Z"`,
  ],
  [
    "the hour 24",
    "metas/0/released",
    "2010-02-20T24:00:00Z",
    `metas[0].released: ${TIME}, current value is "2010-02-20T24:00:00Z"`,
  ],
  [
    "a rating that is a number",
    "metas/0/imdbRating",
    7.3,
    "metas[0].imdbRating: must be text, current value is 7.3",
  ],
  [
    "an unknown poster shape",
    "metas/0/posterShape",
    "wide",
    'metas[0].posterShape: must be poster, landscape or square, current value is "wide"',
  ],
  [
    "a relative URL",
    "metas/0/poster",
    "art/a.jpg",
    `metas[0].poster: ${URL_RULE}, current value is "art/a.jpg"`,
  ],
  [
    "a URL without scheme",
    "metas/0/poster",
    "//a.example/a.jpg",
    `metas[0].poster: ${URL_RULE}, current value is "//a.example/a.jpg"`,
  ],
  [
    "a path that is another host",
    "metas/0/poster",
    "/\\a.example",
    `metas[0].poster: ${URL_RULE}, current value is "/\\\\a.example"`,
  ],
  [
    "a URL of another scheme",
    "metas/0/website",
    "ftp://a.example/",
    `metas[0].website: ${URL_RULE}, current value is "ftp://a.example/"`,
  ],
  [
    "a URL without host",
    "metas/0/links/0/url",
    "https://",
    `metas[0].links[0].url: ${URL_RULE}, current value is "https://"`,
  ],
  [
    "a season in words",
    "metas/3/videos/0/season",
    "one",
    'metas[3].videos[0].season: must be a whole number from 0 to 4294967295, current value is "one"',
  ],
  [
    "a video with a name beside its title",
    "metas/3/videos/0/name",
    "x",
    'metas[3].videos[0].name: is not a known key, current value is "x"',
  ],
  [
    "a size that is not whole",
    "streams/weir:sintel/0/videoSize",
    1.5,
    `streams["weir:sintel"][0].videoSize: ${WHOLE}, current value is 1.5`,
  ],
  [
    "a size that is text",
    "streams/weir:sintel/0/videoSize",
    "1",
    `streams["weir:sintel"][0].videoSize: ${WHOLE}, current value is "1"`,
  ],
  [
    "an episode with an empty list of streams",
    "streams/weir:sintel",
    [],
    'streams["weir:sintel"]: must not be empty, current value is a list of 0',
  ],
  [
    "a bad stream URL, without showing it",
    "streams/weir:sintel/0/url",
    "rtsp://user:secret@a.example",
    `streams["weir:sintel"][0].url: ${URL_RULE}, current value is not shown`,
  ],
  [
    "a stream that is a URL by itself, without showing it",
    "streams/weir:sintel/0",
    "https://a.example/secret",
    `streams["weir:sintel"][0]: must be an object, current value is not shown`,
  ],
  [
    "a misspelt key of a stream, without showing its value",
    "streams/weir:sintel/0/uri",
    "https://a.example/secret",
    `streams["weir:sintel"][0].uri: is not a known key, current value is not shown`,
  ],
  [
    "a bad header name",
    "streams/weir:sintel/0/headers",
    { "a b": "c" },
    `streams["weir:sintel"][0].headers["a b"]: must be a header's name, current value is "a b"`,
  ],
  [
    "a bad header value, without showing it",
    "streams/weir:sintel/0/headers",
    { Cookie: "secret\r\nX: y" },
    `streams["weir:sintel"][0].headers.Cookie: must be a header's value: printable ASCII, no space at either end, current value is not shown`,
  ],
  [
    "a header named twice",
    "streams/weir:sintel/0/headers",
    { referer: "a", Referer: "b" },
    `streams["weir:sintel"][0].headers: must not name a header twice, current value is an object`,
  ],
];
