// Pure: values in, values out.

/**
 * The file name at the end of a play's URL: players choose their way by its extension.
 *
 * @module
 */

const EXTENSIONS =
  /\.(mp4|m4v|mkv|webm|avi|mov|ts|m2ts|mts|m2t|m3u8?|m4s|m4a|mp3|aac|ac3|ec3|flac|wav|opus|webvtt|vtt|srt|key|mpe?g|vob|3gp|wmv|flv|ogv|ogg|cmfv|cmfa|jpg|png)$/i;
const LONGEST = 80;

const MEDIA_TYPES: ReadonlyMap<string, string> = new Map([
  ["m3u8", "application/vnd.apple.mpegurl"],
  ["m3u", "application/vnd.apple.mpegurl"],
  ["mkv", "video/x-matroska"],
  ["webm", "video/webm"],
  ["ts", "video/mp2t"],
  ["m2ts", "video/mp2t"],
  ["mov", "video/quicktime"],
  ["avi", "video/x-msvideo"],
  ["mp3", "audio/mpeg"],
  ["m4a", "audio/mp4"],
  ["vtt", "text/vtt"],
]);

/** `{name}.{ext}` for a source: its file name, else the last segment of its URL; else MP4. */
export function playName(url: string, filename?: string): string {
  return named(url, filename ?? lastSegment(url), "mp4");
}

/** The same where nobody may see any of the URL: of that the extension alone. */
export function hiddenName(url: string, filename?: string): string {
  return named(url, filename ?? "video", "mp4");
}

/** `{name}.{ext}` for a part of a play; MPEG-TS where its URL says nothing. */
export function partName(url: string): string {
  return named(url, "part", "ts");
}

/** The media type that a play's name promises, for an answer that has not asked the source. */
export function mediaType(name: string): string {
  const extension = /\.([a-z\d]+)$/i.exec(name)?.[1]?.toLowerCase() ?? "";
  return MEDIA_TYPES.get(extension) ?? "video/mp4";
}

function named(url: string, last: string, otherwise: string): string {
  const extension = EXTENSIONS.exec(last)?.[1] ?? EXTENSIONS.exec(lastSegment(url))?.[1] ??
    otherwise;
  const stem = last.replace(EXTENSIONS, "").replaceAll(/[^A-Za-z0-9_-]+/g, ".")
    .replace(/^\.+/, "").slice(0, LONGEST).replace(/\.+$/, "");
  return `${stem === "" ? "video" : stem}.${extension.toLowerCase()}`;
}

function lastSegment(url: string): string {
  const path = url.startsWith("/") ? url.replace(/[?#].*$/s, "") : new URL(url).pathname;
  const raw = path.split("/").at(-1)!;
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}
