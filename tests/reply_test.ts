import { BadReplyError } from "../src/ports.ts";
import { readText } from "../src/upstream/reply.ts";
import { assertEquals, assertRejects } from "./support/assert.ts";

const MOST = 64;

/** A reply of 1 000 bytes whose head says otherwise. */
function replyWith(headers: Record<string, string>): Response {
  return new Response("x".repeat(1000), { headers });
}

Deno.test("a body of the length that it tells is read, to the last byte that is allowed", async () => {
  const text = "x".repeat(MOST);
  const whole = new Response(text, { headers: { "content-length": `${MOST}` } });
  assertEquals(await readText(whole, MOST), text);
  assertEquals(await readText(new Response(text), MOST), text);
});

for (
  const [what, headers] of Object.entries({
    "without a length": {},
    "in chunks, whatever length is told": { "content-length": "5", "transfer-encoding": "chunked" },
    "that grows as it is decoded": { "content-length": "5", "content-encoding": "gzip" },
    "whose length is no number": { "content-length": "5, 5" },
    "that tells how long it is": { "content-length": "1000" },
  })
) {
  Deno.test(`a body ${what} is read no further than is allowed`, async () => {
    await assertRejects(() => readText(replyWith(headers), MOST), BadReplyError);
  });
}
