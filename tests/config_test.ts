import { type Config, parseConfig } from "../src/config.ts";
import { SETTING_NAMES } from "../src/setting_names.ts";
import { assert, assertEquals, assertStringIncludes } from "./support/assert.ts";
import { type Setting, SETTINGS } from "./support/settings.ts";

type Env = Record<string, string>;

function parse(env: Env): Config {
  const parsed = parseConfig(env);
  assert(parsed.ok, parsed.ok ? "" : parsed.problems.join("\n"));
  return parsed.config;
}

function problemsOf(env: Env): readonly string[] {
  const parsed = parseConfig(env);
  return parsed.ok ? [] : parsed.problems;
}

const SECRET = "s".repeat(32);
const UPSTASH: Env = {
  UPSTASH_REDIS_REST_URL: "https://redis.example",
  UPSTASH_REDIS_REST_TOKEN: "redis-token",
  VIEWER_SECRET: SECRET,
};
const KV: Env = {
  KV_REST_API_URL: "https://kv.example",
  KV_REST_API_TOKEN: "kv-token",
  VIEWER_SECRET: SECRET,
};

function without(env: Env, name: string): Env {
  return Object.fromEntries(Object.entries(env).filter(([key]) => key !== name));
}

Deno.test("parseConfig() knows every setting that these tests know, and no other", () => {
  const elsewhere = [...Object.keys(UPSTASH), ...Object.keys(KV), "REDIS_URL"];
  const known = new Set([...Object.keys(SETTINGS), ...elsewhere]);
  assertEquals([...known].sort(), [...SETTING_NAMES].sort());
});

for (const [name, setting] of Object.entries(SETTINGS) as [string, Setting][]) {
  const besides = setting.besides ?? {};

  Deno.test(`${name} has its default, unset or empty`, () => {
    for (const env of [{}, { [name]: "" }, { [name]: "  " }]) {
      assertEquals(setting.read(parse({ ...besides, ...env })), setting.standard);
    }
  });

  Deno.test(`${name} takes what is valid`, () => {
    for (const [text, value] of setting.valid) {
      assertEquals(setting.read(parse({ ...besides, [name]: text })), value, text);
      assertEquals(setting.read(parse({ ...besides, [name]: ` ${text}\n` })), value, text);
    }
  });

  Deno.test(`${name} refuses what is not, by its name, the rule and the value`, () => {
    for (const text of setting.invalid) {
      const shown = setting.secret ? "not shown" : JSON.stringify(text);
      assertEquals(problemsOf({ ...besides, [name]: text }), [
        `Cannot parse ${name}: ${setting.rule}, current value is ${shown}`,
      ]);
    }
  });
}

Deno.test("parseConfig() reads a pair of Redis settings, the first where there are both", () => {
  assertEquals(parse({}).redis, undefined);
  const bounds = { attemptTimeoutMs: 900, totalTimeoutMs: 1800, retryJitterMs: 120 };
  const upstash = { kind: "rest", url: "https://redis.example", token: "redis-token", bounds };
  assertEquals(parse(UPSTASH).redis, upstash as never);
  const kv = { kind: "rest", url: "https://kv.example", token: "kv-token", bounds };
  assertEquals(parse(KV).redis, kv as never);
  assertEquals(parse({ ...KV, ...UPSTASH }).redis, upstash as never);
});

Deno.test("parseConfig() refuses half a pair, also beside a whole one", () => {
  for (const pair of [UPSTASH, KV]) {
    const [url, token] = Object.keys(pair) as [string, string];
    for (const [missing, given] of [[url, token], [token, url]] as const) {
      const problem = `Cannot use ${given}: ${missing} must be set with it`;
      assertEquals(problemsOf(without(pair, missing)), [problem]);
      assertEquals(problemsOf({ ...pair, [missing]: " " }), [problem]);
      const other = pair === KV ? UPSTASH : KV;
      assertEquals(problemsOf({ ...other, ...without(pair, missing) }), [problem]);
    }
  }
});

Deno.test("parseConfig() refuses a Redis address or token that cannot be one, and never shows it", () => {
  for (const pair of [UPSTASH, KV]) {
    const [url, token] = Object.keys(pair) as [string, string];
    for (const bad of ["redis.example", "redis://h", "https://u:p@h", "https://h/?token=t"]) {
      const [problem, ...more] = problemsOf({ ...pair, [url]: bad });
      assertEquals(more, []);
      assertStringIncludes(problem!, `Cannot parse ${url}: must be an absolute http(s) URL`);
      assertEquals(problem!.endsWith("current value is not shown"), true);
    }
    const [problem] = problemsOf({ ...pair, [token]: "two words" });
    assertStringIncludes(problem!, `Cannot parse ${token}: must be visible ASCII`);
    assertEquals(problem!.includes("two words"), false);
  }
});

Deno.test("parseConfig() wants VIEWER_SECRET with Redis, also where the pair has a fault of its own", () => {
  const wanted = "Cannot do without VIEWER_SECRET";
  for (
    const env of [
      without(UPSTASH, "VIEWER_SECRET"),
      without(KV, "VIEWER_SECRET"),
      { UPSTASH_REDIS_REST_URL: "nonsense", UPSTASH_REDIS_REST_TOKEN: "t" },
      { KV_REST_API_URL: "https://kv.example" },
    ]
  ) {
    const found = problemsOf(env).filter((problem) => problem.startsWith(wanted));
    assertEquals(found.length, 1, JSON.stringify(env));
  }
});

Deno.test("parseConfig() reads the URL of a plain Redis, and never shows it", () => {
  const bounds = { attemptTimeoutMs: 900, totalTimeoutMs: 1800, retryJitterMs: 120 };
  for (
    const url of [
      "redis://127.0.0.1:6379",
      "rediss://user:p%40ss@redis.example:6380/2",
      "redis://:pass-word@[::1]",
    ]
  ) {
    const env = { REDIS_URL: url, VIEWER_SECRET: SECRET };
    assertEquals(parse(env).redis, { kind: "tcp", url, bounds });
  }
  for (
    const url of [
      "redis.example:6379",
      "http://redis.example",
      "redis:redis.example",
      "redis://",
      "redis://redis.example/two",
      "redis://redis.example:port",
      "redis://redis.example/?hidden",
      "redis://:hid%den@redis.example",
      "redis://:hidden%ff@redis.example",
    ]
  ) {
    assertEquals(problemsOf({ REDIS_URL: url, VIEWER_SECRET: SECRET }), [
      "Cannot parse REDIS_URL: must be a redis:// or rediss:// URL, as `redis://127.0.0.1:6379`, " +
      "current value is not shown",
    ]);
  }
});

Deno.test("parseConfig() wants VIEWER_SECRET with a plain Redis", () => {
  const [problem, ...others] = problemsOf({ REDIS_URL: "redis://127.0.0.1" });
  assertStringIncludes(problem!, "Cannot do without VIEWER_SECRET");
  assertEquals(others, []);
});

Deno.test("parseConfig() refuses REDIS_URL together with an Upstash pair, or half of one", () => {
  for (const pair of [UPSTASH, KV]) {
    const [name] = Object.keys(pair);
    const told = `Cannot use REDIS_URL: ${name} must not be set with it, a pool has one Redis`;
    const tcp = { REDIS_URL: "redis://:pass-word@h:6379" };
    assertEquals(problemsOf({ ...pair, ...tcp }), [told]);
    const half = { [name!]: pair[name!]!, VIEWER_SECRET: SECRET, ...tcp };
    assert(problemsOf(half).includes(told));
  }
});

Deno.test("parseConfig() refuses BROKER_TOKEN without BROKER_URL", () => {
  assertEquals(problemsOf({ BROKER_TOKEN: "token" }), [
    "Cannot use BROKER_TOKEN: BROKER_URL must be set with it",
  ]);
});

Deno.test("parseConfig() lists every problem at once", () => {
  const env: Env = {};
  for (const [name, { invalid }] of Object.entries(SETTINGS)) {
    if (invalid[0] !== undefined) env[name] = invalid[0];
  }
  const problems = problemsOf(env);
  for (const name of Object.keys(env)) {
    const told = problems.filter((problem) => problem.startsWith(`Cannot parse ${name}: `));
    assertEquals(told.length, 1, name);
  }
  assertEquals(problems.length, Object.keys(env).length);
});

Deno.test("parseConfig() never shows a secret, wherever in a value it stands", () => {
  const marks: Env = {
    BROKER_URL: "https://anna:hidden@broker.example",
    BROKER_TOKEN: "hid den",
    BASE_URL: "https://anna:hidden@weir.example",
    UPSTASH_REDIS_REST_URL: "hidden",
    UPSTASH_REDIS_REST_TOKEN: "hid den",
    KV_REST_API_URL: "hidden",
    KV_REST_API_TOKEN: "hid den",
    REDIS_URL: "redis://:hidden@h",
    VIEWER_SECRET: "hidden",
    OPERATOR_TOKEN: "hidden",
  };
  for (const env of [marks, { BROKER_URL: "https://broker.example/?token=hidden" }]) {
    const problems = problemsOf(env);
    assert(problems.length >= Object.keys(env).length);
    for (const problem of problems) {
      assertEquals(/hid ?den/.test(problem), false, problem);
    }
  }
});

Deno.test("parseConfig() refuses a POOL of more than 64 characters, and cuts a long value short", () => {
  assertStringIncludes(problemsOf({ POOL: "p".repeat(65) })[0]!, "Cannot parse POOL");
  const [problem] = problemsOf({ LOG_LEVEL: "x".repeat(5000) });
  assert(problem!.length < 200);
});

Deno.test("parseConfig() counts the embedded broker where BROKER_URL is unset", () => {
  assertEquals(parse({}).broker, undefined);
  assertEquals(parse({ RETRY_JITTER_MS: "0", BROKER_URL: "http://b" }).broker?.bounds, {
    attemptTimeoutMs: 4000,
    totalTimeoutMs: 9000,
    retryJitterMs: 0,
  });
});

Deno.test("parseConfig() refuses beats so rare that who watches looks idle", () => {
  const problems = (env: Record<string, string>) => {
    const parsed = parseConfig({ DELIVERY: "proxy", ...env });
    return parsed.ok ? [] : parsed.problems;
  };
  assertEquals(problems({ BEAT_SEC: "23" }), [
    "Cannot use BEAT_SEC: ROTATION_IDLE_MS must be at least twice as long, or who watches looks idle",
  ]);
  assertEquals(problems({ BEAT_SEC: "22" }), []);
  assertEquals(problems({ BEAT_SEC: "60", ROTATION_IDLE_MS: "150000" }), []);
  assertEquals(problems({ BEAT_SEC: "60", ROTATION_IDLE_MS: "off" }), []);
  assertEquals(problems({ BEAT_SEC: "60", DELIVERY: "redirect" }), []);
  assertEquals(problems({ BEAT_SEC: "15", INACTIVITY_LIMIT_SEC: "29" }), [
    "Cannot use BEAT_SEC: INACTIVITY_LIMIT_SEC must be at least twice as long, or who watches is gone",
  ]);
});
