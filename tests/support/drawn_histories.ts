// Pure: values in, values out.

/**
 * Small histories to try the search for an order on: true ones and such that may not be, and a way
 * to tell which have an order that is as simple as it is slow.
 *
 * @module
 */

import type { PoolSettings } from "../../src/gate/policy.ts";
import type { Chance } from "./chance.ts";
import { mayComeBefore, type Recorded, type Span } from "./gate_history.ts";
import {
  emptyPool,
  type Operation,
  type OperationReply,
  type PoolState,
  step,
} from "./gate_model.ts";
import { same } from "./same.ts";

/** Everything ends within a few milliseconds. */
export const SMALL_SETTINGS: PoolSettings = {
  capacity: 1,
  inactivityMs: 4,
  rotationIdleMs: 2,
  graceMs: 1,
  cooldownMs: 3,
  memoryMs: 3,
};

const RUNS = 6;
const SESSIONS = ["a", "b"];

/**
 * Draws a history that has an order: runs on the model, some of them seen by nobody, each asked a
 * while before and answered a while after.
 */
export function drawHistory(chance: Chance): Recorded[] {
  const history: Recorded[] = [];
  let state = emptyPool(SMALL_SETTINGS);
  let expiresAt = 0;
  let at = 1;
  for (let place = 0; place < RUNS; place++) {
    at += chance.oneOf([0, 0, 0, 1, 1, 2]);
    const again = history.length > 0 && chance.happens(0.2)
      ? chance.whole(0, history.length - 1)
      : undefined;
    const operation = again === undefined
      ? drawOperation(chance, expiresAt)
      : history[again]!.operation;
    const { state: after, reply } = step(state, operation, at);
    state = after;
    if ("expiresAt" in reply) expiresAt = reply.expiresAt;
    const span = { from: at - chance.whole(0, 1), to: at + chance.whole(0, 2) };
    if (again !== undefined) {
      history[again] = { ...history[again]!, unseen: [...history[again]!.unseen, span] };
      continue;
    }
    const lost = chance.happens(0.25);
    history.push({
      name: String(place),
      operation,
      invokedAt: place - chance.whole(0, 2) - 0.1,
      returnedAt: lost ? Infinity : place + chance.whole(0, 2) + 0.1,
      reply: lost ? undefined : reply,
      unseen: lost ? [span] : [],
    });
  }
  return history;
}

/** Draws what it would be with one thing otherwise in it; it may have an order still. */
export function drawChanged(chance: Chance, history: readonly Recorded[]): Recorded[] {
  const changed = chance.whole(0, history.length - 1);
  return history.map((each, index) => index === changed ? drawChange(chance, each) : each);
}

/** Whether there is an order, found by trying every one. */
export function hasOrder(history: readonly Recorded[]): boolean {
  const unseen = history.flatMap((recorded) => recorded.unseen.map((span) => ({ recorded, span })));
  const last = Math.max(...history.map(({ reply }) => reply?.at ?? 0));

  function descend(
    state: PoolState,
    left: readonly Recorded[],
    open: readonly { recorded: Recorded; span: Span }[],
  ): boolean {
    if (left.length === 0) return true;
    const now = state.latest ?? 0;
    const answered = left.some((each) => {
      const { at } = each.reply!;
      if (at < now || !mayComeBefore(each, left)) return false;
      const { state: after, reply } = step(state, each.operation, at);
      return same(reply, each.reply) && descend(after, left.filter((one) => one !== each), open);
    });
    return answered || open.some((run) => {
      if (!mayComeBefore(run.recorded, left)) return false;
      const rest = open.filter((one) => one !== run);
      for (let at = Math.max(now, run.span.from); at <= Math.min(run.span.to, last); at++) {
        if (descend(step(state, run.recorded.operation, at).state, left, rest)) return true;
      }
      return false;
    });
  }

  return descend(
    emptyPool(SMALL_SETTINGS),
    history.filter(({ reply }) => reply !== undefined),
    unseen,
  );
}

function drawOperation(chance: Chance, expiresAt: number): Operation {
  const session = chance.oneOf(SESSIONS);
  switch (chance.oneOf(["admit", "admit", "beat", "release", "evict", "list"])) {
    case "admit":
      return { op: "admit", ask: { session, viewer: chance.oneOf(SESSIONS) } };
    case "beat":
      return { op: "beat", ask: { session } };
    case "release":
      return { op: "release", ask: { session, expiresAt, grace: chance.happens(0.5) } };
    case "evict":
      return { op: "evict", ask: { session } };
    default:
      return { op: "list", ask: {} };
  }
}

function drawChange(chance: Chance, recorded: Recorded): Recorded {
  const { reply, operation } = recorded;
  switch (chance.oneOf(["reply", "time", "asked", "unseen"])) {
    case "reply": {
      const other: OperationReply | undefined = reply &&
        step(emptyPool(SMALL_SETTINGS), operation, reply.at).reply;
      return { ...recorded, reply: other };
    }
    case "time":
      return { ...recorded, reply: reply && { ...reply, at: reply.at + chance.oneOf([-1, 1]) } };
    case "asked":
      return {
        ...recorded,
        invokedAt: recorded.invokedAt + 2,
        returnedAt: recorded.returnedAt + 2,
      };
    default:
      return { ...recorded, unseen: recorded.unseen.slice(1) };
  }
}
