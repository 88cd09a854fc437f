// Pure: values in, values out.

/**
 * What a benchmark measures and how it is shown: one row a figure, the wanted value beside it.
 *
 * @module
 */

/** How long and how often is measured. */
export type BenchOptions = {
  /** Rounds of fresh processes; each gives one ratio a figure. */
  rounds: number;
  /** Turns that each server gets in a round. */
  turns: number;
  /** How long one turn lasts, in milliseconds. */
  turnMs: number;
  /** How long a fresh server is warmed up, in milliseconds. */
  warmMs: number;
  /** Connections that ask at the same time. */
  connections: number;
  /** How often the executor runs. */
  runs: number;
  /** Whether the hanging broker is waited for with short timeouts instead of the defaults. */
  shortTimeouts: boolean;
};

/** One row of the table. `wanted` and `reached` are left out where a figure is only told. */
export type Reading = {
  what: string;
  measured: string;
  wanted?: string;
  reached?: boolean;
};

/** A benchmark: its name on the command line, what it needs on PATH, and how it is measured. */
export type Benchmark = {
  name: string;
  needs: readonly Tool[];
  measure(options: BenchOptions): Promise<Reading[]>;
};

/** A program that a benchmark starts. */
export type Tool = "node" | "redis-server";

/** How to get a program that is not there. */
export const HOW_TO_GET: Readonly<Record<Tool, string>> = {
  "node": "install Node 20 or later, from https://nodejs.org",
  "redis-server": "install it with: apt-get install redis-server",
};

/** A reading of a value that wants to be at least `least`. */
export function atLeast(
  least: number,
  value: number,
  { what, unit = "×" }: { what: string; unit?: string },
): Reading {
  return {
    what,
    measured: `${value.toFixed(2)} ${unit}`,
    wanted: `≥ ${least.toFixed(2)} ${unit}`,
    reached: value >= least,
  };
}

/** A reading of a value that wants to be at most `most`. */
export function atMost(
  most: number,
  value: number,
  { what, unit }: { what: string; unit: string },
): Reading {
  return {
    what,
    measured: `${round(value)} ${unit}`,
    wanted: `≤ ${round(most)} ${unit}`,
    reached: value <= most,
  };
}

/** The readings as lines of text, in columns. */
export function table(readings: readonly Reading[]): string[] {
  const rows = [
    ["figure", "measured", "wanted", ""],
    ...readings.map(({ what, measured, wanted = "", reached }) => [
      what,
      measured,
      wanted,
      reached === undefined ? "" : reached ? "reached" : "MISSED",
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()
  );
  return [lines[0]!, widths.map((width) => "-".repeat(width)).join("  "), ...lines.slice(1)];
}

/** The middle of some values, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle) - 1]!) / 2;
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}
