import * as v from "valibot";
import { isHttpUrl, isOwnPath } from "../http/url.ts";
import type { Definition } from "./definition_types.ts";

const U32_MAX = 4_294_967_295;
// https://semver.org, "Is there a suggested regular expression"
const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$/;
const TIME =
  /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
// RFC 9110, sections 5.1 and 5.5
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\x21-\x7e]([\t\x20-\x7e]*[\x21-\x7e])?$/;

function object<Entries extends v.ObjectEntries>(entries: Entries) {
  return v.pipe(
    plainObject(),
    v.objectWithRest(entries, v.never("is not a known key"), "must be given"),
  );
}

// valibot takes a list for an object, and passes over these three keys without a word.
function plainObject() {
  return v.pipe(
    v.custom<object>(
      (value) => typeof value === "object" && value !== null && !Array.isArray(value),
      "must be an object",
    ),
    v.check(
      (value) =>
        !["__proto__", "prototype", "constructor"].some((key) => Object.hasOwn(value, key)),
      "must not have a key __proto__, prototype or constructor",
    ),
  );
}

function list<Item extends v.GenericSchema>(item: Item) {
  return v.array(item, "must be a list");
}

function filledList<Item extends v.GenericSchema>(item: Item) {
  return v.pipe(list(item), v.minLength(1, "must not be empty"));
}

// A lone surrogate survives JSON here, and makes stremio-core (serde_json) refuse the whole answer.
function text() {
  return v.pipe(
    v.string("must be text"),
    v.regex(/\S/, "must not be empty"),
    v.regex(/^\P{Cs}*$/u, "must be well-formed Unicode"),
  );
}

function pattern(form: RegExp, rule: string) {
  return v.pipe(v.string("must be text"), v.regex(form, rule));
}

// 256 bytes: the gate keeps the episode as a session's note.
function id() {
  return v.pipe(
    v.string("must be text"),
    v.regex(/^[^\s\p{C}]+$/u, "must be text without spaces"),
    v.check((value) => value !== "." && value !== "..", "must not be a dot segment of a path"),
    v.maxBytes(256, "must be at most 256 bytes"),
  );
}

function url() {
  return v.pipe(
    v.string("must be text"),
    v.check(
      (value) => isHttpUrl(value) || isOwnPath(value),
      "must be an absolute http(s) URL, or a path that begins with one /",
    ),
  );
}

function whole(least: number, most: number) {
  const rule = most === Number.MAX_SAFE_INTEGER
    ? `must be a whole number from ${least}`
    : `must be a whole number from ${least} to ${most}`;
  return v.pipe(
    v.number(rule),
    v.safeInteger(rule),
    v.minValue(least, rule),
    v.maxValue(most, rule),
  );
}

function time() {
  const rule = "must be a full ISO time such as 2010-09-27T00:00:00.000Z";
  return v.pipe(v.string(rule), v.check(isTime, rule));
}

function isTime(value: string): boolean {
  const date = TIME.exec(value)?.[1];
  const midnight = new Date(`${date}T00:00:00.000Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(`${date}T`);
}

function isVersion(value: string): boolean {
  const core = SEMVER.exec(value)?.slice(1, 4) ?? [];
  return core.length === 3 && core.every((part) => Number.isSafeInteger(Number(part)));
}

function namesDiffer(headers: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  return new Set(names).size === names.length;
}

const manifest = object({
  id: pattern(/^[\w-]+(\.[\w-]+)+$/, "must be names joined by dots such as org.weir.open-films"),
  version: v.pipe(
    v.string("must be text"),
    v.check(isVersion, "must be a semantic version such as 1.0.0"),
    v.maxLength(256, "must be at most 256 characters"),
  ),
  name: text(),
  description: text(),
  idPrefixes: filledList(id()),
  logo: v.exactOptional(url()),
  background: v.exactOptional(url()),
  contactEmail: v.exactOptional(
    pattern(/^[^\s@\p{C}]+@[^\s@\p{C}]+$/u, "must be an e-mail address"),
  ),
});

const catalog = object({
  type: id(),
  id: id(),
  name: text(),
  pageSize: v.optional(whole(1, 100), 100),
  metas: v.exactOptional(filledList(id())),
});

const video = object({
  id: id(),
  title: text(),
  season: v.exactOptional(whole(0, U32_MAX)),
  episode: v.exactOptional(whole(0, U32_MAX)),
  released: v.exactOptional(time()),
  overview: v.exactOptional(text()),
  thumbnail: v.exactOptional(url()),
});

const meta = object({
  id: id(),
  type: id(),
  name: text(),
  poster: v.exactOptional(url()),
  background: v.exactOptional(url()),
  logo: v.exactOptional(url()),
  posterShape: v.exactOptional(
    v.picklist(["poster", "landscape", "square"], "must be poster, landscape or square"),
  ),
  description: v.exactOptional(text()),
  genres: v.exactOptional(list(text())),
  releaseInfo: v.exactOptional(text()),
  released: v.exactOptional(time()),
  runtime: v.exactOptional(text()),
  director: v.exactOptional(list(text())),
  cast: v.exactOptional(list(text())),
  imdbRating: v.exactOptional(
    pattern(/^(10(\.0)?|\d(\.\d)?)$/, "must be text from 0 to 10 such as 7.3"),
  ),
  country: v.exactOptional(text()),
  language: v.exactOptional(text()),
  website: v.exactOptional(url()),
  links: v.exactOptional(list(object({ name: text(), category: text(), url: url() }))),
  videos: v.exactOptional(list(video)),
});

const source = object({
  url: url(),
  name: v.exactOptional(text()),
  description: v.exactOptional(text()),
  filename: v.exactOptional(text()),
  videoSize: v.exactOptional(whole(0, Number.MAX_SAFE_INTEGER)),
  runtimeSec: v.exactOptional(whole(1, Number.MAX_SAFE_INTEGER)),
  headers: v.exactOptional(v.pipe(
    plainObject(),
    v.record(
      pattern(HEADER_NAME, "must be a header's name"),
      pattern(HEADER_VALUE, "must be a header's value: printable ASCII, no space at either end"),
    ),
    v.check(namesDiffer, "must not name a header twice"),
  )),
});

/**
 * The shape of a {@linkcode Definition}: each value by itself. What holds between values is
 * `faults()` in `definition_rules.ts`.
 */
export const definitionSchema: v.GenericSchema<unknown, Definition> = object({
  manifest,
  catalogs: filledList(catalog),
  metas: filledList(meta),
  streams: v.exactOptional(v.pipe(plainObject(), v.record(id(), filledList(source)))),
});
