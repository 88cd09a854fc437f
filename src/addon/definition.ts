import * as v from "valibot";
import { draft } from "./definition_draft.ts";
import { faults } from "./definition_rules.ts";
import { definitionSchema } from "./definition_schema.ts";
import type { Definition } from "./definition_types.ts";
import { lookup } from "./lookup.ts";
import { manifest, MANIFEST_MAX_BYTES } from "./manifest.ts";
import { type Path, problem } from "./problem.ts";

export type * from "./definition_types.ts";

const TEXT_MAX_BYTES = 4 * 1024 * 1024;
const PROBLEMS_MAX = 100;
// A host name has at most 253 characters (RFC 1035); own paths grow by the origin.
const LONGEST_ORIGIN = `https://${"o".repeat(253)}:65535`;

/** A definition that holds, or every fault of it as `path: rule, present value`. */
export type ParsedDefinition =
  | { ok: true; definition: Definition }
  | { ok: false; problems: string[] };

/**
 * Reads an addon's definition from JSON text of at most 4 MiB. Whatever a Stremio client would
 * drop in silence is a fault. Every fault is told at once, up to 100 and the count of the rest.
 *
 * @example
 * ```ts
 * import { parseDefinition } from "./definition.ts";
 *
 * const parsed = parseDefinition(`{ "manifest": {} }`);
 * if (!parsed.ok) parsed.problems[0]; // manifest.id: must be given, it is missing
 * ```
 */
export function parseDefinition(text: string): ParsedDefinition {
  const sizeBytes = byteLength(text);
  if (sizeBytes > TEXT_MAX_BYTES) {
    return failed([problem([], `must be at most ${TEXT_MAX_BYTES} bytes`, sizeBytes)]);
  }
  const json = parseJson(text);
  if (!json.ok) return failed([`definition: must be JSON, ${json.reason}`]);
  const shape = v.safeParse(definitionSchema, json.value, { abortPipeEarly: true });
  const problems = [
    ...(shape.issues ?? []).map((issue) => problem(pathOf(issue), issue.message, issue.input)),
    ...faults(draft(json.value)),
    ...(shape.success ? sizeFaults(shape.output) : []),
  ];
  return shape.success && problems.length === 0
    ? { ok: true, definition: shape.output }
    : failed(problems);
}

function parseJson(text: string): { ok: true; value: unknown } | { ok: false; reason: string } {
  try {
    return { ok: true, value: JSON.parse(text.replace(/^\uFEFF/, "")) };
  } catch (error) {
    return { ok: false, reason: faultIn(text, error as Error) };
  }
}

/**
 * What V8 says is wrong with a text, and the line as far as it tells: by a position, or by what
 * stands around it. Nothing of the text itself is told, for it may be what opens a source.
 */
function faultIn(text: string, { message }: Error): string {
  if (/end of JSON input/.test(message)) return "it ends too soon";
  const position = / at position (\d+)/.exec(message)?.[1];
  const around = /, (?:\.\.\.)?"([^]+)"(?:\.\.\.)? is not valid JSON$/.exec(message)?.[1] ?? "";
  const at = position === undefined ? text.indexOf(around) : Number(position);
  const isSure = position !== undefined || (around !== "" && text.indexOf(around, at + 1) === -1);
  return isSure ? `it goes wrong in line ${lineAt(text, at)} or the next` : "it goes wrong";
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}

function pathOf(issue: v.BaseIssue<unknown>): Path {
  return (issue.path ?? []).map(({ key }) => typeof key === "number" ? key : String(key));
}

function sizeFaults(definition: Definition): string[] {
  const sizeBytes = byteLength(JSON.stringify(manifest(lookup(definition), LONGEST_ORIGIN)));
  const rule = `must make at most ${MANIFEST_MAX_BYTES} bytes with the catalogs' genres`;
  return sizeBytes > MANIFEST_MAX_BYTES ? [problem(["manifest"], rule, sizeBytes)] : [];
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}

function failed(problems: readonly string[]): ParsedDefinition {
  const rest = problems.length - PROBLEMS_MAX;
  return {
    ok: false,
    problems: [...problems.slice(0, PROBLEMS_MAX), ...(rest > 0 ? [`… and ${rest} more`] : [])],
  };
}
