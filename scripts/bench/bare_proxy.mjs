/**
 * The yardstick: a bare proxy, on Deno by `Deno.serve` and on Node by the adapter that Weir uses.
 * Arguments: the port, the origin that it stands before, and `read` where JavaScript is to read each
 * chunk: on Deno the bytes pass inside the runtime otherwise.
 */

import process from "node:process";

const [port, origin, how] = process.argv.slice(2);

async function proxy(request) {
  const { pathname } = new URL(request.url);
  const range = request.headers.get("range");
  const upstream = await fetch(origin + pathname, {
    headers: { "accept-encoding": "identity", ...(range === null ? {} : { range }) },
  });
  const { status, headers } = upstream;
  return new Response(how === "read" ? read(upstream.body) : upstream.body, { status, headers });
}

function read(body) {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => reader.cancel(),
  }, { highWaterMark: 0 });
}

if (globalThis.Deno === undefined) {
  const { serve } = await import("srvx/node");
  serve({ port: Number(port), silent: true, gracefulShutdown: false, fetch: proxy });
} else {
  Deno.serve({ port: Number(port), onListen() {} }, proxy);
}
