/**
 * A small client of Redis over TCP, for tests: RESP2, one connection, one exchange at a time.
 *
 * @module
 */

/** What Redis answers where it refuses; a value, since a test may well want it. */
export type RedisError = { readonly error: string };

/** What Redis answers: text (simple or bulk), a whole number, nil, an error, or a list of these. */
export type Reply = string | number | null | RedisError | Reply[];

/** A connection to one Redis. It is opened by the first command, and anew after a failure. */
export type RedisClient = {
  /** Sends one command. Rejects only where the connection fails. */
  command(...args: readonly string[]): Promise<Reply>;
  /** Sends commands in one write, with none of this client's others between them. */
  batch(commands: readonly (readonly string[])[]): Promise<Reply[]>;
  /** Drops the connection: what waits for a reply rejects, the next command opens a new one. */
  disconnect(): void;
};

/**
 * Tells an error that Redis answered from every other reply.
 *
 * @example
 * ```ts
 * import { isRedisError } from "./resp.ts";
 *
 * isRedisError({ error: "NOSCRIPT No matching script. Please use EVAL." }); // true
 * ```
 */
export function isRedisError(reply: unknown): reply is RedisError {
  return typeof reply === "object" && reply !== null && "error" in reply;
}

/** Makes a client of the Redis that listens on `port` of 127.0.0.1. */
export function createRedisClient(port: number): RedisClient {
  let conn: Deno.TcpConn | undefined;
  let turns: Promise<unknown> = Promise.resolve();

  function disconnect(): void {
    conn?.close();
    conn = undefined;
  }

  function batch(commands: readonly (readonly string[])[]): Promise<Reply[]> {
    const turn = turns.then(() => exchange(commands));
    turns = turn.catch(() => undefined);
    return turn;
  }

  async function exchange(commands: readonly (readonly string[])[]): Promise<Reply[]> {
    const mine = conn ??= await Deno.connect({ hostname: "127.0.0.1", port });
    try {
      await write(mine, encoder.encode(commands.map(encodeCommand).join("")));
      const read = createReader(mine);
      const replies: Reply[] = [];
      while (replies.length < commands.length) replies.push(await readReply(read));
      return replies;
    } catch (error) {
      if (conn === mine) disconnect();
      throw error;
    }
  }

  async function command(...args: readonly string[]): Promise<Reply> {
    const [reply = null] = await batch([args]);
    return reply;
  }

  return { command, batch, disconnect };
}

type Reader = { line(): Promise<string>; bytes(length: number): Promise<Uint8Array> };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function encodeCommand(args: readonly string[]): string {
  const bulks = args.map((arg) => `$${encoder.encode(arg).length}\r\n${arg}\r\n`);
  return `*${args.length}\r\n${bulks.join("")}`;
}

async function readReply(read: Reader): Promise<Reply> {
  const line = await read.line();
  const rest = line.slice(1);
  switch (line[0]) {
    case "+":
      return rest;
    case "-":
      return { error: rest };
    case ":":
      return Number(rest);
    case "$": {
      if (rest === "-1") return null;
      const bytes = await read.bytes(Number(rest) + 2);
      return decoder.decode(bytes.subarray(0, -2));
    }
    case "*": {
      if (rest === "-1") return null;
      const items: Reply[] = [];
      while (items.length < Number(rest)) items.push(await readReply(read));
      return items;
    }
    default:
      throw new Error(`Cannot read a reply: unknown type, current line is ${JSON.stringify(line)}`);
  }
}

function createReader(conn: Deno.TcpConn): Reader {
  let held: Uint8Array = new Uint8Array();

  async function more(): Promise<void> {
    const chunk = new Uint8Array(16_384);
    const count = await conn.read(chunk);
    if (count === null) throw new Error("Redis closed the connection");
    const joined = new Uint8Array(held.length + count);
    joined.set(held);
    joined.set(chunk.subarray(0, count), held.length);
    held = joined;
  }

  async function bytes(length: number): Promise<Uint8Array> {
    while (held.length < length) await more();
    const taken = held.subarray(0, length);
    held = held.subarray(length);
    return taken;
  }

  async function line(): Promise<string> {
    let end = held.indexOf(10);
    while (end < 0) {
      await more();
      end = held.indexOf(10);
    }
    return decoder.decode((await bytes(end + 1)).subarray(0, -2));
  }

  return { line, bytes };
}

async function write(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  let sent = 0;
  while (sent < bytes.length) sent += await conn.write(bytes.subarray(sent));
}
