// Pure: values in, values out.

/**
 * What a request is for, by method and path: Stremio's protocol, and our own pages.
 *
 * @module
 */

/** Extra arguments of a resource request, decoded. */
export type Extra = Readonly<Record<string, string>>;

/** What a resource request names. */
export type Resource = { type: string; id: string; extra: Extra };

/** What a request is for. */
export type Route =
  | { kind: "manifest" }
  | ({ kind: "catalog" } & Resource)
  | ({ kind: "meta" } & Resource)
  | ({ kind: "stream" } & Resource)
  | { kind: "page" }
  | { kind: "health" }
  | { kind: "ready" }
  | { kind: "file"; path: string }
  | { kind: "play"; ticket: string; name: string }
  | { kind: "sessions" }
  | { kind: "metrics" }
  | { kind: "session"; id: string }
  | { kind: "not_found" };

const RESOURCES = ["catalog", "meta", "stream"] as const;
const OWN = ["manifest.json", "configure", "health", "ready", "clips", "art", "operator", "play"];
const NOT_FOUND: Route = { kind: "not_found" };
const LONGEST_PATH = 4096;
/** A part's ticket carries its URL at the source. */
const LONGEST_PLAY_PATH = 8192;
const MOST_EXTRAS = 16;

/**
 * Reads a raw path (as `URL.pathname`, nothing decoded). Segments are split raw and decoded once,
 * so that an encoded slash or `&` stays what it was; a malformed `%` is a path that is not there.
 *
 * @example
 * ```ts
 * import { route } from "./route.ts";
 *
 * route("/stream/series/weir%3Acaminandes%3A1%3A2.json");
 * // { kind: "stream", type: "series", id: "weir:caminandes:1:2", extra: {} }
 * ```
 */
export function route(path: string): Route {
  if (path.length > (path.startsWith("/play/") ? LONGEST_PLAY_PATH : LONGEST_PATH)) {
    return NOT_FOUND;
  }
  const segments = path.split("/").slice(1);
  return ownRoute(path, segments) ?? resourceRoute(withoutConfig(segments)) ?? NOT_FOUND;
}

function ownRoute(path: string, segments: readonly string[]): Route | undefined {
  const [first, second, third] = segments;
  switch (segments.length) {
    case 1:
      if (first === "" || first === "configure") return { kind: "page" };
      if (first === "health" || first === "ready") return { kind: first };
      return undefined;
    case 2:
      if (first === "clips" || first === "art") return { kind: "file", path };
      if (first === "operator" && (second === "sessions" || second === "metrics")) {
        return { kind: second };
      }
      return undefined;
    case 3:
      if (first === "play") return { kind: "play", ticket: second!, name: third! };
      if (first !== "operator" || second !== "sessions") return undefined;
      return { kind: "session", id: decode(third!) ?? "" };
    default:
      return undefined;
  }
}

/** The first segment is a config where it is not the name of a resource or of something ours. */
function withoutConfig(segments: readonly string[]): readonly string[] {
  const first = segments[0]!;
  const known = first === "" || OWN.includes(first) || RESOURCES.some((name) => name === first);
  return known ? segments : segments.slice(1);
}

function resourceRoute(segments: readonly string[]): Route | undefined {
  if (segments.length === 1) {
    if (segments[0] === "manifest.json") return { kind: "manifest" };
    return segments[0] === "configure" ? { kind: "page" } : undefined;
  }
  const kind = RESOURCES.find((name) => name === segments[0]);
  const last = segments.at(-1) ?? "";
  if (kind === undefined || segments.length > 4 || !last.endsWith(".json")) return undefined;
  const [rawType, rawId, rawExtra = ""] = [
    ...segments.slice(1, -1),
    last.slice(0, -".json".length),
  ];
  const type = decode(rawType ?? "");
  const id = decode(rawId ?? "");
  const extra = parseExtra(rawExtra);
  return type && id && extra ? { kind, type, id, extra } : undefined;
}

function parseExtra(raw: string): Extra | undefined {
  const extra: Record<string, string> = Object.create(null);
  if (raw === "") return extra;
  const pairs = raw.split("&");
  if (pairs.length > MOST_EXTRAS) return undefined;
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    const name = decode(at === -1 ? pair : pair.slice(0, at));
    const value = at === -1 ? "" : decode(pair.slice(at + 1));
    if (name === undefined || value === undefined) return undefined;
    extra[name] = value;
  }
  return extra;
}

function decode(segment: string): string | undefined {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
