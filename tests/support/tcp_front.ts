/**
 * Carries connections to a server, can drop one, and meddles with what they carry: what a handler
 * behind `Deno.serve` cannot do.
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

/** What may be done with bytes that have come from one end. */
export type Carried = {
  bytes: Uint8Array<ArrayBuffer>;
  /** Gives bytes to the other end. */
  pass(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Gives bytes to the end that these have come from. */
  answer(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Ends the connection on both sides. */
  drop(): void;
};

/** Does something with bytes that have come from one end. */
export type Carry = (carried: Carried) => Promise<void> | void;

/**
 * Listens on a free port of 127.0.0.1 and carries every connection to `targetPort` there. `up` is
 * done with what comes from a client, `down` with what the server gives.
 */
export function startTcpFront(
  targetPort: number,
  { up = pass, down = pass }: { up?: Carry; down?: Carry } = {},
): TcpFront {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const links = new Map<number, () => void>();
  const carried: Promise<void>[] = [];
  const accepting = accept();
  let open = true;

  async function accept(): Promise<void> {
    for await (const outer of listener) carried.push(carry(outer));
  }

  async function carry(outer: Deno.TcpConn): Promise<void> {
    let inner: Deno.TcpConn;
    try {
      inner = await Deno.connect({ hostname: "127.0.0.1", port: targetPort });
    } catch {
      return outer.close();
    }
    const key = inner.localAddr.port;
    links.set(key, () => {
      links.delete(key);
      outer.close();
      inner.close();
    });
    if (!open) return drop(key);
    const dropThis = () => drop(key);
    await Promise.race([pump(outer, inner, up, dropThis), pump(inner, outer, down, dropThis)]);
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

function pass({ bytes, pass }: Carried): Promise<void> {
  return pass(bytes);
}

async function pump(
  from: Deno.TcpConn,
  to: Deno.TcpConn,
  carry: Carry,
  drop: () => void,
): Promise<void> {
  const buffer = new Uint8Array(16_384);
  try {
    for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
      await carry({
        bytes: buffer.subarray(0, count),
        pass: (bytes) => write(to, bytes),
        answer: (bytes) => write(from, bytes),
        drop,
      });
    }
  } catch {
    // One of the two is gone, and so the other goes.
  }
}

async function write(to: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await to.write(bytes.subarray(sent));
}
