// Pure: values in, values out.

const SHOWN_LENGTH = 60;
const TELLABLE = ["name", "description", "filename", "videoSize", "runtimeSec"];

/** The way from the definition's root to a value: keys and list positions. */
export type Path = readonly (string | number)[];

/**
 * One fault of a definition, as the operator reads it: where, the rule, the present value (cut
 * to 60 characters). Of a stream's texts only those that a viewer reads are shown: any other may
 * be what opens the source.
 *
 * @example
 * ```ts
 * import { problem } from "./problem.ts";
 *
 * problem(["metas", 3, "videos", 0, "season"], "must be a whole number from 0", "one");
 * // metas[3].videos[0].season: must be a whole number from 0, current value is "one"
 * ```
 */
export function problem(path: Path, rule: string, value: unknown): string {
  const present = value === undefined
    ? "it is missing"
    : isSecret(path, value)
    ? "current value is not shown"
    : `current value is ${shown(value)}`;
  return `${spelled(path)}: ${rule}, ${present}`;
}

function isSecret(path: Path, value: unknown): boolean {
  return path[0] === "streams" && typeof value === "string" &&
    value !== path.at(-1) && !TELLABLE.includes(String(path[3]));
}

function spelled(path: Path): string {
  if (path.length === 0) return "definition";
  return path.map((step, position) => {
    if (typeof step === "number") return `[${step}]`;
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(step)) return `[${shown(step)}]`;
    return position === 0 ? cut(step) : `.${cut(step)}`;
  }).join("");
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(cut(value));
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

function cut(text: string): string {
  return text.length <= SHOWN_LENGTH ? text : `${text.slice(0, SHOWN_LENGTH - 1)}…`;
}
