import { createMemoryGate } from "../src/gate/memory.ts";
import { DEFAULT_SETTINGS } from "../src/gate/policy.ts";
import { createRedisGate } from "../src/gate/redis.ts";
import { BadReplyError, StatusError } from "../src/ports.ts";
import { createRestScripts } from "../src/upstream/upstash.ts";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertNotMatch,
  assertRejects,
} from "./support/assert.ts";
import { createClock } from "./support/clock.ts";
import { startRestBridge } from "./support/rest_bridge.ts";
import { createRestDouble, type RunScript } from "./support/rest_double.ts";
import { badGateway, bodyCut, heldBefore, inTurn, tooManyRequests } from "./support/rest_faults.ts";
import { KEY_LOCKING_LINE } from "./support/rest_scripts.ts";
import { testWithRedis } from "./support/test_with_redis.ts";

const SCRIPT = "return {ARGV[1]}";
const echo: RunScript = (_text, keys, args) => [...keys, ...args];

function scripts(runScript: RunScript, options: Parameters<typeof createRestDouble>[1] = {}) {
  const double = createRestDouble(runScript, options);
  const { token, fetch } = double;
  return { double, run: createRestScripts({ url: "https://redis.example", token, fetch }) };
}

function sent(commands: readonly (readonly string[])[]): string[] {
  return commands.map(([name = "", script = ""]) =>
    name.toUpperCase() + (script.startsWith(KEY_LOCKING_LINE) ? " with the line" : "")
  );
}

Deno.test("a script is one round trip once the server has it", async () => {
  const { double, run } = scripts(echo, { upstash: true });
  for (let times = 0; times < 3; times++) {
    assertEquals(await run(SCRIPT, ["k"], ["7"]), ["k", "7"]);
  }
  assertEquals(sent(double.commands), ["EVALSHA", "EVAL with the line", "EVALSHA", "EVALSHA"]);
  double.forgetScripts();
  assertEquals(await run(SCRIPT, ["k"], ["8"]), ["k", "8"]);
  assertEquals(double.requests, 6);
});

Deno.test("a server that refuses the key-locking line is asked without it, and that is remembered", async () => {
  const { double, run } = scripts(echo);
  assertEquals(await run(SCRIPT, ["k"], ["7"]), ["k", "7"]);
  assertEquals(await run(SCRIPT, ["k"], ["8"]), ["k", "8"]);
  assertEquals(sent(double.commands), [
    "EVALSHA",
    "EVAL with the line",
    "EVALSHA",
    "EVAL",
    "EVALSHA",
  ]);
});

Deno.test("several first asks at once all learn that the line is refused", async () => {
  const { run } = scripts(echo);
  const asked = ["1", "2", "3"].map((arg) => run(SCRIPT, [], [arg]));
  assertEquals(await Promise.all(asked), [["1"], ["2"], ["3"]]);
});

Deno.test("texts come back as texts, whatever they look like", async () => {
  const reply = ["123", "null", "OK", "", "é", ["1e3"]];
  const { run } = scripts(() => reply);
  assertEquals(await run(SCRIPT, [], []), reply);
});

Deno.test("a status that is no success is a StatusError with its Retry-After, asked once", async () => {
  const { double, run } = scripts(echo, { intercept: tooManyRequests(7) });
  const error = await assertRejects(() => run(SCRIPT, [], []), StatusError);
  assertEquals([error.status, error.retryAfterMs], [429, 7000]);
  assertEquals(double.requests, 1);
  const unauthorized = createRestScripts({
    url: "https://redis.example",
    token: "wrong",
    fetch: double.fetch,
  });
  assertEquals(
    (await assertRejects(() => unauthorized(SCRIPT, [], []), StatusError)).status,
    401,
  );
  double.intercept = badGateway;
  assertEquals((await assertRejects(() => run(SCRIPT, [], []), StatusError)).status, 502);
});

Deno.test("a reply that is none is a BadReplyError", async () => {
  for (
    const response of [
      () => new Response("<html>"),
      () => new Response(""),
      () => new Response("null"),
      () => Response.json({}),
      () => Response.json([]),
      () => Response.json({ error: "ERR quota" }, { status: 400 }),
      () => Response.json({ result: "OK" }, { status: 400 }),
      () => Response.json({ result: "OK", error: "ERR quota" }),
      () => Response.json({ result: "OK", error: { code: "OOM" } }),
    ]
  ) {
    const { double, run } = scripts(echo, { intercept: response });
    await assertRejects(() => run(SCRIPT, [], []), BadReplyError);
    assertEquals(double.requests, 1);
  }
});

Deno.test("what Redis refuses is known by Redis' own word alone, and by none that may be another's", async () => {
  const codes: [error: string, code: string | undefined][] = [
    ["OOM command not allowed when used memory > 'maxmemory'.", "OOM"],
    ["NOAUTH Authentication required.", "NOAUTH"],
    ["LOADING", "LOADING"],
    ["ERR Protocol error: unauthenticated multibulk length", "NOAUTH"],
    ["anna is not allowed", undefined],
    ["ANNA-1 is not allowed", undefined],
    ["ABCDEFGHIJKLMNOPQ is too long", undefined],
    ["", undefined],
  ];
  for (const [error, code] of codes) {
    const { run } = scripts(echo, { intercept: () => Response.json({ error }, { status: 400 }) });
    assertEquals((await assertRejects(() => run(SCRIPT, [], []), BadReplyError)).code, code);
  }
});

Deno.test("what fetch throws is thrown on, and a body cut short too, asked once", async () => {
  for (const intercept of [() => Response.error(), bodyCut]) {
    const { double, run } = scripts(echo, { intercept });
    const error = await assertRejects(() => run(SCRIPT, [], []));
    assert(!(error instanceof StatusError) && !(error instanceof BadReplyError));
    assertEquals(double.requests, 1);
  }
});

Deno.test("a signal stops the ask before it, during it and while the body is read", async () => {
  const never = Promise.withResolvers<void>().promise;
  const { double, run } = scripts(echo, { intercept: heldBefore(never) });
  await assertRejects(() => run(SCRIPT, [], [], AbortSignal.abort()), DOMException);
  const stop = new AbortController();
  const asked = run(SCRIPT, [], [], stop.signal);
  await createClock().settle();
  stop.abort();
  await assertRejects(() => asked, DOMException);
  const reading = new AbortController();
  double.intercept = () => new Response(new ReadableStream({ pull: () => reading.abort() }));
  await assertRejects(() => run(SCRIPT, [], [], reading.signal), DOMException);
});

Deno.test("no error tells a script, an argument, the token or the address", async () => {
  const secret = /ARGV|anna|rest-token|redis\.example|EVAL/;
  const faults = [
    badGateway,
    tooManyRequests(1),
    () => Response.error(),
    () => Response.json({ error: `ERR ${SCRIPT} anna rest-token` }, { status: 400 }),
    () => new Response("EVALSHA anna"),
  ];
  for (const intercept of faults) {
    const { run } = scripts(echo, { intercept });
    const error = await assertRejects(() => run(SCRIPT, ["k"], ["anna"]));
    assertInstanceOf(error, Error);
    assertNotMatch(`${error.name} ${error.message} ${error.stack}`, secret);
  }
});

Deno.test("a gate over the double admits by its policy", async () => {
  const clock = createClock();
  const memory = createMemoryGate({ settings: DEFAULT_SETTINGS, now: clock.now });
  const { double, run } = scripts((_text, _keys, args) => {
    const [session = "", , , , viewer = ""] = args;
    const verdict = memory.admit({ session, viewer });
    if (verdict.kind === "blocked" || verdict.kind === "rotated") throw new Error(verdict.kind);
    return `${verdict.at} ${verdict.kind} ${verdict.expiresAt}`;
  }, { intercept: inTurn() });
  const gate = createRedisGate({ run, pool: "test", settings: DEFAULT_SETTINGS });
  const at = clock.now();
  const admitted = { kind: "new", at, expiresAt: at + DEFAULT_SETTINGS.inactivityMs };
  assertEquals(await gate.admit({ session: "anna", viewer: "anna" }), admitted as never);
  const before = double.requests;
  assertEquals((await gate.admit({ session: "anna", viewer: "anna" })).kind, "continued");
  assertEquals(double.requests - before, 1);
});

for (const upstash of [false, true]) {
  testWithRedis(
    `a real Redis runs the scripts, ${upstash ? "with" : "without"} the line`,
    async (redis) => {
      await using bridge = startRestBridge(redis, { upstash });
      const run = createRestScripts({ url: bridge.url, token: bridge.token, fetch });
      const asked = Array.from({ length: 10 }, (_, i) => run(SCRIPT, [], [`${i}`]));
      assertEquals(await Promise.all(asked), Array.from({ length: 10 }, (_, i) => [`${i}`]));
      const before = bridge.requests;
      assertEquals(await run(SCRIPT, [], ["again"]), ["again"]);
      assertEquals(bridge.requests - before, 1);
      const error = await assertRejects(() => run("return redis.call('NOPE')", [], []));
      assertInstanceOf(error, BadReplyError);
    },
  );
}
