// Pure: values in, values out.

/**
 * HLS playlists (RFC 8216 and its second edition), rewritten so that every part of a play comes
 * through the play.
 *
 * @module
 */

/** An attribute and its value, whose quotes may hold commas and are sometimes forgotten. */
const ATTRIBUTE = /([A-Z0-9-]+)=("[^"]*"|[^",\s]*)/;
const WEB_URL = /https?:\/\/[^\s"'<>]+/gi;
const NAMED = new RegExp(`${ATTRIBUTE.source}|[Hh][Tt][Tt][Pp][Ss]?://[^\\s"'<>]+`, "g");
const NAMES_RESOURCE = /^(?:[A-Z0-9-]*URI|X-ASSET-LIST)$/;

/** Whether an answer is a playlist, by its type, or by its path where it is not said to be media. */
export function isPlaylist(contentType: string | null, url: string): boolean {
  const type = (contentType ?? "").split(";")[0]!.trim();
  return /mpegurl$/i.test(type) || !/^(?:audio|video)\//i.test(type) && hasPlaylistPath(url);
}

/** Whether a URL's path ends as those of playlists do. */
export function hasPlaylistPath(url: string): boolean {
  return /\.m3u8?$/i.test(new URL(url).pathname);
}

/** All http(s) URLs that a playlist names, absolute, each once. `base` is the playlist's own. */
export function playlistUrls(text: string, base: string): string[] {
  const found = new Set<string>();
  rewritePlaylist(text, base, (url) => (found.add(url), url));
  return [...found];
}

/**
 * A playlist with `replace` in place of each http(s) URL that it names, also where only a comment
 * does. What has another scheme (`data:`, `skd:`) stays. Variables are put in and their definitions
 * left out, for these may hold the source's URL; what a master playlist defines goes with the URLs
 * that it names, in their fragment, from where `EXT-X-DEFINE:IMPORT` takes it.
 */
export function rewritePlaylist(
  text: string,
  base: string,
  replace: (url: string) => string,
): string {
  const variables = new Map<string, string>();
  const isMaster = text.includes("#EXT-X-STREAM-INF:");

  function expanded(written: string): string {
    const known = (whole: string, name: string) => variables.get(name) ?? whole;
    return written.replace(/\{\$([\w-]+)\}/g, known);
  }

  function replaced(written: string): string {
    if (!URL.canParse(written, base)) return written;
    const url = new URL(written, base);
    if (url.protocol !== "http:" && url.protocol !== "https:") return written;
    if (isMaster && variables.size > 0) url.hash = new URLSearchParams([...variables]).toString();
    return replace(url.href);
  }

  function rewrittenTag(line: string): string {
    return line.replace(NAMED, (whole, name?: string, value = "") => {
      if (name === undefined) return replaced(whole);
      const bare = value.replaceAll('"', "");
      if (!NAMES_RESOURCE.test(name) || bare === "") return whole.replace(WEB_URL, replaced);
      const instead = replaced(bare);
      return instead === bare ? whole : `${name}="${instead}"`;
    });
  }

  return text.split(/\r\n|\n|\r/).flatMap((written) => {
    const line = expanded(written.trim());
    // What a player would ask for by it goes in the query, and a play's URL has none.
    if (line.startsWith("#EXT-X-SERVER-CONTROL:")) return [];
    if (line.startsWith("#EXT-X-DEFINE:")) {
      for (const [name, value] of definitions(line, base)) variables.set(name, value);
      return [];
    }
    if (line.startsWith("#EXT")) return rewrittenTag(line);
    return line.startsWith("#") ? line.replace(WEB_URL, replaced) : line && replaced(line);
  }).join("\n");
}

function definitions(line: string, base: string): [string, string][] {
  const { searchParams, hash } = new URL(base);
  const imports = new URLSearchParams(hash.slice(1));
  const named = new Map(
    [...line.matchAll(new RegExp(ATTRIBUTE, "g"))].map((
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
