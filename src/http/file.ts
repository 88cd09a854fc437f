/**
 * Files of our own, as players read them: whole, by single ranges, or not again.
 *
 * @module
 */

import { OPEN_CORS } from "./cors.ts";
import { entityTag, matches } from "./respond.ts";

/** A file as it is served. */
export type File = { bytes: Uint8Array<ArrayBuffer>; type: string };

/** Answers a request for a file; `undefined` where there is no file at that path. */
export type Files = (request: Request, path: string) => Promise<Response | undefined>;

const CACHE_CONTROL = "public, max-age=86400";

/** Serves files by their paths: GET and HEAD, single ranges (RFC 9110, 14), `ETag`, CORS. */
export function createFiles(files: ReadonlyMap<string, File>): Files {
  const etags = new Map<string, Promise<string>>();

  return async function serve(request, path) {
    const file = files.get(path);
    if (file === undefined) return undefined;
    let tag = etags.get(path);
    if (tag === undefined) etags.set(path, tag = entityTag(file.bytes));
    const etag = await tag;
    const headers: Record<string, string> = {
      ...OPEN_CORS,
      "access-control-expose-headers": "accept-ranges, content-length, content-range, etag",
      "cache-control": CACHE_CONTROL,
      "etag": etag,
      "accept-ranges": "bytes",
    };
    if (matches(request.headers.get("if-none-match"), etag)) {
      return new Response(null, { status: 304, headers });
    }
    headers["content-type"] = file.type;
    const size = file.bytes.length;
    const range = wantedRange(request, etag, size);
    if (range === "unsatisfiable") {
      return new Response(null, {
        status: 416,
        headers: { ...headers, "content-range": `bytes */${size}`, "content-length": "0" },
      });
    }
    const { first, last } = range ?? { first: 0, last: size - 1 };
    headers["content-length"] = String(last - first + 1);
    if (range !== undefined) headers["content-range"] = `bytes ${first}-${last}/${size}`;
    const body = request.method === "HEAD" ? null : file.bytes.subarray(first, last + 1);
    return new Response(body, { status: range === undefined ? 200 : 206, headers });
  };
}

function wantedRange(
  request: Request,
  etag: string,
  size: number,
): { first: number; last: number } | "unsatisfiable" | undefined {
  const header = request.headers.get("range");
  const condition = request.headers.get("if-range");
  // Ranges are defined for GET alone (RFC 9110, 14.2).
  if (request.method !== "GET" || header === null || (condition !== null && condition !== etag)) {
    return undefined;
  }
  return parseRange(header, size);
}

/**
 * Reads a single byte range. Several ranges, another unit or a malformed header are answered with
 * the whole, as RFC 9110 allows.
 */
export function parseRange(
  header: string,
  size: number,
): { first: number; last: number } | "unsatisfiable" | undefined {
  const found = /^bytes\s*=\s*(\d*)\s*-\s*(\d*)$/i.exec(header.trim());
  if (!found || (found[1] === "" && found[2] === "")) return undefined;
  const [from, to] = [found[1]!, found[2]!];
  if (from === "") {
    const length = Math.min(Number(to), size);
    return length === 0 ? "unsatisfiable" : { first: size - length, last: size - 1 };
  }
  const first = Number(from);
  const last = to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== "" && Number(to) < first) return undefined;
  return first >= size ? "unsatisfiable" : { first, last };
}
