// Pure: values in, values out.

/**
 * Whether what a gate answered to many at once is what the law answers to them one after another
 * (linearizability): the search for such an order, after Wing and Gong ("Testing and verifying
 * concurrent objects", 1993) with Lowe's memory of what was tried ("Testing for linearizability",
 * 2017). Each answer tells the time that the gate used, which orders all but those of one
 * millisecond and the runs that nobody saw an answer of.
 *
 * @module
 */

import type { PoolSettings } from "../../src/gate/policy.ts";
import { asked, mayComeBefore, type Placed, type Recorded, told } from "./gate_history.ts";
import { step } from "./gate_model.ts";
import {
  type Answered,
  firstWay,
  goOn,
  merged,
  orderOf,
  type Unseen,
  type Way,
} from "./gate_ways.ts";

/** What the search came to. */
export type Finding =
  | { kind: "order"; order: Placed[] }
  | {
    kind: "breach";
    /** The first operation that cannot be explained, and why in words. */
    recorded: Recorded;
    problem: string;
    /** Whether all ways were tried, or the likeliest alone. */
    certain: boolean;
  };

/** So many ways are followed, the likeliest: first few, then many. */
const WIDTHS = [300, 3000];
const TOLD_BEFORE = 12;
const TOLD_REPLIES = 3;

/**
 * Finds an order of the answered operations, and of as many of the unseen runs as it takes, in
 * which the law answers all of them as they were answered, times do not decrease, and what was
 * answered before another was asked comes before that one; or the first operation for which there
 * is none. Where too many ways are open those are likelier in which unseen runs did happen.
 */
export function findOrder(history: readonly Recorded[], settings: PoolSettings): Finding {
  let finding: Finding | undefined;
  for (const width of WIDTHS) {
    finding = search(history, settings, width);
    if (finding.kind === "order" || finding.certain) break;
  }
  return finding!;
}

function search(history: readonly Recorded[], settings: PoolSettings, width: number): Finding {
  const answered = history.filter((each): each is Answered => each.reply !== undefined)
    .sort((a, b) => a.reply.at - b.reply.at || a.invokedAt - b.invokedAt);
  const unseen = history.flatMap((recorded) => recorded.unseen.map((span) => ({ recorded, span })))
    .sort((a, b) => a.span.from - b.span.from)
    .map((each, index): Unseen => ({ ...each, index }));
  const dueAt = Map.groupBy(answered, ({ reply }) => reply.at);
  const firstReturns = firstReturnsFrom(answered);

  let ways = [firstWay(settings)];
  let certain = true;
  let open: Unseen[] = [];
  let [placed, opened] = [0, 0];
  for (const at of timesOf(answered, unseen)) {
    const due = dueAt.get(at) ?? [];
    placed += due.length;
    const laterReturn = firstReturns[placed] ?? Infinity;
    const overtaken = due.find(({ invokedAt }) => laterReturn < invokedAt);
    if (overtaken) return outOfTime(overtaken, answered.slice(placed));
    while (opened < unseen.length && unseen[opened]!.span.from <= at) open.push(unseen[opened++]!);
    open = open.filter(({ span }) => span.to >= at);
    const may = open.filter(({ recorded }) => recorded.invokedAt <= laterReturn);

    const { done, furthest } = goOn(ways, { due, may, at });
    if (done.length === 0) return unexplained(furthest, at, certain);
    ways = merged(done, may, at);
    if (ways.length > width) {
      certain = false;
      ways = ways.sort((a, b) => a.skipped - b.skipped).slice(0, width);
    }
  }
  return { kind: "order", order: orderOf(ways[0]!) };
}

/** The times at which something ran, or may have, up to the last answer. */
function timesOf(answered: readonly Answered[], unseen: readonly Unseen[]): number[] {
  const times = new Set(answered.map(({ reply }) => reply.at));
  const last = answered.at(-1)?.reply.at ?? -Infinity;
  for (const { span: { from, to } } of unseen) {
    for (let at = from; at <= Math.min(to, last); at++) times.add(at);
  }
  return [...times].sort((a, b) => a - b);
}

/** For each place in the order of times, the earliest return from there on. */
function firstReturnsFrom(answered: readonly Answered[]): number[] {
  const firsts: number[] = [];
  for (let index = answered.length - 1; index >= 0; index--) {
    firsts[index] = Math.min(answered[index]!.returnedAt, firsts[index + 1] ?? Infinity);
  }
  return firsts;
}

function outOfTime(recorded: Answered, later: readonly Answered[]): Finding {
  const other = later.find(({ returnedAt }) => returnedAt < recorded.invokedAt)!;
  const problem = [
    `${told(recorded)}`,
    "cannot be explained: before it was asked there had been answered, for a later time,",
    `${told(other)}`,
  ].join("\n");
  return { kind: "breach", recorded, problem, certain: true };
}

function unexplained(ways: readonly Way[], at: number, certain: boolean): Finding {
  const [way] = ways;
  const recorded = way!.left.find((each) => mayComeBefore(each, way!.left))!;
  const replies = new Set(
    ways.map(({ state }) => JSON.stringify(step(state, recorded.operation, at).reply)),
  );
  const { sessions, leaving } = way!.state;
  const problem = [
    told(recorded),
    `cannot be explained in any of the ${ways.length} ${certain ? "" : "likeliest "}` +
    "ways in which it may have gone until then; the law answers:",
    ...[...replies].slice(0, TOLD_REPLIES).map((reply) => `  ${reply}`),
    "In one of them the seats were:",
    ...[...sessions, ...leaving].map((seat) => `  ${JSON.stringify(seat)}`),
    "and last there ran:",
    ...orderOf(way!).slice(-TOLD_BEFORE).map(({ recorded, at, unseen }) =>
      unseen ? `  ${asked(recorded)}, unseen, at ${at}` : `  ${told(recorded)}`
    ),
  ].join("\n");
  return { kind: "breach", recorded, problem, certain };
}
