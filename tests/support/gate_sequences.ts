/**
 * Every short sequence of operations on a small pool, with what the law says to each.
 *
 * @module
 */

import { createMemoryGate } from "../../src/gate/memory.ts";
import type { PoolSettings } from "../../src/gate/policy.ts";
import {
  emptyPool,
  type Operation,
  type OperationReply,
  type PoolState,
  step,
} from "./gate_model.ts";
import { perform } from "./gate_operations.ts";
import { same } from "./same.ts";

/** An operation at its time, what the law answers, and the pool behind it. */
export type Played = {
  readonly operation: Operation;
  readonly clock: number;
  readonly reply: OperationReply;
  readonly state: PoolState;
};

/** Which sequences there are. */
export type Sequences = {
  /** Seats of the source. */
  capacity: number;
  /** The longest has so many steps. */
  steps: number;
  /** Admissions, beats and both releases; or admissions alone. */
  of: "all" | "admissions";
};

/** The settings of every sequence, but for the capacity. Each boundary is the sum of some waits. */
export const SEQUENCE_SETTINGS: PoolSettings = {
  capacity: 1,
  inactivityMs: 1000,
  rotationIdleMs: 300,
  graceMs: 100,
  cooldownMs: 400,
  memoryMs: 700,
};

const IDLE_MS = 300;
const WAITS_MS = [0, SEQUENCE_SETTINGS.graceMs, IDLE_MS - 1, IDLE_MS, 1000];

/** One session each; the order in which they come is not that of their bytes. */
const VIEWERS = ["b", "C", "a", "_", "-", "0", "B"];

const START = 1_700_000_000_000;

/**
 * Visits every sequence of up to so many steps, each viewer named when they first ask, the first
 * step at once and each other after one of five waits. `path` is only lent.
 *
 * @returns how many sequences there are
 */
export function forEverySequence(
  { capacity, steps, of }: Sequences,
  visit: (path: readonly Played[]) => void,
): number {
  const path: Played[] = [];
  let count = 0;

  function descend(state: PoolState, clock: number, known: number): void {
    if (path.length === steps) return;
    for (const waitMs of path.length === 0 ? [0] : WAITS_MS) {
      const then = clock + waitMs;
      for (let viewer = 0; viewer <= known; viewer++) {
        for (const operation of operationsOf(VIEWERS[viewer]!, viewer === known)) {
          const { state: after, reply } = step(state, operation, then);
          path.push({ operation, clock: then, reply, state: after });
          count++;
          visit(path);
          descend(after, then, viewer === known ? known + 1 : known);
          path.pop();
        }
      }
    }
  }

  function operationsOf(id: string, isNew: boolean): Operation[] {
    const admit: Operation = { op: "admit", ask: { session: id, viewer: id } };
    if (of === "admissions" || isNew) return [admit];
    const expiresAt = lastExpiry(path, id);
    return [
      admit,
      { op: "beat", ask: { session: id } },
      { op: "release", ask: { session: id, expiresAt, grace: true } },
      { op: "release", ask: { session: id, expiresAt, grace: false } },
    ];
  }

  descend(emptyPool({ ...SEQUENCE_SETTINGS, capacity }), START, 0);
  return count;
}

/** What the memory gate does otherwise than the law at the end of `path`, if anything. */
export function memoryBreach(path: readonly Played[]): string | undefined {
  const last = path.at(-1)!;
  let clock = 0;
  const gate = createMemoryGate({ settings: last.state.settings, now: () => clock });
  let reply: OperationReply | undefined;
  for (const played of path) {
    clock = played.clock;
    reply = perform(gate, played.operation) as OperationReply;
  }
  const list = gate.list();
  const listed = step(last.state, { op: "list", ask: {} }, clock).reply;
  if (same(reply, last.reply) && same(list, listed)) return undefined;
  return told(path, { reply, list });
}

/** A sequence in words, with what was answered at its end instead. */
export function told(path: readonly Played[], found: unknown): string {
  const steps = path.map(({ operation, clock, reply }) =>
    `  +${clock - START} ms ${JSON.stringify(operation)} → ${JSON.stringify(reply)}`
  );
  return ["the law says:", ...steps, `found: ${JSON.stringify(found)}`].join("\n");
}

function lastExpiry(path: readonly Played[], session: string): number {
  for (let index = path.length - 1; index >= 0; index--) {
    const { operation, reply } = path[index]!;
    if (operation.op !== "list" && operation.ask.session === session && "expiresAt" in reply) {
      return reply.expiresAt;
    }
  }
  return 0;
}
