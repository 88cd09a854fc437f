// Pure: values in, values out.

/**
 * Which row of a resolve a ticket means: rows may have moved since it was made.
 *
 * @module
 */

import type { Source } from "../ports.ts";

/** A row's place, and what it is known by. */
export type RowMark = { index: number; mark: string };

const LONGEST_MARK = 24;

/** Marks a row. */
export function markRow(source: Source, index: number): RowMark {
  return { index, mark: markOf(source) };
}

/** Finds a marked row: the same place where it still looks the same, else its like, else its place. */
export function findRow(
  sources: readonly Source[],
  { index, mark }: RowMark,
): { source: Source; index: number } | undefined {
  const at = sources[index];
  if (at !== undefined && markOf(at) === mark) return { source: at, index };
  const like = mark === "" ? -1 : sources.findIndex((source) => markOf(source) === mark);
  const found = like === -1 ? Math.min(index, sources.length - 1) : like;
  const source = sources[found];
  return source && { source, index: found };
}

function markOf({ filename, name }: Source): string {
  return (filename ?? name ?? "").slice(-LONGEST_MARK);
}
