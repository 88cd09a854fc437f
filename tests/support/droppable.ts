/**
 * An HTTP server that can drop a connection in place of an answer.
 *
 * @module
 */

import { startTcpFront } from "./tcp_front.ts";

/** A listening server. */
export type DroppableServer = {
  /** Its address, without a slash at the end. */
  readonly url: string;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Serves on a free port of 127.0.0.1; `Response.error()` as the answer drops the connection. */
export function startDroppableServer(
  handle: (request: Request) => Promise<Response>,
): DroppableServer {
  const stop = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, signal: stop.signal, onListen() {} },
    async (request, info) => {
      const response = await handle(request);
      if (response.type !== "error") return response;
      front.drop(info.remoteAddr.port);
      return new Response();
    },
  );
  const front = startTcpFront(server.addr.port);

  return {
    url: `http://127.0.0.1:${front.port}`,
    async [Symbol.asyncDispose]() {
      await front[Symbol.asyncDispose]();
      // `shutdown()` would wait for answers that a test holds back.
      stop.abort();
      await server.finished;
    },
  };
}
