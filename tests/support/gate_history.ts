// Pure: values in, values out.

/**
 * What a gate was asked by many at once and what it answered, and what it means that an order of
 * single runs explains it.
 *
 * @module
 */

import type { PoolSettings } from "../../src/gate/policy.ts";
import {
  emptyPool,
  type Operation,
  type OperationReply,
  type PoolState,
  step,
} from "./gate_model.ts";
import { same } from "./same.ts";

/** A stretch of the gate's clock in whole milliseconds, both ends included. */
export type Span = { from: number; to: number };

/** An operation as it was asked and answered. */
export type Recorded = {
  /** Who asked it and which of theirs it was; no two have the same. */
  name: string;
  operation: Operation;
  /** When it was asked, in milliseconds of one clock for the whole history. */
  invokedAt: number;
  /** When it was answered, of the same clock; Infinity where the answer was lost. */
  returnedAt: number;
  /** None where the answer was lost. */
  reply: OperationReply | undefined;
  /**
   * Runs of which nobody saw the answer, beside the one that was answered: each may have happened,
   * once, at some time of its span.
   */
  unseen: readonly Span[];
};

/** A run in an order, at a time of the gate: the answered one, or that of an unseen span. */
export type Placed = { recorded: Recorded; at: number; unseen?: Span };

/** Whether `recorded` may run while `left` are still to run: what had returned came before. */
export function mayComeBefore({ invokedAt }: Recorded, left: readonly Recorded[]): boolean {
  return left.every(({ returnedAt }) => returnedAt >= invokedAt);
}

/** A run as the model makes it: the pool before it, with what was due pruned and without. */
export type Replayed = Placed & { found: PoolState; before: PoolState; reply: OperationReply };

/** Makes an order's runs on the model. */
export function replay(order: readonly Placed[], settings: PoolSettings): Replayed[] {
  let state = emptyPool(settings);
  return order.map((placed) => {
    const found = state;
    const before = step(found, { op: "list", ask: {} }, placed.at).state;
    const after = step(found, placed.recorded.operation, placed.at);
    state = after.state;
    return { ...placed, found, before, reply: after.reply };
  });
}

/** Why an order does not explain a history, if it does not; asked of every order that is found. */
export function orderBreach(
  order: readonly Placed[],
  history: readonly Recorded[],
  settings: PoolSettings,
): string | undefined {
  const answers = order.filter(({ unseen }) => unseen === undefined);
  const answered = history.filter(({ reply }) => reply !== undefined);
  if (new Set(answers.map(({ recorded }) => recorded)).size !== answers.length) return "one twice";
  if (answers.length !== answered.length) return "not all";
  const spans = order.flatMap(({ unseen }) => unseen ?? []);
  if (new Set(spans).size !== spans.length) return "an unseen run twice";
  let latestInvocation = -Infinity;
  let now = -Infinity;
  for (const { recorded, unseen, at, reply } of replay(order, settings)) {
    const { from, to } = unseen ?? { from: recorded.reply!.at, to: recorded.reply!.at };
    if (at < from || at > to) return `${asked(recorded)} at ${at}`;
    if (at < now) return `${asked(recorded)} at ${at}, after ${now}`;
    if (!unseen && !same(reply, recorded.reply)) return told(recorded);
    if (!unseen && recorded.returnedAt < latestInvocation) return `${told(recorded)}, too late`;
    now = at;
    latestInvocation = Math.max(latestInvocation, recorded.invokedAt);
  }
}

/** An operation and its answer in words. */
export function told(recorded: Recorded): string {
  return `${asked(recorded)} → ${JSON.stringify(recorded.reply)}`;
}

/** An operation in words. */
export function asked({ name, operation }: Recorded): string {
  return `${name}: ${operation.op} ${JSON.stringify(operation.ask)}`;
}
