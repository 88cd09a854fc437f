/**
 * A stream answer as Stremio's clients read it: what they would drop in silence is an error here.
 *
 * @module
 */

import { assert, assertEquals } from "./assert.ts";

/** A stream answer, read. */
export type StreamAnswer = {
  streams: StreamRead[];
  notice?: { cause: string; message: string; retryAfterSec?: number };
};

/** A row of it. */
export type StreamRead = {
  name: string;
  description?: string;
  url: string;
  behaviorHints: {
    notWebReady: boolean;
    bingeGroup?: string;
    filename?: string;
    videoSize?: number;
    proxyHeaders?: { request: Record<string, string> };
  };
};

/** An answer has exactly one of these (stremio-core, `ResourceResponse`). */
const RESPONSES = ["metas", "metasDetailed", "meta", "streams", "subtitles", "addons"];

/** Reads a stream answer, and fails where a client would drop a part of it. */
export async function readStreams(response: Response): Promise<StreamAnswer> {
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("access-control-allow-origin"), "*");
  assertEquals(response.headers.get("content-type"), "application/json; charset=utf-8");
  const body = await response.json();
  assertEquals(Object.keys(body).filter((key) => RESPONSES.includes(key)), ["streams"]);
  assert(Array.isArray(body.streams));
  for (const stream of body.streams) checkRow(stream);
  return body;
}

function checkRow(row: Record<string, unknown>): void {
  assert(typeof row.url === "string" && /^https?:\/\/[^/]/.test(row.url), "url is absolute");
  new URL(row.url);
  assertEquals(typeof row.name, "string");
  assert(row.description === undefined || typeof row.description === "string");
  assertEquals("title" in row, false, "title beside description drops the stream");
  const hints = row.behaviorHints as Record<string, unknown>;
  assertEquals(typeof hints.notWebReady, "boolean");
  const { videoSize, filename, bingeGroup, proxyHeaders } = hints;
  assert(videoSize === undefined || (Number.isInteger(videoSize) && Number(videoSize) >= 0));
  for (const text of [filename, bingeGroup]) assert(text === undefined || typeof text === "string");
  if (proxyHeaders === undefined) return;
  const { request } = proxyHeaders as { request: Record<string, unknown> };
  for (const value of Object.values(request)) assertEquals(typeof value, "string");
  assertEquals(hints.notWebReady, true, "a web player cannot send headers of its own");
}
