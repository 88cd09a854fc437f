// Pure: values in, values out.

import type { Config } from "../config.ts";
import type { Lookup } from "../addon/lookup.ts";

/** What the server says of itself when it has begun to listen, line by line. */
export function greeting(
  { config, lookup }: { config: Config; lookup: Lookup },
  { port, dev }: { port: number; dev: boolean },
): string[] {
  const origin = config.baseUrl ?? `http://127.0.0.1:${port}`;
  const { redis, settings, broker, pool } = config;
  const seats = settings.capacity === 1 ? "1 seat" : `${settings.capacity} seats`;
  const lines: [string, string][] = [
    ["address", `${origin}/`],
    ["install", `${origin.replace(/^https?/, "stremio")}/manifest.json`],
    ["gate", `${gateName(redis)}, pool \`${pool}\`, ${seats}`],
    ["seat", seatRules(config)],
    ["broker", broker ? `HTTP at ${new URL(broker.url).host}` : "embedded"],
    ["delivery", `${config.delivery.kind}: ${DELIVERIES[config.delivery.kind]}`],
    ["open", openRule(config)],
    [
      "operator",
      config.operatorToken ? "with OPERATOR_TOKEN" : "closed, OPERATOR_TOKEN is not set",
    ],
  ];
  const { name, version } = lookup.definition.manifest;
  return [
    `Weir serves ${name} ${version}`,
    ...lines.map(([what, text]) => `  ${what.padEnd(9)} ${text}`),
    ...(dev ? [] : warnings(config).map((warning) => `  ${"warning".padEnd(9)} ${warning}`)),
  ];
}

/** What is said where the server cannot listen; `code` is what the operating system says of it. */
export function cannotListen(port: number, code: unknown): string {
  const reason = REASONS.get(code) ?? (typeof code === "string" ? code : "unknown");
  return `Cannot listen on PORT: must be a port that is free, current value is ${port} (${reason})`;
}

const REASONS: ReadonlyMap<unknown, string> = new Map([
  ["EADDRINUSE", "another process listens there"],
  ["EACCES", "ports below 1024 need a permission of their own"],
]);

function warnings({ redis, delivery, viewerSecret }: Config): string[] {
  return [
    ...(redis === undefined
      ? ["without Redis the gate counts for this process alone: run no second one"]
      : []),
    ...(delivery.kind !== "direct" && viewerSecret === undefined
      ? ["without VIEWER_SECRET a play's link ends with this process"]
      : []),
  ];
}

const DELIVERIES: Readonly<Record<Config["delivery"]["kind"], string>> = {
  direct: "the gate bounds who is given a stream",
  redirect: "a seat is taken when the player opens the stream",
  proxy: "the bytes come through here, and their flow holds the seat",
};

function gateName(redis: Config["redis"]): string {
  if (redis === undefined) return "memory";
  return redis.kind === "rest" ? "Upstash" : "Redis";
}

function seatRules({ settings, delivery }: Config): string {
  if (delivery.kind === "redirect") {
    return `held for the episode and 3 min, or ${inWords(delivery.redirectHoldMs)} where unknown`;
  }
  const lapses = `lapses after ${inWords(settings.inactivityMs)} unseen`;
  if (settings.rotationIdleMs === "off") return `never rotated, ${lapses}`;
  const protectedMs = Math.max(settings.rotationIdleMs, settings.graceMs);
  return `protected for ${inWords(protectedMs)} after each request, ${lapses}`;
}

function openRule({ openHours }: Config): string {
  if (openHours === undefined) return "always";
  const { from, to, timeZone } = openHours;
  return `${clock(from)} to ${clock(to)}, ${timeZone}`;
}

function clock(minutes: number): string {
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0"))
    .join(":");
}

function inWords(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  return ms % 60_000 === 0 && ms > 60_000 ? `${ms / 60_000} min` : `${ms / 1000} s`;
}
