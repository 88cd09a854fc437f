/**
 * What an evening came to.
 *
 * @module
 */

/** One evening in one mode; times in seconds. */
export type Tally = {
  /** While the source carried anything. */
  carriedSec: number;
  /** While it carried more than it has seats. */
  overSec: number;
  mostStreams: number;
  /** Households that gave up for the evening. */
  turnedAway: number;
  refusals: number;
  /** Refusals while fewer households than seats were in an episode, the grace over. */
  refusedWhileFree: number;
  /** What the households that were refused waited until they watched or gave up. */
  waitedSec: number;
  /** Streams that were ended while somebody watched. */
  cutOff: number;
  watchedSec: number;
};

/** An evening that has not begun. */
export function newTally(): Tally {
  return {
    carriedSec: 0,
    overSec: 0,
    mostStreams: 0,
    turnedAway: 0,
    refusals: 0,
    refusedWhileFree: 0,
    waitedSec: 0,
    cutOff: 0,
    watchedSec: 0,
  };
}

type Row = { what: string; of: (tally: Tally) => number; unit: string; sum: boolean };

const MINUTE_SEC = 60;

const ROWS: readonly Row[] = [
  {
    what: "Playing time with the source over its seats",
    of: ({ overSec, carriedSec }) => 100 * overSec / carriedSec,
    unit: " %",
    sum: false,
  },
  { what: "Streams at once, at most", of: ({ mostStreams }) => mostStreams, unit: "", sum: false },
  { what: "Households that gave up", of: ({ turnedAway }) => turnedAway, unit: "", sum: true },
  { what: "Refusals", of: ({ refusals }) => refusals, unit: "", sum: true },
  {
    what: "Refusals while a seat was free",
    of: ({ refusedWhileFree }) => refusedWhileFree,
    unit: "",
    sum: true,
  },
  { what: "Streams cut off while watched", of: ({ cutOff }) => cutOff, unit: "", sum: true },
  {
    what: "Waiting, all households together",
    of: ({ waitedSec }) => waitedSec / MINUTE_SEC,
    unit: " min",
    sum: true,
  },
  {
    what: "Watched, all households together",
    of: ({ watchedSec }) => watchedSec / MINUTE_SEC,
    unit: " min",
    sum: true,
  },
];

/** The evenings of each mode as a table in Markdown: an evening's median, and the sum of all. */
export function table(tallies: ReadonlyMap<string, readonly Tally[]>): string[] {
  const modes = [...tallies.keys()];
  const rows = ROWS.map((row) => [
    row.what,
    ...modes.map((mode) => cell(row, tallies.get(mode)!)),
  ]);
  const head = ["An evening (of all)", ...modes.map((mode) => `\`${mode}\``)];
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => row[at]!.length)));
  const line = (row: readonly string[]) =>
    `| ${
      row.map((text, at) => at === 0 ? text.padEnd(widths[at]!) : text.padStart(widths[at]!))
        .join(" | ")
    } |`;
  const rule = widths.map((width, at) =>
    at === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`
  );
  return [line(head), `| ${rule.join(" | ")} |`, ...rows.map(line)];
}

function cell({ of, unit, sum }: Row, tallies: readonly Tally[]): string {
  const values = tallies.map(of);
  const all = sum ? values.reduce((a, b) => a + b, 0) : overAll(of, tallies);
  return `${round(median(values))}${unit} (${round(all)})`;
}

/** A share of all evenings' time, or the most of any: what follows from the evenings as one. */
function overAll(of: Row["of"], tallies: readonly Tally[]): number {
  const one = newTally();
  for (const tally of tallies) {
    one.overSec += tally.overSec;
    one.carriedSec += tally.carriedSec;
    one.mostStreams = Math.max(one.mostStreams, tally.mostStreams);
  }
  return of(one);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle) - 1]!) / 2;
}

function round(value: number): number {
  return value > 0 && value < 1 ? Math.ceil(value * 10) / 10 : Math.round(value * 2) / 2;
}
