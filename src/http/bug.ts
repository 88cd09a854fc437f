import type { Log } from "../ports.ts";

/** Logs a bug by its kind alone: its message and its stack may tell of the inside. */
export function logBug(log: Log, bug: unknown): void {
  log("error", "bug", { name: bug instanceof Error ? bug.name : typeof bug });
}
