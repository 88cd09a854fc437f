/**
 * Carries connections to a server, and can drop one: what a handler behind `Deno.serve` cannot do.
 *
 * @module
 */

/** A listening front. */
export type TcpFront = {
  /** Where it listens on 127.0.0.1. */
  readonly port: number;
  /** Drops the connection that the server behind sees as coming from `peerPort`. */
  drop(peerPort: number): void;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Listens on a free port of 127.0.0.1 and carries every connection to `targetPort` there. */
export function startTcpFront(targetPort: number): TcpFront {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const links = new Map<number, () => void>();
  const carried: Promise<void>[] = [];
  const accepting = accept();
  let open = true;

  async function accept(): Promise<void> {
    for await (const outer of listener) carried.push(carry(outer));
  }

  async function carry(outer: Deno.TcpConn): Promise<void> {
    const inner = await Deno.connect({ hostname: "127.0.0.1", port: targetPort });
    const key = inner.localAddr.port;
    links.set(key, () => {
      links.delete(key);
      outer.close();
      inner.close();
    });
    if (!open) return drop(key);
    await Promise.race([pump(outer, inner), pump(inner, outer)]);
    drop(key);
  }

  function drop(peerPort: number): void {
    links.get(peerPort)?.();
  }

  return {
    port: listener.addr.port,
    drop,
    async [Symbol.asyncDispose]() {
      open = false;
      listener.close();
      await accepting;
      for (const key of links.keys()) drop(key);
      await Promise.all(carried);
    },
  };
}

async function pump(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(16_384);
  try {
    for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
      for (let sent = 0; sent < count;) sent += await to.write(buffer.subarray(sent, count));
    }
  } catch {
    // One of the two is gone, and so the other goes.
  }
}
