import type { Failure } from "../src/ports.ts";
import { createExecutor } from "../src/reliability/execute.ts";
import { createHttpBroker } from "../src/upstream/broker.ts";
import { assertEquals } from "./support/assert.ts";
import { createClock } from "./support/clock.ts";
import { startRawServer } from "./support/raw_server.ts";

const BOUNDS = {
  attemptTimeoutMs: 400,
  totalTimeoutMs: 900,
  retryJitterMs: 100,
  attempts: 1,
} as const;
const HALF_A_BODY = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"url":';

/** The failure of one attempt by the runtime's own `fetch`, with what a test does meanwhile. */
async function failureOf(
  url: string,
  meanwhile: (at: { pass(): Promise<void>; leave(): void }) => Promise<void>,
): Promise<Failure | undefined> {
  const clock = createClock();
  const caller = new AbortController();
  const execute = createExecutor({ now: clock.now, random: () => 0, timeout: clock.timeout });
  const resolve = createHttpBroker({ url, fetch });
  const outcome = execute(
    async ({ signal }) => await resolve("weir:a", signal),
    BOUNDS,
    caller.signal,
  );
  const pass = () => clock.advance(BOUNDS.attemptTimeoutMs);
  await meanwhile({ pass, leave: () => caller.abort() });
  const ended = await outcome;
  return ended.ok ? undefined : ended.failure;
}

for (const [what, bytes] of [["its headers", ""], ["its body", HALF_A_BODY]] as const) {
  Deno.test(`a broker that keeps ${what} back is a timeout when its time is up`, async () => {
    await using server = startRawServer(bytes, { hang: true });
    const failure = await failureOf(server.url, async ({ pass }) => {
      await server.asked;
      await pass();
    });
    assertEquals(failure, { kind: "timeout" });
  });

  Deno.test(`a broker that keeps ${what} back is cancelled when the caller leaves`, async () => {
    await using server = startRawServer(bytes, { hang: true });
    const failure = await failureOf(server.url, async ({ leave }) => {
      await server.asked;
      leave();
    });
    assertEquals(failure, { kind: "cancelled" });
  });

  Deno.test(`a broker that closes before the end of ${what} is a network failure`, async () => {
    await using server = startRawServer(bytes);
    assertEquals(await failureOf(server.url, () => server.asked), { kind: "network" });
  });
}

Deno.test("a broker that is not there is a network failure", async () => {
  const server = startRawServer("");
  await server[Symbol.asyncDispose]();
  assertEquals(await failureOf(server.url, async () => {}), { kind: "network" });
});

Deno.test("a broker that speaks no HTTP is a network failure", async () => {
  await using server = startRawServer("220 mail.example ESMTP\r\n");
  assertEquals(await failureOf(server.url, () => server.asked), { kind: "network" });
});

Deno.test("a broker that redirects in a circle is a network failure", async () => {
  const circle =
    "HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
  await using server = startRawServer(circle);
  assertEquals(await failureOf(server.url, () => server.asked), { kind: "network" });
});
