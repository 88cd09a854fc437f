// Pure: values in, values out.

/**
 * HLS playlists (RFC 8216 and its second edition) in pieces, so that every part of a play can be
 * made to come through the play.
 *
 * @module
 */

/** Text that goes as it is, or an http(s) URL in whose place something else goes. */
export type Piece = string | { readonly url: string };

/** What a playlist's first bytes are (RFC 8216, 4.3.1.1). */
export const PLAYLIST_MARK = "#EXTM3U";

/**
 * An attribute and its value, whose quotes may hold commas and are sometimes forgotten. A name
 * begins where none goes on: tried from each of its letters, a long word would take its square.
 */
const ATTRIBUTE = /(?<![A-Z0-9-])([A-Z0-9-]+)=("[^"]*"|[^",\s]*)/;
const ATTRIBUTES = new RegExp(ATTRIBUTE, "g");
/**
 * The tags of RFC 8216, of its second edition, and those of pictures to seek by. Clients pass over all
 * others (RFC 8216, 4.1), whose values may be places in a form that nobody knows.
 */
const KNOWN_TAG = new RegExp(
  `^#(?:EXTM3U|EXTINF|EXT-X-(?:${
    [
      ...["VERSION", "INDEPENDENT-SEGMENTS", "START", "TARGETDURATION", "MEDIA-SEQUENCE"],
      ...["DISCONTINUITY", "DISCONTINUITY-SEQUENCE", "ENDLIST", "PLAYLIST-TYPE", "I-FRAMES-ONLY"],
      ...["PART-INF", "BYTERANGE", "KEY", "MAP", "PROGRAM-DATE-TIME", "GAP", "BITRATE", "PART"],
      ...["DATERANGE", "SKIP", "PRELOAD-HINT", "RENDITION-REPORT", "MEDIA", "STREAM-INF"],
      ...["I-FRAME-STREAM-INF", "SESSION-DATA", "SESSION-KEY", "CONTENT-STEERING", "ALLOW-CACHE"],
      ...["IMAGE-STREAM-INF", "TILES"],
    ].join("|")
  }))(?![A-Z0-9-])`,
);
/** How far from the end a player stays; low latency wants it (RFC 8216bis, 4.4.3.7). */
const HOLDS_BACK = /^(?:PART-)?HOLD-BACK$/;
const WEB = "[Hh][Tt][Tt][Pp][Ss]?";
/** Another scheme as a word, from its beginning. */
const SCHEME = "(?<![A-Za-z0-9+.-])[A-Za-z0-9][A-Za-z0-9+.-]*";
const IN_PERCENTS = "%3[Aa]%2[Ff]%2[Ff]";
/** A URL in a text: a web's wherever it begins, also in percents; another's; one of no scheme. */
const PLACE = new RegExp(
  `(?:(?:${WEB}|${SCHEME}):\\/\\/|${WEB}${IN_PERCENTS}|(?<![^\\s"'=,;(])\\/\\/(?!\\/))[^\\s"'<>]+`,
);
const PLACES = new RegExp(PLACE, "g");
const NAMED = new RegExp(`${ATTRIBUTE.source}|${PLACE.source}`, "g");
/** What a player reads from the text itself, or asks its keys by. */
const NO_PLACE = /^(?:data|skd|urn):/i;
const NAMES_RESOURCE = /^(?:[A-Z0-9-]*URI|X-ASSET-LIST)$/;
/** In characters, its variables put in; all their definitions together are no longer. */
const LONGEST_LINE = 16_384;
/** About as much as a ticket carries: what is longer could not be opened. */
const LONGEST_URL = 5000;

/** Whether an answer is a playlist, by its type, or by its path where it is not said to be media. */
export function isPlaylist(contentType: string | null, url: string): boolean {
  const type = (contentType ?? "").split(";")[0]!.trim();
  return /mpegurl$/i.test(type) || !/^(?:audio|video)\//i.test(type) && hasPlaylistPath(url);
}

/** Whether a URL's path ends as those of playlists do. */
export function hasPlaylistPath(url: string): boolean {
  return /\.m3u8?$/i.test(new URL(url).pathname);
}

/**
 * A playlist line by line, each in pieces: with the URLs, made absolute by `base`, its own, that it
 * names, also where only a comment does. Places that no play leads to, by another scheme or none
 * that can be read, are left out. Variables are put in and their definitions left out, for these may
 * hold the source's URL; what a master playlist defines goes with the URLs that it names, in their
 * fragment, from where `EXT-X-DEFINE:IMPORT` takes it. A line that is left out, as all tags are that are
 * not known, has no pieces; after one that is too long (`undefined`) nothing follows.
 */
export function* playlistLines(
  text: string,
  base: string,
): Generator<readonly Piece[] | undefined> {
  const variables = new Map<string, string>();
  const isMaster = text.includes("#EXT-X-STREAM-INF:");
  let defined = 0;

  function expanded(written: string): string | undefined {
    if (written.length > LONGEST_LINE) return undefined;
    const known = (whole: string, name: string) => variables.get(name) ?? whole;
    const line = written.replace(/\{\$([\w-]+)\}/g, known);
    return line.length > LONGEST_LINE ? undefined : line;
  }

  function place(written: string): Piece {
    const url = URL.canParse(written, base) ? new URL(written, base) : undefined;
    if (url?.protocol !== "http:" && url?.protocol !== "https:") {
      return NO_PLACE.test(written) ? written : "";
    }
    if (isMaster && variables.size > 0) url.hash = new URLSearchParams([...variables]).toString();
    // Clients read no URL with a backslash, which the query keeps.
    const { href } = url;
    return href.length > LONGEST_URL ? "" : { url: href.replaceAll("\\", "%5C") };
  }

  /** In percents it is another's parameter, of which nobody knows what it is for. */
  const found = (url: string) => /^https?%/i.test(url) ? "" : place(url);
  const ofText = (written: string) => cut(written, PLACES, ([url]) => [found(url)]);

  function ofTag(line: string): Piece[] {
    return cut(line, NAMED, ([whole, name, value = ""]) => {
      if (name === undefined) return [found(whole)];
      const bare = value.replaceAll('"', "");
      if (!NAMES_RESOURCE.test(name) || bare === "") return ofText(whole);
      const named = place(bare);
      return named === bare ? [whole] : [`${name}="`, named, '"'];
    });
  }

  for (const written of linesOf(text)) {
    const line = expanded(written.trim());
    if (line === undefined) return yield undefined;
    if (line.startsWith("#EXT-X-DEFINE:")) {
      defined += line.length;
      if (defined > LONGEST_LINE) return yield undefined;
      for (const [name, value] of definitions(line, base)) variables.set(name, value);
      yield [];
    } else if (line.startsWith("#EXT-X-SERVER-CONTROL:")) {
      // What a player would ask for by the rest goes in the query, and a play's URL has none.
      const kept = [...line.matchAll(ATTRIBUTES)].filter(([, name = ""]) => HOLDS_BACK.test(name));
      yield kept.length === 0 ? [] : [`#EXT-X-SERVER-CONTROL:${kept.map(([each]) => each)}`];
    } else if (line.startsWith("#EXT")) {
      yield KNOWN_TAG.test(line) ? ofTag(line) : [];
    } else {
      yield line.startsWith("#") ? ofText(line) : [line && place(line)];
    }
  }
}

function* linesOf(text: string): Generator<string> {
  let at = 0;
  for (const { 0: end, index } of text.matchAll(/\r\n|\n|\r/g)) {
    yield text.slice(at, index);
    at = index + end.length;
  }
  yield text.slice(at);
}

/** What matches becomes pieces of its own; all else stays. */
function cut(
  text: string,
  pattern: RegExp,
  piecesOf: (match: RegExpExecArray) => readonly Piece[],
): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    pieces.push(text.slice(at, match.index), ...piecesOf(match));
    at = match.index + match[0].length;
  }
  return [...pieces, text.slice(at)];
}

function definitions(line: string, base: string): [string, string][] {
  const { searchParams, hash } = new URL(base);
  const imports = new URLSearchParams(hash.slice(1));
  const named = new Map(
    [...line.matchAll(ATTRIBUTES)].map((
      [, name, value],
    ) => [name!, value!.replaceAll('"', "")]),
  );
  const found: [string | undefined, string | null | undefined][] = [
    [named.get("NAME"), named.get("VALUE")],
    [named.get("QUERYPARAM"), searchParams.get(named.get("QUERYPARAM") ?? "")],
    [named.get("IMPORT"), imports.get(named.get("IMPORT") ?? "")],
  ];
  return found.filter((each): each is [string, string] =>
    each.every((part) => typeof part === "string")
  );
}
