// Pure: values in, values out.

/**
 * Reading settings: texts by their names, and every problem of them as a sentence that names the
 * setting, the rule and the present value; secrets are never shown.
 *
 * @module
 */

import { isHttpUrl } from "./http/url.ts";
import type { SettingName } from "./setting_names.ts";

/** The settings of Redis over REST, which only go together. */
export const REDIS_OVER_REST: readonly SettingName[] = [
  "UPSTASH_REDIS_REST_URL",
  "UPSTASH_REDIS_REST_TOKEN",
  "KV_REST_API_URL",
  "KV_REST_API_TOKEN",
];

const SECRETS: readonly SettingName[] = [
  ...REDIS_OVER_REST,
  "BROKER_TOKEN",
  "REDIS_URL",
  "VIEWER_SECRET",
  "VIEWER_SECRET_PREVIOUS",
  "OPERATOR_TOKEN",
];

/** In a URL, credentials stand before an `@` and often after a `?`. */
const MAY_HIDE_A_SECRET = /[@?]/;

/** The most that a time or a count may be. */
export const MOST = 2_147_483_647;

/** Reads settings one by one; what is wrong is noted among its `problems`. */
export type SettingReader = {
  readonly problems: string[];
  /** The text of a setting; an empty one is as good as none. */
  given(name: SettingName): string | undefined;
  /** A setting that `parse` understands; where it gives `undefined`, the rule was broken. */
  read<T>(name: SettingName, rule: string, parse: (text: string) => T | undefined): T | undefined;
  whole(name: SettingName, least: number, fallback: number, most?: number): number;
  oneOf<const T extends string>(name: SettingName, allowed: readonly T[], fallback: T): T;
  /** Visible ASCII characters without spaces, as a header takes them. */
  token(name: SettingName, least?: number): string | undefined;
  secret(name: SettingName, least: number): string | undefined;
  httpUrl(name: SettingName): string | undefined;
  /** A URL and a token that only go together. */
  pair(url: SettingName, token: SettingName): { url: string; token: string } | undefined;
};

/** Makes a reader of an environment. */
export function createSettingReader(
  env: Readonly<Record<string, string | undefined>>,
): SettingReader {
  const problems: string[] = [];

  function given(name: SettingName): string | undefined {
    return env[name]?.trim() || undefined;
  }

  function read<T>(
    name: SettingName,
    rule: string,
    parse: (text: string) => T | undefined,
  ): T | undefined {
    const text = given(name);
    if (text === undefined) return undefined;
    const parsed = parse(text);
    if (parsed !== undefined) return parsed;
    const hidden = SECRETS.includes(name) || MAY_HIDE_A_SECRET.test(text);
    const shown = hidden ? "not shown" : quoted(text);
    problems.push(`Cannot parse ${name}: ${rule}, current value is ${shown}`);
    return undefined;
  }

  function token(name: SettingName, least = 1): string | undefined {
    const count = least === 1 ? "" : `at least ${least} `;
    return read(
      name,
      `must be ${count}visible ASCII characters without spaces`,
      (text) => /^[!-~]+$/.test(text) && text.length >= least ? text : undefined,
    );
  }

  function httpUrl(name: SettingName): string | undefined {
    return read(
      name,
      "must be an absolute http(s) URL without credentials, query and fragment",
      (text) => isHttpUrl(text) && !/[?#@]/.test(text) ? text.replace(/\/+$/, "") : undefined,
    );
  }

  return {
    problems,
    given,
    read,
    token,
    httpUrl,
    whole(name, least, fallback, most = MOST) {
      const rule = wholeRule(least, most);
      return read(name, rule, (text) => parseWhole(text, { least, most })) ?? fallback;
    },
    oneOf(name, allowed, fallback) {
      const rule = `must be ${allowed.map((word) => `\`${word}\``).join(" or ")}`;
      return read(name, rule, (text) => allowed.find((word) => word === text)) ?? fallback;
    },
    secret: (name, least) =>
      read(
        name,
        `must have at least ${least} characters`,
        (text) => text.length >= least ? text : undefined,
      ),
    pair(urlName, tokenName) {
      const url = httpUrl(urlName);
      const bearer = token(tokenName);
      if (given(urlName) !== undefined && given(tokenName) === undefined) {
        problems.push(`Cannot use ${urlName}: ${tokenName} must be set with it`);
      }
      if (given(tokenName) !== undefined && given(urlName) === undefined) {
        problems.push(`Cannot use ${tokenName}: ${urlName} must be set with it`);
      }
      return url !== undefined && bearer !== undefined ? { url, token: bearer } : undefined;
    },
  };
}

/** The rule of a whole number. */
export function wholeRule(least: number, most: number): string {
  return `must be a whole number from ${least} to ${most}`;
}

/** Reads a whole number in decimal digits. */
export function parseWhole(
  text: string,
  { least, most }: { least: number; most: number },
): number | undefined {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : undefined;
}

function quoted(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
