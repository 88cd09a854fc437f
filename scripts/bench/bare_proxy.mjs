/**
 * The yardstick: a bare proxy, on Deno by `Deno.serve` and on Node by the adapter that Weir uses.
 * Arguments: the port, and the origin that it stands before.
 */

import process from "node:process";

const [port, origin] = process.argv.slice(2);

async function proxy(request) {
  const { pathname } = new URL(request.url);
  const range = request.headers.get("range");
  const upstream = await fetch(origin + pathname, {
    headers: { "accept-encoding": "identity", ...(range === null ? {} : { range }) },
  });
  const { status, headers } = upstream;
  return new Response(upstream.body, { status, headers });
}

if (globalThis.Deno === undefined) {
  const { serve } = await import("srvx/node");
  serve({ port: Number(port), silent: true, gracefulShutdown: false, fetch: proxy });
} else {
  Deno.serve({ port: Number(port), onListen() {} }, proxy);
}
