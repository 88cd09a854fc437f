/**
 * HTTP/1.1 byte by byte: what `fetch` corrects or refuses to send.
 *
 * @module
 */

/** An answer as it came. */
export type RawAnswer = { status: number; head: string; body: string };

/** Sends a request as it stands, on a connection of its own, and reads until that is closed. */
export async function sendRaw(port: number, lines: readonly string[]): Promise<RawAnswer> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const text = [...lines, "Connection: close", "", ""].join("\r\n");
  await connection.write(new TextEncoder().encode(text));
  const decoder = new TextDecoder();
  let answer = "";
  const buffer = new Uint8Array(65536);
  for (;;) {
    const size = await connection.read(buffer);
    if (size === null) break;
    answer += decoder.decode(buffer.subarray(0, size), { stream: true });
  }
  const [head = "", ...rest] = answer.split("\r\n\r\n");
  return { status: Number(head.split(" ")[1]), head, body: rest.join("\r\n\r\n") };
}

/** Whether anything accepts connections at a port. */
export async function accepts(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}
