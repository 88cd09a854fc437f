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
    ["gate", `${redis ? "Upstash" : "memory"}, pool \`${pool}\`, ${seats}`],
    ["seat", seatRules(config)],
    ["broker", broker ? `HTTP at ${new URL(broker.url).host}` : "embedded"],
    ["delivery", `${config.delivery}: the gate bounds who is given a stream`],
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
    ...(redis === undefined && !dev
      ? ["  warning   without Redis the gate counts for this process alone: run no second one"]
      : []),
  ];
}

function seatRules({ settings }: Config): string {
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
