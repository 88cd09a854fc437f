/**
 * What a race came to: the order that explains it, and what occurred in it.
 *
 * @module
 */

import { orderBreach, type Placed, replay, type Replayed } from "./gate_history.ts";
import { step } from "./gate_model.ts";
import { findOrder } from "./gate_order.ts";
import { type Race, RACE_SETTINGS } from "./races.ts";

/**
 * Gives an order of a race's runs that the law explains. Throws where there is none, with the first
 * operation that cannot be explained, or where more seats were occupied than there are.
 */
export function explain({ history, looks }: Race): Placed[] {
  const { capacity } = RACE_SETTINGS;
  if (looks.most > capacity) {
    throw new Error(`${looks.most} seats of ${capacity} were occupied in Redis`);
  }
  const finding = findOrder(history, RACE_SETTINGS);
  if (finding.kind === "breach") throw new Error(finding.problem);
  const breach = orderBreach(finding.order, history, RACE_SETTINGS);
  if (breach !== undefined) throw new Error(`the order that was found is none: ${breach}`);
  return finding.order;
}

/** Counts what occurred: replies, answers lost, and what time did. */
export function tally(order: readonly Placed[], { history, faults }: Race): Map<string, number> {
  const lost = history.filter(({ reply }) => reply === undefined);
  const occurrences = [
    ...replay(order, RACE_SETTINGS).flatMap(occurrencesOf),
    ...lost.map(({ unseen }) => `lost, run ${Math.min(unseen.length, 2)} times`),
  ];
  const counts = Map.groupBy(occurrences, (each) => each).entries()
    .map(([each, all]): [string, number] => [each, all.length]);
  return new Map([...counts, ...faults]);
}

/** The names of all that should occur in a race, beside its faults. */
export const OCCURRENCES = [
  ...["new", "continued", "reconnected", "rotated", "blocked"].map((kind) => `admit ${kind}`),
  "admit blocked while cooling",
  "beat held",
  ...["rotated", "evicted", "expired", "left", "unknown"].map((reason) => `beat gone ${reason}`),
  ...["release leaving", "release left", "release ignored"],
  ...["evict evicted", "evict unknown", "list seats", "list a count"],
  ...["a session expired", "a grace ended", "a cool-off ended"],
  ...["unseen, and a seat changed hands", "unseen, and a seat was held"],
  ...["lost, run 0 times", "lost, run 1 times", "lost, run 2 times"],
];

function occurrencesOf(run: Replayed): string[] {
  const { recorded: { operation }, reply, found, before } = run;
  if (run.unseen !== undefined) {
    const held = "kind" in reply && (reply.kind === "continued" || reply.kind === "held");
    return [held ? "unseen, and a seat was held" : "unseen, and a seat changed hands"];
  }
  const ended = [
    before.sessions.length < found.sessions.length ? ["a session expired"] : [],
    before.leaving.length < found.leaving.length ? ["a grace ended"] : [],
    before.cooling.length < found.cooling.length ? ["a cool-off ended"] : [],
  ].flat();
  if (!("kind" in reply)) {
    return [...ended, reply.seats.length < reply.occupied ? "list a count" : "list seats"];
  }
  const named = `${operation.op} ${reply.kind}`;
  if (reply.kind === "gone") return [...ended, `${named} ${reply.reason}`];
  if (reply.kind !== "blocked") return [...ended, named];
  const uncooled = step({ ...before, cooling: [] }, operation, run.at).reply;
  const cooled = "kind" in uncooled && uncooled.kind === "rotated";
  return [...ended, named, ...cooled ? ["admit blocked while cooling"] : []];
}
