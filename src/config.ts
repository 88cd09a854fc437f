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
import type { DeliverySettings } from "./delivery/delivery.ts";
import { parseRange, type Range } from "./http/address.ts";
import { parseTrustProxy, type TrustProxy } from "./http/client.ts";
import { isHttpUrl } from "./http/url.ts";
import type { Bounds, LogLevel } from "./ports.ts";
import { createSettingReader, MOST, parseWhole, REDIS_OVER_REST, wholeRule } from "./setting.ts";

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
  /** Redis over REST, or over TCP; without either the gate is in memory. */
  redis:
    | { kind: "rest"; url: string; token: string; bounds: Bounds }
    | { kind: "tcp"; url: string; bounds: Bounds }
    | undefined;
  pool: string;
  settings: PoolSettings;
  gateOnFailure: "block" | "admit";
  delivery: {
    kind: "direct" | "redirect" | "proxy";
    /** Sources in networks that are not public, which may be asked all the same. */
    allowPrivate: readonly Range[];
    beatMs: number;
    gateOutagePlayMs: number;
  } & Omit<DeliverySettings, "kind" | "secrets">;
  notice: "video" | "empty";
  /** Without them it is always open. */
  openHours: OpenHours | undefined;
  trustProxy: TrustProxy;
  /** Without one a random secret serves for the process. */
  viewerSecret: string | undefined;
  /** What was made with it is still read. */
  viewerSecretPrevious: string | undefined;
  /** Without one the operator's routes are closed. */
  operatorToken: string | undefined;
  corsAllowOrigins: readonly string[];
  logLevel: LogLevel;
};

/** Timers of every runtime end at 2^31 - 1 milliseconds; what is set for longer is up at once. */
const LONGEST_TIMER_SEC = 2_147_483;

/** The settings, or every problem of them as a sentence. */
export type ParsedConfig = { ok: true; config: Config } | { ok: false; problems: string[] };

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
  const { problems, given, read, whole, oneOf, token, secret, httpUrl, pair } = createSettingReader(
    env,
  );

  function bounds(dependency: "BROKER" | "REDIS", attemptMs: number, totalMs: number): Bounds {
    return {
      attemptTimeoutMs: whole(`${dependency}_ATTEMPT_TIMEOUT_MS`, 1, attemptMs),
      totalTimeoutMs: whole(`${dependency}_TOTAL_TIMEOUT_MS`, 1, totalMs),
      retryJitterMs,
    };
  }

  const retryJitterMs = whole("RETRY_JITTER_MS", 0, 120);
  const brokerUrl = httpUrl("BROKER_URL");
  const brokerToken = token("BROKER_TOKEN");
  const brokerBounds = bounds("BROKER", 4000, 9000);
  const redisBounds = bounds("REDIS", 900, 1800);
  const upstash = pair("UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN");
  const kv = pair("KV_REST_API_URL", "KV_REST_API_TOKEN");
  const rest = upstash ?? kv;
  const redisUrl = read(
    "REDIS_URL",
    "must be a redis:// or rediss:// URL, as `redis://127.0.0.1:6379`",
    (text) => isRedisUrl(text) ? text : undefined,
  );
  const rotationIdleMs = read<number | "off">(
    "ROTATION_IDLE_MS",
    `${wholeRule(1, MOST)}, or \`off\``,
    (text) => text === "off" ? text : parseWhole(text, { least: 1, most: MOST }),
  ) ?? DEFAULT_SETTINGS.rotationIdleMs;
  const kind = oneOf("DELIVERY", ["direct", "redirect", "proxy"], "direct");
  const viewerSecret = secret("VIEWER_SECRET", 32);
  const timeZone = read(
    "TIME_ZONE",
    "must be a time zone of the IANA database, as `Europe/Berlin`",
    (text) => isTimeZone(text) ? text : undefined,
  ) ?? "UTC";

  const overRest = REDIS_OVER_REST.find((name) => given(name) !== undefined);
  const overTcp = given("REDIS_URL") !== undefined;
  if (overRest !== undefined && overTcp) {
    problems.push(
      `Cannot use REDIS_URL: ${overRest} must not be set with it, a pool has one Redis`,
    );
  }
  if ((overRest !== undefined || overTcp) && given("VIEWER_SECRET") === undefined) {
    problems.push(
      "Cannot do without VIEWER_SECRET: with Redis every isolate must make the same viewer ids; " +
        "set it to at least 32 random characters",
    );
  }
  if (given("BROKER_TOKEN") !== undefined && given("BROKER_URL") === undefined) {
    problems.push("Cannot use BROKER_TOKEN: BROKER_URL must be set with it");
  }

  const beatMs = 1000 * whole("BEAT_SEC", 1, 15);
  const graceMs = whole("RECONNECT_GRACE_MS", 0, DEFAULT_SETTINGS.graceMs);
  const inactivityMs = 1000 *
    whole("INACTIVITY_LIMIT_SEC", 1, DEFAULT_SETTINGS.inactivityMs / 1000);
  if (kind === "proxy" && 2 * beatMs > inactivityMs) {
    problems.push(
      "Cannot use BEAT_SEC: INACTIVITY_LIMIT_SEC must be at least twice as long, or who watches is gone",
    );
  }
  const isRotated = kind === "proxy" && rotationIdleMs !== "off";
  if (isRotated && 2 * beatMs > Math.max(rotationIdleMs, graceMs)) {
    problems.push(
      "Cannot use BEAT_SEC: ROTATION_IDLE_MS must be at least twice as long, or who watches looks idle",
    );
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
    redis: rest !== undefined
      ? { kind: "rest", ...rest, bounds: redisBounds }
      : redisUrl !== undefined
      ? { kind: "tcp", url: redisUrl, bounds: redisBounds }
      : undefined,
    pool: read(
      "POOL",
      "must be 1 to 64 of A-Z a-z 0-9 _ -",
      (text) => isId(text) ? text : undefined,
    ) ?? "default",
    settings: {
      capacity: whole("MAX_SESSIONS", 1, DEFAULT_SETTINGS.capacity),
      inactivityMs,
      // A device that plays from the source itself is not seen, and so never idle.
      rotationIdleMs: kind === "redirect" ? "off" : rotationIdleMs,
      graceMs,
      cooldownMs: whole("ROTATION_COOLDOWN_MS", 0, DEFAULT_SETTINGS.cooldownMs),
      memoryMs: DEFAULT_SETTINGS.memoryMs,
    },
    gateOnFailure: oneOf("GATE_ON_FAILURE", ["block", "admit"], "block"),
    delivery: {
      kind,
      resolveAt: oneOf("RESOLVE_AT", ["list", "play"], "list"),
      showAvailability: oneOf("SHOW_AVAILABILITY", ["on", "off"], "on") === "on",
      ticketTtlMs: 1000 * whole("TICKET_TTL_SEC", 1, 30 * 86_400),
      playCacheMs: 1000 * whole("PLAY_CACHE_SEC", 0, 60),
      redirectHoldMs: 1000 * whole("REDIRECT_HOLD_SEC", 1, 5400),
      beatMs,
      gateOutagePlayMs: 1000 * whole("GATE_OUTAGE_PLAY_SEC", 0, 300),
      stallMs: 1000 * whole("STALL_SEC", 1, 30, LONGEST_TIMER_SEC),
      allowPrivate: read(
        "ALLOW_PRIVATE_SOURCES",
        "must be a list of addresses and CIDRs",
        parseRanges,
      ) ?? [],
    },
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
    viewerSecretPrevious: secret("VIEWER_SECRET_PREVIOUS", 32),
    operatorToken: token("OPERATOR_TOKEN", 24),
    corsAllowOrigins: read(
      "CORS_ALLOW_ORIGINS",
      "must be a list of origins, as `https://panel.example`",
      parseOrigins,
    ) ?? [],
    logLevel: oneOf("LOG_LEVEL", ["debug", "info", "warn", "error"], "info"),
  };
  return problems.length === 0 ? { ok: true, config } : { ok: false, problems };
}

function isRedisUrl(text: string): boolean {
  if (!/^rediss?:\/\/[^\s?#]+$/.test(text) || !URL.canParse(text)) return false;
  const { hostname, pathname, username, password } = new URL(text);
  return hostname !== "" && /^(?:\/\d*)?$/.test(pathname) &&
    canDecode(username + password);
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function parseRanges(text: string): Range[] | undefined {
  const ranges = text.split(/[\s,]+/).map(parseRange);
  return ranges.every((range) => range !== undefined) ? ranges : undefined;
}

function parseOrigins(text: string): string[] | undefined {
  const origins = text.split(/[\s,]+/).filter((word) => word !== "");
  const valid = origins.every((word) => isHttpUrl(word) && new URL(word).origin === word);
  return valid ? origins : undefined;
}
