import { assertEquals, assertRejects, assertStringIncludes } from "./support/assert.ts";
import { startRestBridge } from "./support/rest_bridge.ts";
import { createRestDouble } from "./support/rest_double.ts";
import * as faults from "./support/rest_faults.ts";
import type { RestSeen } from "./support/rest_protocol.ts";
import { testWithRedis } from "./support/test_with_redis.ts";

/** An endpoint with a script that counts its runs, and a way to run it. */
type Wire = {
  endpoint: RestSeen;
  send(signal?: AbortSignal): Promise<Response>;
  count(): Promise<unknown>;
};

const CLAIMS: Record<string, (wire: Wire) => Promise<void>> = {
  async "connectionDropped fails the request and runs nothing"({ endpoint, send, count }) {
    endpoint.intercept = faults.inTurn(faults.connectionDropped);
    await assertRejects(() => send(), TypeError);
    assertEquals(await count(), 1);
    assertEquals(endpoint.requests, 2);
  },

  async "replyLost fails the request after it was run"({ endpoint, send, count }) {
    endpoint.intercept = faults.inTurn(faults.replyLost);
    await assertRejects(() => send(), TypeError);
    assertEquals(await count(), 2);
  },

  async "deliveredTwice runs twice and answers once"({ endpoint, count }) {
    endpoint.intercept = faults.inTurn(faults.deliveredTwice);
    assertEquals(await count(), 2);
    assertEquals(await count(), 3);
    assertEquals(endpoint.commands.length, 2);
  },

  async "badGateway answers a page and runs nothing"({ endpoint, send, count }) {
    endpoint.intercept = faults.inTurn(faults.badGateway);
    const response = await send();
    assertEquals([response.status, response.headers.get("Content-Type")], [502, "text/html"]);
    assertStringIncludes(await response.text(), "<html>");
    assertEquals(await count(), 1);
  },

  async "tooManyRequests() says when to try again and runs nothing"({ endpoint, send, count }) {
    endpoint.intercept = faults.inTurn(faults.tooManyRequests(3));
    const response = await send();
    assertEquals([response.status, response.headers.get("Retry-After")], [429, "3"]);
    await response.body?.cancel();
    assertEquals(await count(), 1);
  },

  async "bodyCut begins the answer and breaks off"({ endpoint, send, count }) {
    endpoint.intercept = faults.inTurn(faults.bodyCut);
    const response = await send();
    assertEquals(response.status, 200);
    await assertRejects(() => response.text(), TypeError);
    assertEquals(await count(), 2);
  },

  async "byteByByte() gives the body as slowly as its steps"({ endpoint, send, count }) {
    const step = Promise.withResolvers<void>();
    let steps = 0;
    let read = false;
    endpoint.intercept = faults.inTurn(faults.byteByByte(() => {
      steps++;
      return step.promise;
    }));
    const text = (await send()).text().finally(() => read = true);
    assertEquals(await count(), 2);
    assertEquals(read, false);
    step.resolve();
    assertEquals(await text, '{"result":1}');
    assertEquals(steps, '{"result":1}'.length);
  },

  async "heldBefore() lets later requests be run first"({ endpoint, count }) {
    const arrived = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    endpoint.intercept = faults.inTurn((call, next) => {
      arrived.resolve();
      return faults.heldBefore(release.promise)(call, next);
    });
    const held = count();
    await arrived.promise;
    assertEquals(await count(), 1);
    release.resolve();
    assertEquals(await held, 2);
  },

  async "heldAfter() runs at once and answers late"({ endpoint, count }) {
    const ran = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    endpoint.intercept = faults.inTurn((call, next) =>
      faults.heldAfter(release.promise)(call, () => next().finally(ran.resolve))
    );
    let answered = false;
    const held = count().finally(() => answered = true);
    await ran.promise;
    assertEquals(await count(), 2);
    assertEquals(answered, false);
    release.resolve();
    assertEquals(await held, 1);
  },

  async "a caller that goes away stops waiting for what is held"({ endpoint, send, count }) {
    const caller = new AbortController();
    const reason = new RangeError("gone");
    const never = Promise.withResolvers<void>();
    endpoint.intercept = faults.inTurn((call, next) => {
      caller.abort(reason);
      return faults.heldBefore(never.promise)(call, next);
    });
    await assertRejects(() => send(caller.signal), RangeError, "gone");
    assertEquals(await count(), 1);
  },

  async "a caller that goes away stops waiting for a slow body"({ endpoint, send }) {
    const caller = new AbortController();
    const never = Promise.withResolvers<void>();
    endpoint.intercept = faults.inTurn(faults.byteByByte(() => never.promise));
    const response = await send(caller.signal);
    caller.abort(new RangeError("gone"));
    await assertRejects(() => response.text(), RangeError, "gone");
  },
};

function wire(
  endpoint: RestSeen,
  options: { url: string; fetch: (request: Request) => Promise<Response> },
): Wire {
  const send = (signal?: AbortSignal) =>
    options.fetch(
      new Request(options.url, {
        method: "POST",
        headers: { Authorization: `Bearer ${endpoint.token}` },
        body: JSON.stringify(["EVAL", `return redis.call("INCR", KEYS[1])`, "1", "n"]),
        ...(signal && { signal }),
      }),
    );
  return { endpoint, send, count: async () => (await (await send()).json()).result };
}

for (const [claim, check] of Object.entries(CLAIMS)) {
  testWithRedis(`bridge: ${claim}`, async (redis) => {
    await using bridge = startRestBridge(redis);
    await check(wire(bridge, { url: bridge.url, fetch }));
  });

  Deno.test(`double: ${claim}`, async () => {
    let runs = 0;
    const double = createRestDouble(() => ++runs);
    await check(wire(double, { url: "https://redis.example", fetch: double.fetch }));
  });
}
