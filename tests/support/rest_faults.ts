/**
 * What can go wrong between a client and a REST endpoint, one {@linkcode Intercept} each.
 *
 * @module
 */

import type { Intercept, Next, RestCall } from "./rest_protocol.ts";

/** Uses up the given faults, one a request; after them everything is well. */
export function inTurn(...faults: Intercept[]): Intercept {
  const left = [...faults];
  return (call, next) => left.shift()?.(call, next) ?? next();
}

/**
 * The connection drops and nothing is run. Deno's `fetch` sends once more by itself where the
 * connection had carried a request before (2.9.6), and so uses up one more fault.
 */
export function connectionDropped(): Response {
  return Response.error();
}

/** The commands are run and the connection drops before the answer. */
export async function replyLost(_call: RestCall, next: Next): Promise<Response> {
  await next();
  return Response.error();
}

/** The commands are run twice and answered once. */
export async function deliveredTwice(_call: RestCall, next: Next): Promise<Response> {
  await next();
  return next();
}

/** A gateway's page stands in for the answer; nothing is run. */
export function badGateway(): Response {
  return new Response("<html><body><h1>502 Bad Gateway</h1></body></html>", {
    status: 502,
    headers: { "Content-Type": "text/html" },
  });
}

/** Too many requests; nothing is run. */
export function tooManyRequests(retryAfterSec: number): Intercept {
  const headers = { "Retry-After": `${retryAfterSec}` };
  return () =>
    Response.json({ error: "ERR max requests limit exceeded" }, { status: 429, headers });
}

/** The commands are run and the body breaks off half way. */
export async function bodyCut(_call: RestCall, next: Next): Promise<Response> {
  const response = await next();
  const bytes = await response.bytes();
  return paced(response, bytes.length, async function* () {
    yield bytes.subarray(0, bytes.length >> 1);
    throw new TypeError("the body breaks off");
  });
}

/** The commands are run and the body comes byte by byte, each once `step` has resolved. */
export function byteByByte(step: () => Promise<unknown>): Intercept {
  return async (_call, next) => {
    const response = await next();
    const bytes = await response.bytes();
    return paced(response, bytes.length, async function* () {
      for (let at = 0; at < bytes.length; at++) {
        await step();
        yield bytes.subarray(at, at + 1);
      }
    });
  };
}

/** Nothing is run until `release` has resolved. */
export function heldBefore(release: Promise<unknown>): Intercept {
  return async (_call, next) => {
    await release;
    return next();
  };
}

/** The commands are run at once and answered when `release` has resolved. */
export function heldAfter(release: Promise<unknown>): Intercept {
  return async (_call, next) => {
    const response = await next();
    await release;
    return response;
  };
}

function paced(
  response: Response,
  length: number,
  body: () => AsyncGenerator<Uint8Array<ArrayBuffer>>,
): Response {
  const headers = new Headers(response.headers);
  headers.set("Content-Length", `${length}`);
  return new Response(ReadableStream.from(body()), { status: response.status, headers });
}
