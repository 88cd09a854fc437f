/** A server that takes a request and does with the connection what a test wants. */
export type RawServer = {
  readonly url: string;
  /** Resolves when the first request has come and has been dealt with. */
  readonly asked: Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Listens on a free port of 127.0.0.1. After each request `bytes` are sent, and the connection is
 * closed, or left open with `hang`.
 */
export function startRawServer(bytes: string, options: { hang?: boolean } = {}): RawServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.TcpConn>();
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const accepting = accept();

  async function accept(): Promise<void> {
    for await (const conn of listener) {
      open.add(conn);
      await serve(conn).catch(() => {});
      if (options.hang) continue;
      open.delete(conn);
      conn.close();
    }
  }

  async function serve(conn: Deno.TcpConn): Promise<void> {
    await conn.read(new Uint8Array(4096));
    const sent = new TextEncoder().encode(bytes);
    if (sent.length > 0) await conn.write(sent);
    resolve();
  }

  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    asked,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const conn of open) conn.close();
      await accepting;
    },
  };
}
