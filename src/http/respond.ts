/**
 * Answers, as every route gives them.
 *
 * @module
 */

import type { Repeat } from "../ports.ts";
import { OPEN_CORS } from "./cors.ts";

const JSON_TYPE = "application/json; charset=utf-8";

/** What an addon's client may ask for, as the answer to a preflight. */
export function preflight(methods: string): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...OPEN_CORS,
      "access-control-allow-methods": methods,
      "access-control-allow-headers": "*",
      "access-control-max-age": "86400",
    },
  });
}

/** A JSON answer, readable from every origin. */
export function json(
  body: unknown,
  options: { status?: number; cacheControl: string; headers?: Readonly<Record<string, string>> },
): Response {
  return new Response(JSON.stringify(body), {
    status: options.status ?? 200,
    headers: {
      ...OPEN_CORS,
      "content-type": JSON_TYPE,
      "cache-control": options.cacheControl,
      ...options.headers,
    },
  });
}

/** An error as programs read it: `{ "err": "…" }`, never kept. */
export function error(
  status: number,
  err: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return json({ err }, { status, cacheControl: "no-store", headers });
}

/** An answer to HEAD: the headers of the answer to GET, its length among them where it is known. */
export async function withoutBody(response: Response): Promise<Response> {
  const { status } = response;
  const headers = new Headers(response.headers);
  if (headers.has("content-length")) return new Response(null, { status, headers });
  // No body at all would be told as a length of 0.
  if (response.body === null) return new Response(new Blob([]).stream(), { status, headers });
  headers.set("content-length", String((await response.arrayBuffer()).byteLength));
  return new Response(null, { status, headers });
}

/** {@linkcode Repeat} by what every runtime has. */
export function repeatAnew(
  text: string,
  headers: Readonly<Record<string, string>>,
): () => Response {
  return () => new Response(text, { headers });
}

/** A body that is prepared once and answered many times. */
export type Prepared = {
  /** Answers it. */
  readonly whole: () => Response;
  readonly headers: Readonly<Record<string, string>>;
  /** Of its text, in UTF-16 code units. */
  readonly length: number;
};

/** Prepares a JSON body: its text, its validator, and how long it may be kept. */
export async function prepare(
  body: unknown,
  options: { cacheControl: string; repeat: Repeat },
): Promise<Prepared> {
  const text = JSON.stringify(body);
  const headers = {
    ...OPEN_CORS,
    "content-type": JSON_TYPE,
    "cache-control": options.cacheControl,
    "etag": await entityTag(new TextEncoder().encode(text)),
  };
  return { whole: options.repeat(text, headers), headers, length: text.length };
}

/** Answers a prepared body, or 304 where the client has it already. */
export function respondPrepared(request: Request, { whole, headers }: Prepared): Response {
  if (!matches(request.headers.get("if-none-match"), headers.etag!)) return whole();
  const { "content-type": _, ...kept } = headers;
  return new Response(null, { status: 304, headers: kept });
}

/** A strong validator of some bytes. */
export async function entityTag(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `"${[...digest.subarray(0, 12)].map((b) => b.toString(16).padStart(2, "0")).join("")}"`;
}

/** Whether `If-None-Match` names a validator; weak comparison (RFC 9110, 13.1.2). */
export function matches(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  if (ifNoneMatch.trim() === "*") return true;
  return ifNoneMatch.split(",").some((each) => each.trim().replace(/^W\//, "") === etag);
}
