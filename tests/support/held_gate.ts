/**
 * A gate on the far side of a network that a test holds in its hands.
 *
 * @module
 */

import { createMemoryGate, type MemoryGate } from "../../src/gate/memory.ts";
import { DEFAULT_SETTINGS, type PoolSettings } from "../../src/gate/policy.ts";
import type { Gate, Now } from "../../src/ports.ts";
import { type HeldCall, heldCalls } from "./held_calls.ts";

/** One operation on its way. */
export type HeldOperation = {
  readonly name: "admit" | "release";
  readonly session: string;
  /** Has it decided, once; its answer is still on its way. */
  arrive(): unknown;
  /** Lets it arrive, where it has not, and its answer come back. */
  answer(): unknown;
  /** Loses its answer. */
  fail(error: unknown): void;
};

/** See the module. */
export type HeldGate = {
  gate: Gate;
  /** The gate itself, for a look at the seats. */
  near: MemoryGate;
  /** Every `admit` and `release` so far, in the order in which they were sent. */
  operations: HeldOperation[];
};

/** Makes one whose `admit` and `release` are held; the others answer at once. */
export function heldGate(now: Now, settings: Partial<PoolSettings> = {}): HeldGate {
  const near = createMemoryGate({ settings: { ...DEFAULT_SETTINGS, ...settings }, now });
  const operations: HeldOperation[] = [];

  function held<Name extends "admit" | "release">(name: Name): Gate[Name] {
    type Ask = Parameters<Gate[Name]>[0];
    const decide = near[name] as (ask: Ask) => unknown;
    const line = heldCalls<Ask, unknown>();
    return ((ask: Ask, signal?: AbortSignal) => {
      const answered = line.run(ask, signal);
      operations.push(operation(name, line.calls.at(-1)!, () => decide(ask)));
      return answered;
    }) as Gate[Name];
  }

  return { gate: { ...near, admit: held("admit"), release: held("release") }, near, operations };
}

function operation<Ask extends { session: string }>(
  name: "admit" | "release",
  call: HeldCall<Ask, unknown>,
  decide: () => unknown,
): HeldOperation {
  let decided: { reply: unknown } | undefined;
  const arrive = () => (decided ??= { reply: decide() }).reply;
  return {
    name,
    session: call.asked.session,
    arrive,
    answer() {
      const reply = arrive();
      call.answer(reply);
      return reply;
    },
    fail: call.fail,
  };
}
