import { parseConfig } from "../src/config.ts";
import { greeting } from "../src/entry/greeting.ts";
import { assert, assertEquals, assertStringIncludes } from "./support/assert.ts";
import { sampleLookup } from "./support/definition.ts";

const LOOKUP = sampleLookup();
const REDIS = {
  UPSTASH_REDIS_REST_URL: "https://redis.example",
  UPSTASH_REDIS_REST_TOKEN: "the-token-of-redis",
  VIEWER_SECRET: "the secret of all viewers, 32 and more",
};

const TCP = {
  REDIS_URL: "redis://:the-password-of-redis@redis.example",
  VIEWER_SECRET: REDIS.VIEWER_SECRET,
};

function greet(env: Record<string, string> = {}, dev = false): string[] {
  const parsed = parseConfig(env);
  assert(parsed.ok);
  return greeting({ config: parsed.config, lookup: LOOKUP }, { port: 8000, dev });
}

/** What is said of one thing. */
function line(what: string, env: Record<string, string> = {}): string {
  const found = greet(env).find((text) => text.startsWith(`  ${what} `));
  assert(found, what);
  return found.slice(what.length + 2).trim();
}

Deno.test("greeting() says the addon's name, the address and the install link", () => {
  assertEquals(greet()[0], "Weir serves Sample 1.2.3-rc.1");
  assertEquals(line("address"), "http://127.0.0.1:8000/");
  assertEquals(line("install"), "stremio://127.0.0.1:8000/manifest.json");
  const env = { BASE_URL: "https://weir.example" };
  assertEquals(line("address", env), "https://weir.example/");
  assertEquals(line("install", env), "stremio://weir.example/manifest.json");
});

Deno.test("greeting() says which gate, with how many seats", () => {
  assertEquals(line("gate"), "memory, pool `default`, 2 seats");
  assertEquals(
    line("gate", { ...REDIS, POOL: "home", MAX_SESSIONS: "1" }),
    "Upstash, pool `home`, 1 seat",
  );
  assertEquals(line("gate", TCP), "Redis, pool `default`, 2 seats");
});

Deno.test("greeting() says how long a seat is protected, and when it lapses", () => {
  const seats: [Record<string, string>, string][] = [
    [{}, "protected for 45 s after each request, lapses after 20 min unseen"],
    [{ ROTATION_IDLE_MS: "1500", RECONNECT_GRACE_MS: "0" }, "protected for 1.5 s"],
    [{ ROTATION_IDLE_MS: "500", RECONNECT_GRACE_MS: "20000" }, "protected for 20 s"],
    [{ ROTATION_IDLE_MS: "off", INACTIVITY_LIMIT_SEC: "90" }, "never rotated, lapses after 90 s"],
  ];
  for (const [env, text] of seats) assertStringIncludes(line("seat", env), text);
});

Deno.test("greeting() says which broker by its host, which delivery, and what is open", () => {
  assertEquals(line("broker"), "embedded");
  assertEquals(
    line("broker", { BROKER_URL: "https://broker.example:8443/a" }),
    "HTTP at broker.example:8443",
  );
  assertStringIncludes(line("delivery"), "direct");
  assertEquals(line("open"), "always");
  const env = { OPEN_HOURS: "08:05-24:00", TIME_ZONE: "Europe/Berlin" };
  assertEquals(line("open", env), "08:05 to 24:00, Europe/Berlin");
  assertStringIncludes(line("operator"), "closed");
  assertEquals(line("operator", { OPERATOR_TOKEN: "t".repeat(24) }), "with OPERATOR_TOKEN");
});

Deno.test("greeting() warns that a gate in memory counts for this process alone, but not in dev", () => {
  const warns = (lines: string[]) => lines.some((text) => text.includes("this process alone"));
  assertEquals(warns(greet()), true);
  assertEquals(warns(greet({}, true)), false);
  assertEquals(warns(greet(REDIS)), false);
  assertEquals(warns(greet(TCP)), false);
});

Deno.test("greeting() shows no secret", () => {
  const env = {
    ...REDIS,
    BROKER_URL: "https://broker.example",
    BROKER_TOKEN: "the-token-of-the-broker",
    OPERATOR_TOKEN: "the-token-of-the-operator",
  };
  const said = [...greet(env), ...greet(TCP)].join("\n");
  for (const [name, value] of Object.entries(env)) {
    if (name !== "BROKER_URL") assertEquals(said.includes(value), false, name);
  }
});
