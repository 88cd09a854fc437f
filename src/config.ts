// Pure: values in, values out.

/**
 * The settings: a record of texts (the environment) becomes a {@linkcode Config}, or every
 * problem at once.
 *
 * @module
 */

import { isTimeZone, type OpenHours, parseHours } from "./addon/hours.ts";
import { isId } from "./gate/ask.ts";
import { DEFAULT_SETTINGS, type PoolSettings } from "./gate/policy.ts";
import { parseTrustProxy, type TrustProxy } from "./http/client.ts";
import { isHttpUrl } from "./http/url.ts";
import type { Bounds, LogLevel } from "./ports.ts";

/** Everything that an operator can set; times in milliseconds. */
export type Config = {
  port: number;
  /** The public origin; without one it is that of each request. */
  baseUrl: string | undefined;
  /** Where the addon's definition stands; without one the open films are served. */
  addonFile: string | undefined;
  /** The HTTP broker; without one the embedded broker answers. */
  broker: { url: string; token: string | undefined; bounds: Bounds } | undefined;
  streamTotalTimeoutMs: number;
  /** Redis over REST; without it the gate is in memory. */
  redis: { url: string; token: string; bounds: Bounds } | undefined;
  pool: string;
  settings: PoolSettings;
  gateOnFailure: "block" | "admit";
  delivery: "direct";
  notice: "video" | "empty";
  /** Without them it is always open. */
  openHours: OpenHours | undefined;
  trustProxy: TrustProxy;
  /** Without one a random secret serves for the process. */
  viewerSecret: string | undefined;
  /** Without one the operator's routes are closed. */
  operatorToken: string | undefined;
  corsAllowOrigins: readonly string[];
  logLevel: LogLevel;
};

/** The settings, or every problem of them as a sentence. */
export type ParsedConfig = { ok: true; config: Config } | { ok: false; problems: string[] };

/** The most that a time or a count may be. */
const MOST = 2_147_483_647;

/** The names of all settings, in the order of `.env.example`. */
export const SETTING_NAMES = [
  "PORT",
  "BASE_URL",
  "ADDON_FILE",
  "BROKER_URL",
  "BROKER_TOKEN",
  "BROKER_ATTEMPT_TIMEOUT_MS",
  "BROKER_TOTAL_TIMEOUT_MS",
  "STREAM_TOTAL_TIMEOUT_MS",
  "UPSTASH_REDIS_REST_URL",
  "UPSTASH_REDIS_REST_TOKEN",
  "KV_REST_API_URL",
  "KV_REST_API_TOKEN",
  "REDIS_URL",
  "REDIS_ATTEMPT_TIMEOUT_MS",
  "REDIS_TOTAL_TIMEOUT_MS",
  "RETRY_JITTER_MS",
  "POOL",
  "MAX_SESSIONS",
  "INACTIVITY_LIMIT_SEC",
  "ROTATION_IDLE_MS",
  "RECONNECT_GRACE_MS",
  "ROTATION_COOLDOWN_MS",
  "GATE_ON_FAILURE",
  "DELIVERY",
  "NOTICE",
  "OPEN_HOURS",
  "TIME_ZONE",
  "TRUST_PROXY",
  "VIEWER_SECRET",
  "OPERATOR_TOKEN",
  "CORS_ALLOW_ORIGINS",
  "LOG_LEVEL",
] as const;

type Name = typeof SETTING_NAMES[number];

const REDIS_OVER_REST: readonly Name[] = [
  "UPSTASH_REDIS_REST_URL",
  "UPSTASH_REDIS_REST_TOKEN",
  "KV_REST_API_URL",
  "KV_REST_API_TOKEN",
];

const SECRETS: readonly Name[] = [
  ...REDIS_OVER_REST,
  "BROKER_TOKEN",
  "REDIS_URL",
  "VIEWER_SECRET",
  "OPERATOR_TOKEN",
];

/** In a URL, credentials stand before an `@` and often after a `?`. */
const MAY_HIDE_A_SECRET = /[@?]/;

/**
 * Reads the settings. An empty text is as good as none.
 *
 * @example
 * ```ts
 * import { parseConfig } from "./config.ts";
 *
 * const parsed = parseConfig({ MAX_SESSIONS: "two" });
 * if (!parsed.ok) parsed.problems[0];
 * // Cannot parse MAX_SESSIONS: must be a whole number from 1 to 2147483647, current value is "two"
 * ```
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): ParsedConfig {
  const problems: string[] = [];

  function given(name: Name): string | undefined {
    return env[name]?.trim() || undefined;
  }

  function wrong(name: Name, rule: string): undefined {
    const value = given(name) ?? "";
    const hidden = SECRETS.includes(name) || MAY_HIDE_A_SECRET.test(value);
    const shown = hidden ? "not shown" : quoted(value);
    problems.push(`Cannot parse ${name}: ${rule}, current value is ${shown}`);
  }

  /** A setting that `read` understands; where it gives `undefined`, the rule was broken. */
  function read<T>(
    name: Name,
    rule: string,
    parse: (text: string) => T | undefined,
  ): T | undefined {
    const text = given(name);
    return text === undefined ? undefined : parse(text) ?? wrong(name, rule);
  }

  function whole(name: Name, least: number, fallback: number, most = MOST): number {
    const rule = wholeRule(least, most);
    return read(name, rule, (text) => parseWhole(text, { least, most })) ?? fallback;
  }

  function oneOf<const T extends string>(name: Name, allowed: readonly T[], fallback: T): T {
    const rule = `must be ${allowed.map((word) => `\`${word}\``).join(" or ")}`;
    return read(name, rule, (text) => allowed.find((word) => word === text)) ?? fallback;
  }

  function secret(name: Name, least: number): string | undefined {
    return read(
      name,
      `must have at least ${least} characters`,
      (text) => text.length >= least ? text : undefined,
    );
  }

  function token(name: Name): string | undefined {
    const rule = "must be visible ASCII characters without spaces";
    return read(name, rule, (text) => /^[!-~]+$/.test(text) ? text : undefined);
  }

  function httpUrl(name: Name): string | undefined {
    return read(
      name,
      "must be an absolute http(s) URL without credentials, query and fragment",
      (text) => isHttpUrl(text) && !/[?#@]/.test(text) ? text.replace(/\/+$/, "") : undefined,
    );
  }

  function bounds(dependency: "BROKER" | "REDIS", attemptMs: number, totalMs: number): Bounds {
    return {
      attemptTimeoutMs: whole(`${dependency}_ATTEMPT_TIMEOUT_MS`, 1, attemptMs),
      totalTimeoutMs: whole(`${dependency}_TOTAL_TIMEOUT_MS`, 1, totalMs),
      retryJitterMs,
    };
  }

  /** A URL and a token that only go together. */
  function pair(urlName: Name, tokenName: Name): { url: string; token: string } | undefined {
    const url = httpUrl(urlName);
    const bearer = token(tokenName);
    if (given(urlName) !== undefined && given(tokenName) === undefined) {
      problems.push(`Cannot use ${urlName}: ${tokenName} must be set with it`);
    }
    if (given(tokenName) !== undefined && given(urlName) === undefined) {
      problems.push(`Cannot use ${tokenName}: ${urlName} must be set with it`);
    }
    return url !== undefined && bearer !== undefined ? { url, token: bearer } : undefined;
  }

  const retryJitterMs = whole("RETRY_JITTER_MS", 0, 120);
  const brokerUrl = httpUrl("BROKER_URL");
  const brokerToken = token("BROKER_TOKEN");
  const brokerBounds = bounds("BROKER", 4000, 9000);
  const redisBounds = bounds("REDIS", 900, 1800);
  const upstash = pair("UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN");
  const kv = pair("KV_REST_API_URL", "KV_REST_API_TOKEN");
  const redis = upstash ?? kv;
  const viewerSecret = secret("VIEWER_SECRET", 32);
  const timeZone = read(
    "TIME_ZONE",
    "must be a time zone of the IANA database, as `Europe/Berlin`",
    (text) => isTimeZone(text) ? text : undefined,
  ) ?? "UTC";

  if (given("REDIS_URL") !== undefined) {
    problems.push(
      "Cannot use REDIS_URL: a plain Redis is not supported yet; use UPSTASH_REDIS_REST_URL",
    );
  }
  const wantsRedis = REDIS_OVER_REST.some((name) => given(name) !== undefined);
  if (wantsRedis && given("VIEWER_SECRET") === undefined) {
    problems.push(
      "Cannot do without VIEWER_SECRET: with Redis every isolate must make the same viewer ids; " +
        "set it to at least 32 random characters",
    );
  }
  if (given("BROKER_TOKEN") !== undefined && given("BROKER_URL") === undefined) {
    problems.push("Cannot use BROKER_TOKEN: BROKER_URL must be set with it");
  }

  const config: Config = {
    port: whole("PORT", 0, 8000, 65535),
    baseUrl: read(
      "BASE_URL",
      "must be an http(s) origin without a path, as `https://weir.example`",
      (text) =>
        isHttpUrl(text) && /^[^/]+\/\/[^/?#@]+\/?$/.test(text) ? new URL(text).origin : undefined,
    ),
    addonFile: given("ADDON_FILE"),
    broker: brokerUrl === undefined
      ? undefined
      : { url: brokerUrl, token: brokerToken, bounds: brokerBounds },
    streamTotalTimeoutMs: whole("STREAM_TOTAL_TIMEOUT_MS", 1, 11_000),
    redis: redis === undefined ? undefined : { ...redis, bounds: redisBounds },
    pool: read(
      "POOL",
      "must be 1 to 64 of A-Z a-z 0-9 _ -",
      (text) => isId(text) ? text : undefined,
    ) ?? "default",
    settings: {
      capacity: whole("MAX_SESSIONS", 1, DEFAULT_SETTINGS.capacity),
      inactivityMs: 1000 *
        whole("INACTIVITY_LIMIT_SEC", 1, DEFAULT_SETTINGS.inactivityMs / 1000),
      rotationIdleMs: read<number | "off">(
        "ROTATION_IDLE_MS",
        `${wholeRule(1, MOST)}, or \`off\``,
        (text) => text === "off" ? text : parseWhole(text, { least: 1, most: MOST }),
      ) ?? DEFAULT_SETTINGS.rotationIdleMs,
      graceMs: whole("RECONNECT_GRACE_MS", 0, DEFAULT_SETTINGS.graceMs),
      cooldownMs: whole("ROTATION_COOLDOWN_MS", 0, DEFAULT_SETTINGS.cooldownMs),
      memoryMs: DEFAULT_SETTINGS.memoryMs,
    },
    gateOnFailure: oneOf("GATE_ON_FAILURE", ["block", "admit"], "block"),
    delivery: oneOf("DELIVERY", ["direct"], "direct"),
    notice: oneOf("NOTICE", ["video", "empty"], "video"),
    openHours: read(
      "OPEN_HOURS",
      "must be a range of local time, as `08:00-24:00`",
      (text) => parseHours(text, timeZone),
    ),
    trustProxy: read(
      "TRUST_PROXY",
      "must be a hop count, or a list of addresses, CIDRs, `loopback` and `private`",
      parseTrustProxy,
    ) ?? { kind: "none" },
    viewerSecret,
    operatorToken: secret("OPERATOR_TOKEN", 24),
    corsAllowOrigins: read(
      "CORS_ALLOW_ORIGINS",
      "must be a list of origins, as `https://panel.example`",
      parseOrigins,
    ) ?? [],
    logLevel: oneOf("LOG_LEVEL", ["debug", "info", "warn", "error"], "info"),
  };
  return problems.length === 0 ? { ok: true, config } : { ok: false, problems };
}

function wholeRule(least: number, most: number): string {
  return `must be a whole number from ${least} to ${most}`;
}

function parseWhole(
  text: string,
  { least, most }: { least: number; most: number },
): number | undefined {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : undefined;
}

function parseOrigins(text: string): string[] | undefined {
  const origins = text.split(/[\s,]+/).filter((word) => word !== "");
  const valid = origins.every((word) => isHttpUrl(word) && new URL(word).origin === word);
  return valid ? origins : undefined;
}

function quoted(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
