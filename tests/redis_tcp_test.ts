import { createTcpScripts, type TcpScripts } from "../src/entry/redis.ts";
import { DEFAULT_SETTINGS } from "../src/gate/policy.ts";
import { createRedisGate } from "../src/gate/redis.ts";
import { BadReplyError, type Execute, StatusError } from "../src/ports.ts";
import { createExecutor } from "../src/reliability/execute.ts";
import {
  assert,
  assertEquals,
  assertNotMatch,
  assertRejects,
  assertStringIncludes,
} from "./support/assert.ts";
import { denoEntry, nodeEntry, serveEntry } from "./support/entries.ts";
import type { RedisServer } from "./support/redis_server.ts";
import { testWithRedis } from "./support/test_with_redis.ts";

const SCRIPT = "return {ARGV[1]}";
const VIEWERS = 60;
const SEATS = 7;

function scriptsOf({ port }: RedisServer, silenceMs = Infinity): TcpScripts {
  return createTcpScripts({ url: `redis://127.0.0.1:${port}`, silenceMs });
}

/** One number of what Redis tells of itself. */
async function told(redis: RedisServer, section: string, pattern: RegExp): Promise<number> {
  return Number(pattern.exec(`${await redis.command("INFO", section)}`)?.[1] ?? 0);
}

function connections(redis: RedisServer): Promise<number> {
  return told(redis, "stats", /total_connections_received:(\d+)/);
}

function calls(redis: RedisServer, command: string): Promise<number> {
  return told(redis, "commandstats", new RegExp(`cmdstat_${command}:calls=(\\d+)`));
}

/** With no pause before the retry. */
function within(operation: Parameters<Execute>[0]): ReturnType<Execute> {
  const execute = createExecutor({ now: () => performance.now(), random: () => 0 });
  return execute(operation, {
    attemptTimeoutMs: 10_000,
    totalTimeoutMs: 20_000,
    retryJitterMs: 0,
  });
}

async function isOfTheConnection(ask: () => Promise<unknown>): Promise<void> {
  const error = await assertRejects(ask, Error);
  assert(!(error instanceof BadReplyError) && !(error instanceof StatusError));
  assertNotMatch(`${error.message} ${error.stack}`, /ECONN|127\.0\.0\.1:|ARGV|anna/);
}

testWithRedis("concurrent asks converge over TCP, over one connection", async (redis) => {
  using run = scriptsOf(redis);
  const before = await connections(redis);
  const gate = createRedisGate({
    run,
    pool: "test",
    settings: { ...DEFAULT_SETTINGS, capacity: SEATS },
  });
  const round = async () => {
    const asked = Array.from({ length: VIEWERS }, (_, i) => {
      const id = `viewer-${i}`;
      return gate.admit({ session: id, viewer: id });
    });
    return (await Promise.all(asked)).map(({ kind }) => kind);
  };
  const first = await round();
  assertEquals(first.filter((kind) => kind === "new").length, SEATS);
  assertEquals(first.filter((kind) => kind === "blocked").length, VIEWERS - SEATS);
  assertEquals(await round(), first.map((kind) => kind === "new" ? "continued" : kind));
  assertEquals((await gate.list()).occupied, SEATS);
  assertEquals(await connections(redis) - before, 1);
});

testWithRedis(
  "a script is one round trip once the server has it, and again after SCRIPT FLUSH",
  async (redis) => {
    using run = scriptsOf(redis);
    for (let times = 0; times < 3; times++) assertEquals(await run(SCRIPT, ["k"], ["7"]), ["7"]);
    assertEquals([await calls(redis, "evalsha"), await calls(redis, "eval")], [3, 1]);
    await redis.command("SCRIPT", "FLUSH");
    for (let times = 0; times < 3; times++) assertEquals(await run(SCRIPT, ["k"], ["8"]), ["8"]);
    assertEquals([await calls(redis, "evalsha"), await calls(redis, "eval")], [6, 2]);
  },
);

testWithRedis("texts come back as texts, whatever they look like", async (redis) => {
  using run = scriptsOf(redis);
  const script = "return {'123', 'null', '', ARGV[1], {'1e3'}}";
  assertEquals(await run(script, ["k"], ["é 🎬"]), ["123", "null", "", "é 🎬", ["1e3"]]);
});

testWithRedis(
  "a Redis that is killed fails each ask at once; back again, it answers the first",
  async (redis) => {
    using run = scriptsOf(redis);
    await run(SCRIPT, ["k"], ["anna"]);
    const hangs = "while true do end";
    const inFlight = isOfTheConnection(() => run(hangs, ["k"], ["anna"]));
    await redis.kill();
    await inFlight;
    for (let times = 0; times < 3; times++) {
      await isOfTheConnection(() => run(SCRIPT, ["k"], ["anna"]));
    }
    assertEquals(await within(() => run(SCRIPT, ["k"], ["anna"])), {
      ok: false,
      failure: { kind: "network" },
      attempts: 2,
    });
    await redis.restart();
    assertEquals(await run(SCRIPT, ["k"], ["anna"]), ["anna"]);
  },
);

testWithRedis("a Redis that restarts between two asks costs one retry at most", async (redis) => {
  using run = scriptsOf(redis);
  await run(SCRIPT, ["k"], ["1"]);
  for (let times = 0; times < 3; times++) {
    await redis.restart();
    const outcome = await within(() => run(SCRIPT, ["k"], ["2"]));
    assertEquals(outcome.ok && outcome.value, ["2"]);
  }
});

testWithRedis("an ask that is given up leaves its connection to the others", async (redis) => {
  using run = scriptsOf(redis);
  await run(SCRIPT, ["k"], ["1"]);
  const before = await connections(redis);
  redis.pause();
  const stop = new AbortController();
  const given = run(SCRIPT, ["k"], ["2"], stop.signal);
  const kept = run(SCRIPT, ["k"], ["3"], new AbortController().signal);
  stop.abort();
  assertEquals((await assertRejects(() => given, DOMException)).name, "AbortError");
  redis.resume();
  assertEquals(await kept, ["3"]);
  assertEquals(await run(SCRIPT, ["k"], ["4"]), ["4"]);
  assertEquals(await connections(redis), before);
  await assertRejects(() => run(SCRIPT, ["k"], ["5"], AbortSignal.abort()), DOMException);
});

testWithRedis(
  "a connection that stays silent while an ask is given up is opened anew",
  async (redis) => {
    using run = scriptsOf(redis, 0);
    await run(SCRIPT, ["k"], ["1"]);
    const before = await connections(redis);
    redis.pause();
    for (let times = 0; times < 3; times++) {
      const stop = new AbortController();
      const given = run(SCRIPT, ["k"], ["2"], stop.signal);
      stop.abort();
      await assertRejects(() => given, DOMException);
    }
    redis.resume();
    assertEquals(await run(SCRIPT, ["k"], ["3"]), ["3"]);
    assert(await connections(redis) > before);
  },
);

testWithRedis(
  "a connection that is given up for its silence is left to those who still wait",
  async (redis) => {
    using run = scriptsOf(redis, 0);
    await run(SCRIPT, ["k"], ["1"]);
    redis.pause();
    const stop = new AbortController();
    const given = run(SCRIPT, ["k"], ["2"], stop.signal);
    const kept = run(SCRIPT, ["k"], ["3"], new AbortController().signal);
    stop.abort();
    await assertRejects(() => given, DOMException);
    const later = run(SCRIPT, ["k"], ["4"]);
    redis.resume();
    assertEquals(await Promise.all([kept, later]), [["3"], ["4"]]);
    // The test's own, and the one that took the place of the silent one.
    while (await told(redis, "clients", /connected_clients:(\d+)/) > 2);
  },
);

testWithRedis("what Redis refuses is a BadReplyError that tells nothing", async (redis) => {
  using run = scriptsOf(redis);
  for (const script of ["return redis.call('NOPE', ARGV[1])", "error(ARGV[1])", "anna"]) {
    const error = await assertRejects(() => run(script, ["k"], ["anna"]), BadReplyError);
    assertNotMatch(`${error.message} ${error.stack}`, /NOPE|anna|user_script/);
  }
  const seat = ["k", "anna"];
  const write = "return redis.call('SET', KEYS[1], ARGV[1])";
  await redis.command("REPLICAOF", "127.0.0.1", "1");
  assertEquals(
    (await assertRejects(() => run(write, seat, ["1"]), BadReplyError)).code,
    "READONLY",
  );
  const before = await connections(redis);
  await redis.command("REPLICAOF", "NO", "ONE");
  assertEquals(await run(write, seat, ["1"]), "OK");
  // The name may mean another server by now.
  assertEquals(await connections(redis), before + 1);
});

testWithRedis(
  "a wrong password is a BadReplyError without it, and the right one is taken",
  async (redis) => {
    await redis.command("CONFIG", "SET", "requirepass", "p@ss/word");
    const at = (userInfo: string) => `redis://${userInfo}127.0.0.1:${redis.port}/1`;
    const wrong = { "": "NOAUTH", ":hidden@": "WRONGPASS", "anna:hidden@": "WRONGPASS" };
    for (const [userInfo, code] of Object.entries(wrong)) {
      using run = createTcpScripts({ url: at(userInfo), silenceMs: Infinity });
      const error = await assertRejects(() => run(SCRIPT, ["k"], ["1"]), BadReplyError);
      assertEquals(error.code, code);
      assertNotMatch(`${error.message} ${error.stack}`, /hidden|WRONGPASS|NOAUTH/);
    }
    using run = createTcpScripts({ url: at(":p%40ss%2Fword@"), silenceMs: Infinity });
    assertEquals(await run(SCRIPT, ["k"], ["1"]), ["1"]);
  },
);

testWithRedis("the entries serve with REDIS_URL, say so, and end on SIGTERM", async (redis) => {
  await using node = await nodeEntry();
  for (const entry of [denoEntry(), node]) {
    await using weir = await serveEntry(entry, {
      REDIS_URL: `redis://127.0.0.1:${redis.port}`,
      VIEWER_SECRET: "the secret of all viewers, 32 and more",
      POOL: entry.name,
    });
    const ready = await fetch(`${weir.origin}/ready`);
    assertEquals([entry.name, ready.status], [entry.name, 200]);
    await ready.body?.cancel();
    const streams = await fetch(`${weir.origin}/stream/movie/weir%3Atest-card.json`);
    assertEquals((await streams.json()).notice, undefined);
    assertEquals(await redis.command("EXISTS", `weir:1:{${entry.name}}:seats`), 1);
    const end = await weir.stop("SIGTERM");
    assertEquals([end.code, end.stderr], [0, ""]);
    assertStringIncludes(end.stdout, `Redis, pool \`${entry.name}\``);
    assert(end.ms < 3000, `${end.ms} ms`);
  }
});
