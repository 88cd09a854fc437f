// What each setting is by itself: its default, what it takes, what it refuses (README, "Settings").

import type { Config } from "../../src/config.ts";

/** One setting. */
export type Setting = {
  /** The part of the config that it sets. */
  read: (config: Config) => unknown;
  standard: unknown;
  valid: readonly (readonly [text: string, value: unknown])[];
  invalid: readonly string[];
  rule: string;
  /** Whether its value is never shown. */
  secret?: true;
  /** What has to be set beside it. */
  besides?: Record<string, string>;
};

const MOST = 2_147_483_647;
const BROKER = { BROKER_URL: "https://broker.example" };
const REDIS = {
  UPSTASH_REDIS_REST_URL: "https://redis.example",
  UPSTASH_REDIS_REST_TOKEN: "token",
  VIEWER_SECRET: "s".repeat(32),
};

function whole(
  standard: number,
  read: Setting["read"],
  options: { least?: number; most?: number; scale?: number; besides?: Record<string, string> } = {},
): Setting {
  const { least = 1, most = MOST, scale = 1, besides = {} } = options;
  const numbers = [
    "-1",
    "1.5",
    "1e3",
    "0x10",
    "+5",
    "two",
    "5 5",
    "∞",
    String(most + 1),
    "9".repeat(30),
  ];
  return {
    read,
    standard: standard * scale,
    valid: [least, 7, 600, most].map((value) => [String(value), value * scale]),
    invalid: least > 0 ? [...numbers, String(least - 1)] : numbers,
    rule: `must be a whole number from ${least} to ${most}`,
    besides,
  };
}

function choice(standard: string, read: Setting["read"], others: readonly string[]): Setting {
  const words = [standard, ...others];
  return {
    read,
    standard,
    valid: words.map((word) => [word, word]),
    invalid: [standard.toUpperCase(), "none", "__proto__", `${standard},`],
    rule: "",
  };
}

/** Every setting but the pairs of Redis, which only mean something together. */
export const SETTINGS: Record<string, Setting> = {
  PORT: whole(8000, (config) => config.port, { least: 0, most: 65535 }),
  BASE_URL: {
    read: (config) => config.baseUrl,
    standard: undefined,
    valid: [
      ["https://weir.example", "https://weir.example"],
      ["https://WEIR.example:443/", "https://weir.example"],
      ["http://127.0.0.1:8000", "http://127.0.0.1:8000"],
    ],
    invalid: [
      "weir.example",
      "https://weir.example/path",
      "ftp://weir.example",
      "https://a/#b",
      "https://",
    ],
    rule: "must be an http(s) origin without a path, as `https://weir.example`",
  },
  ADDON_FILE: {
    read: (config) => config.addonFile,
    standard: undefined,
    valid: [["./films.json", "./films.json"]],
    invalid: [],
    rule: "",
  },
  BROKER_URL: {
    read: (config) => config.broker?.url,
    standard: undefined,
    valid: [
      ["http://127.0.0.1:9000", "http://127.0.0.1:9000"],
      ["https://broker.example/base//", "https://broker.example/base"],
    ],
    invalid: ["broker.example", "ftp://broker.example", "/resolve", "https://b/#f", "http:\\\\b"],
    rule: "must be an absolute http(s) URL without credentials, query and fragment",
  },
  BROKER_TOKEN: {
    read: (config) => config.broker?.token,
    standard: undefined,
    valid: [["a-token!", "a-token!"]],
    invalid: ["two words", "tökén", "a\tb"],
    rule: "must be visible ASCII characters without spaces",
    secret: true,
    besides: BROKER,
  },
  BROKER_ATTEMPT_TIMEOUT_MS: whole(4000, (config) => config.broker?.bounds.attemptTimeoutMs, {
    besides: BROKER,
  }),
  BROKER_TOTAL_TIMEOUT_MS: whole(9000, (config) => config.broker?.bounds.totalTimeoutMs, {
    besides: BROKER,
  }),
  STREAM_TOTAL_TIMEOUT_MS: whole(11_000, (config) => config.streamTotalTimeoutMs),
  REDIS_ATTEMPT_TIMEOUT_MS: whole(900, (config) => config.redis?.bounds.attemptTimeoutMs, {
    besides: REDIS,
  }),
  REDIS_TOTAL_TIMEOUT_MS: whole(1800, (config) => config.redis?.bounds.totalTimeoutMs, {
    besides: REDIS,
  }),
  RETRY_JITTER_MS: whole(120, (config) => config.redis?.bounds.retryJitterMs, {
    least: 0,
    besides: REDIS,
  }),
  POOL: {
    read: (config) => config.pool,
    standard: "default",
    valid: [["Home_1-a", "Home_1-a"], ["p".repeat(64), "p".repeat(64)]],
    invalid: ["a b", "a:b", "{a}", "ä"],
    rule: "must be 1 to 64 of A-Z a-z 0-9 _ -",
  },
  MAX_SESSIONS: whole(2, (config) => config.settings.capacity),
  INACTIVITY_LIMIT_SEC: whole(1200, (config) => config.settings.inactivityMs, { scale: 1000 }),
  ROTATION_IDLE_MS: {
    ...whole(45_000, (config) => config.settings.rotationIdleMs),
    valid: [["off", "off"], ["1", 1], [String(MOST), MOST]],
    rule: `must be a whole number from 1 to ${MOST}, or \`off\``,
  },
  RECONNECT_GRACE_MS: whole(15_000, (config) => config.settings.graceMs, { least: 0 }),
  ROTATION_COOLDOWN_MS: whole(60_000, (config) => config.settings.cooldownMs, { least: 0 }),
  GATE_ON_FAILURE: {
    ...choice("block", (config) => config.gateOnFailure, ["admit"]),
    rule: "must be `block` or `admit`",
  },
  DELIVERY: {
    ...choice("direct", (config) => config.delivery.kind, ["redirect", "proxy"]),
    rule: "must be `direct` or `redirect` or `proxy`",
  },
  RESOLVE_AT: {
    ...choice("list", (config) => config.delivery.resolveAt, ["play"]),
    rule: "must be `list` or `play`",
  },
  SHOW_AVAILABILITY: {
    ...choice("on", (config) => config.delivery.showAvailability, ["off"]),
    standard: true,
    valid: [["on", true], ["off", false]],
    rule: "must be `on` or `off`",
  },
  TICKET_TTL_SEC: whole(2_592_000, (config) => config.delivery.ticketTtlMs, { scale: 1000 }),
  PLAY_CACHE_SEC: whole(60, (config) => config.delivery.playCacheMs, { least: 0, scale: 1000 }),
  REDIRECT_HOLD_SEC: whole(5400, (config) => config.delivery.redirectHoldMs, { scale: 1000 }),
  BEAT_SEC: whole(15, (config) => config.delivery.beatMs, { scale: 1000 }),
  GATE_OUTAGE_PLAY_SEC: whole(300, (config) => config.delivery.gateOutagePlayMs, {
    least: 0,
    scale: 1000,
  }),
  STALL_SEC: whole(30, (config) => config.delivery.stallMs, { most: 2_147_483, scale: 1000 }),
  ALLOW_PRIVATE_SOURCES: {
    read: (config) => config.delivery.allowPrivate.map(({ prefix }) => prefix),
    standard: [],
    valid: [["192.168.1.0/24", [24]], ["10.0.0.1, fd00::/8", [32, 8]]],
    invalid: ["private", "10.0.0.0/40", "nas.local"],
    rule: "must be a list of addresses and CIDRs",
  },
  NOTICE: {
    ...choice("video", (config) => config.notice, ["empty"]),
    rule: "must be `video` or `empty`",
  },
  OPEN_HOURS: {
    read: (config) => config.openHours,
    standard: undefined,
    valid: [["22:00-06:30", { from: 1320, to: 390, timeZone: "Europe/Berlin" }]],
    invalid: ["always", "8-12", "24:00-08:00", "08:00-08:00", "08:00-12:00,13:00-14:00"],
    rule: "must be a range of local time, as `08:00-24:00`",
    besides: { TIME_ZONE: "Europe/Berlin" },
  },
  TIME_ZONE: {
    read: (config) => config.openHours?.timeZone,
    standard: "UTC",
    valid: [["Europe/Berlin", "Europe/Berlin"]],
    invalid: ["Berlin", "Mars/Olympus"],
    rule: "must be a time zone of the IANA database, as `Europe/Berlin`",
    besides: { OPEN_HOURS: "08:00-24:00" },
  },
  TRUST_PROXY: {
    read: (config) => config.trustProxy.kind,
    standard: "none",
    valid: [["0", "none"], ["2", "hops"], ["loopback, private,10.0.0.0/8", "ranges"]],
    invalid: ["yes", "-1", "33", "10.0.0.0/40", "proxy.example"],
    rule: "must be a hop count, or a list of addresses, CIDRs, `loopback` and `private`",
  },
  VIEWER_SECRET: {
    read: (config) => config.viewerSecret,
    standard: undefined,
    valid: [["s".repeat(32), "s".repeat(32)]],
    invalid: ["short", "s".repeat(31)],
    rule: "must have at least 32 characters",
    secret: true,
  },
  VIEWER_SECRET_PREVIOUS: {
    read: (config) => config.viewerSecretPrevious,
    standard: undefined,
    valid: [["s".repeat(32), "s".repeat(32)]],
    invalid: ["short", "s".repeat(31)],
    rule: "must have at least 32 characters",
    secret: true,
  },
  OPERATOR_TOKEN: {
    read: (config) => config.operatorToken,
    standard: undefined,
    valid: [["t".repeat(24), "t".repeat(24)]],
    invalid: ["short", "t".repeat(23), "ü".repeat(24)],
    rule: "must be at least 24 visible ASCII characters without spaces",
    secret: true,
  },
  CORS_ALLOW_ORIGINS: {
    read: (config) => config.corsAllowOrigins,
    standard: [],
    valid: [
      ["https://panel.example", ["https://panel.example"]],
      ["https://a.example, http://127.0.0.1:3000", ["https://a.example", "http://127.0.0.1:3000"]],
    ],
    invalid: [
      "*",
      "panel.example",
      "https://panel.example/",
      "https://a.example,https://b/x",
      "null",
    ],
    rule: "must be a list of origins, as `https://panel.example`",
  },
  LOG_LEVEL: {
    ...choice("info", (config) => config.logLevel, ["debug", "warn", "error"]),
    rule: "must be `debug` or `info` or `warn` or `error`",
  },
};
