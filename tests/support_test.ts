import { Redis } from "@upstash/redis";
import { assertEquals, assertRejects, assertStringIncludes } from "./support/assert.ts";
import { startRedis } from "./support/redis_server.ts";
import { startRestBridge } from "./support/rest_bridge.ts";
import { createRestDouble } from "./support/rest_double.ts";
import { KEY_LOCKING_LINE, NO_SCRIPT, sha1, UNEXPECTED_FLAG } from "./support/rest_scripts.ts";
import { testWithRedis } from "./support/test_with_redis.ts";

const COUNT = `return redis.call("INCR", KEYS[1])`;

function ask(url: string, token: string, command: unknown, headers?: HeadersInit): Request {
  const request = new Request(url, { method: "POST", body: JSON.stringify(command) });
  for (const [name, value] of new Headers(headers)) request.headers.set(name, value);
  request.headers.set("Authorization", `Bearer ${token}`);
  return request;
}

async function read(response: Promise<Response>): Promise<[number, unknown]> {
  const { status } = await response;
  return [status, await (await response).json()];
}

testWithRedis("startRedis() gives a Redis whose every kind of reply is read", async (redis) => {
  const long = "ñ€".repeat(20_000);
  assertEquals(await redis.command("SET", "k", long), "OK");
  assertEquals(await redis.command("GET", "k"), long);
  assertEquals(await redis.command("GET", "none"), null);
  assertEquals(await redis.command("EVAL", "return {1, '', {'a\\r\\nb', -2}, false}", "0"), [
    1,
    "",
    ["a\r\nb", -2],
    null,
  ]);
  assertEquals(await redis.command("EVALSHA", "0".repeat(40), "0"), { error: NO_SCRIPT });
});

testWithRedis("command() called many times at once gives each its own reply", async (redis) => {
  const echoes = Array.from({ length: 200 }, (_, i) => `${i}`);
  assertEquals(await Promise.all(echoes.map((text) => redis.command("ECHO", text))), echoes);
  assertEquals(await redis.batch([["INCR", "n"], ["INCR", "n"], ["NOPE"], ["GET", "n"]]), [
    1,
    2,
    { error: "ERR unknown command 'NOPE', with args beginning with: " },
    "2",
  ]);
});

testWithRedis("pause() holds every answer until resume()", async (redis) => {
  let answered = false;
  redis.pause();
  const ping = redis.command("PING").finally(() => answered = true);
  await using other = await startRedis();
  assertEquals(await other.command("PING"), "PONG");
  assertEquals(answered, false);
  redis.resume();
  assertEquals(await ping, "PONG");
});

testWithRedis(
  "kill() fails commands, and restart() serves an empty Redis on the same port",
  async (redis) => {
    await redis.command("SET", "k", "v");
    redis.pause();
    const lost = assertRejects(() => redis.command("PING"));
    await redis.kill();
    await lost;
    await assertRejects(() => redis.command("PING"), Deno.errors.ConnectionRefused);
    await redis.restart();
    assertEquals(await redis.command("GET", "k"), null);
    assertStringIncludes(`${await redis.command("INFO", "server")}`, `tcp_port:${redis.port}\r\n`);
  },
);

testWithRedis("a disposed server is gone, and several have a port each", async () => {
  const servers = await Promise.all([startRedis(), startRedis(), startRedis()]);
  assertEquals(new Set(servers.map(({ port }) => port)).size, 3);
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  for (const { port } of servers) {
    await assertRejects(
      () => Deno.connect({ hostname: "127.0.0.1", port }),
      Deno.errors.ConnectionRefused,
    );
  }
});

testWithRedis("the bridge serves @upstash/redis, base64 or not", async (redis) => {
  await using bridge = startRestBridge(redis);
  const { url, token } = bridge;
  for (const responseEncoding of ["base64", false] as const) {
    const client = new Redis({
      url,
      token,
      responseEncoding,
      retry: { retries: 0 },
      automaticDeserialization: false,
      enableTelemetry: false,
    });
    assertEquals(await client.set("k", "Caminandés €"), "OK");
    assertEquals(await client.get("k"), "Caminandés €");
    assertEquals(await client.eval("return {1, 'OK', {KEYS[1], ARGV[1]}, false}", ["k"], ["12"]), [
      1,
      "OK",
      ["k", "12"],
      null,
    ]);
    assertEquals(await client.pipeline().ping().set("n", 1).incr("n").exec(), ["PONG", "OK", 2]);
    assertEquals(await client.multi().set("n", 5).get("n").exec(), ["OK", "5"]);
    await assertRejects(() => client.evalsha(`${"0".repeat(40)}`, [], []), Error, NO_SCRIPT);
  }
  assertEquals(bridge.requests, 12);
  assertEquals(bridge.commands.slice(0, 2), [["set", "k", "Caminandés €"], ["get", "k"]]);
});

testWithRedis(
  "the bridge encodes all strings but OK where asked, and refuses as Upstash does",
  async (redis) => {
    await using bridge = startRestBridge(redis);
    const { url, token } = bridge;
    const base64 = { "Upstash-Encoding": "base64" };
    const answer = (request: Request) => read(fetch(request));

    assertEquals(await answer(ask(url, token, ["SET", "k", 7], base64)), [200, { result: "OK" }]);
    assertEquals(await answer(ask(url, token, ["GET", "k"], base64)), [200, { result: "Nw==" }]);
    assertEquals(await answer(ask(url, token, ["EVAL", "return {'OK', 1}", "0"], base64)), [200, {
      result: ["T0s=", 1],
    }]);
    assertEquals(await answer(ask(url, token, ["GET", "k"])), [200, { result: "7" }]);
    assertEquals(await answer(ask(url, token, ["EVALSHA", await sha1(COUNT), "1", "n"])), [400, {
      error: NO_SCRIPT,
    }]);
    assertEquals(await answer(ask(url, token, "GET k")), [400, {
      error: "ERR failed to parse command",
    }]);
    assertEquals(await answer(ask(`${url}/multi-exec`, token, [["SET", "k", "8"], ["NOPE"]])), [
      400,
      { error: "EXECABORT Transaction discarded because of previous errors." },
    ]);
    assertEquals(await answer(ask(`${url}/pipeline`, token, [["GET", "k"], ["NOPE"]])), [200, [
      { result: "7" },
      { error: "ERR unknown command 'NOPE', with args beginning with: " },
    ]]);
    const seen = bridge.commands.length;
    assertEquals(await answer(ask(url, "wrong", ["GET", "k"])), [401, {
      error: "WRONGPASS invalid or missing auth token",
    }]);
    assertEquals(bridge.commands.length, seen);
    assertEquals(bridge.requests, 9);
  },
);

testWithRedis(
  "the bridge takes the key-locking line with upstash, and Redis refuses it without",
  async (redis) => {
    const script = `${KEY_LOCKING_LINE}\n${COUNT}`;
    await using plain = startRestBridge(redis);
    await using upstash = startRestBridge(redis, { upstash: true });
    const byText = ["EVAL", script, "1", "n"];
    const bySha = ["evalsha", await sha1(script), "1", "n"];
    const send = (bridge: typeof plain, command: string[]) =>
      read(fetch(ask(bridge.url, bridge.token, command)));

    assertEquals(await send(plain, byText), [400, { error: UNEXPECTED_FLAG }]);
    assertEquals(await send(upstash, bySha), [400, { error: NO_SCRIPT }]);
    assertEquals(await send(upstash, byText), [200, { result: 1 }]);
    assertEquals(await send(upstash, bySha), [200, { result: 2 }]);
    assertEquals(await send(plain, bySha), [400, { error: NO_SCRIPT }]);
    await redis.restart();
    assertEquals(await send(upstash, bySha), [400, { error: NO_SCRIPT }]);
    assertEquals(upstash.commands, [bySha, byText, bySha, bySha]);
  },
);

testWithRedis("the bridge answers 503 while Redis is gone", async (redis) => {
  await using bridge = startRestBridge(redis);
  const ping = () => read(fetch(ask(bridge.url, bridge.token, ["PING"])));
  await redis.kill();
  assertEquals(await ping(), [503, { error: "ERR the database cannot be reached" }]);
  await redis.restart();
  assertEquals(await ping(), [200, { result: "PONG" }]);
});

testWithRedis("a disposed bridge waits for nobody, whatever hangs", async (redis) => {
  const bridge = startRestBridge(redis);
  const { url, token } = bridge;
  const arrived = Promise.withResolvers<void>();
  bridge.intercept = (_call, next) => {
    arrived.resolve();
    return next();
  };
  redis.pause();
  const lost = assertRejects(() => fetch(ask(url, token, ["PING"])), TypeError);
  await arrived.promise;
  await bridge[Symbol.asyncDispose]();
  await lost;
  await assertRejects(() => fetch(ask(url, token, ["PING"])), TypeError);
});

Deno.test("the double knows a script by the sha of a text that it has run", async () => {
  const ran: unknown[] = [];
  const double = createRestDouble((...run) => ran.push(run));
  const send = (...command: unknown[]) =>
    read(double.fetch(ask("https://redis.example", double.token, command)));
  const bySha = ["EVALSHA", await sha1(COUNT), 2, "a", "b", "c"];

  assertEquals(await send(...bySha), [400, { error: NO_SCRIPT }]);
  assertEquals(await send("EVAL", COUNT, 0), [200, { result: 1 }]);
  assertEquals(await send(...bySha), [200, { result: 2 }]);
  assertEquals(ran, [[COUNT, [], []], [COUNT, ["a", "b"], ["c"]]]);
  double.forgetScripts();
  assertEquals(await send(...bySha), [400, { error: NO_SCRIPT }]);
  assertEquals(await send("PING"), [200, { result: "PONG" }]);
  assertEquals(await send("GET", "k"), [400, { error: "ERR unknown command 'GET'" }]);
  assertEquals(double.requests, 6);
  assertEquals(double.commands[0], bySha.map(String));
});

Deno.test("the double takes the key-locking line with upstash alone, and gives errors as Redis does", async () => {
  const script = `${KEY_LOCKING_LINE}\n${COUNT}`;
  const runScript = (text: string) => text === `\n${COUNT}` ? { error: "ERR no" } : "run";
  const plain = createRestDouble(runScript);
  const upstash = createRestDouble(runScript, { upstash: true, token: "other" });
  const send = (double: typeof plain, token: string) =>
    read(double.fetch(ask("https://redis.example", token, ["EVAL", script, "0"])));

  assertEquals(await send(plain, plain.token), [400, { error: UNEXPECTED_FLAG }]);
  assertEquals(await send(upstash, "other"), [400, { error: "ERR no" }]);
  assertEquals((await send(upstash, plain.token))[0], 401);
});
