/**
 * Operations of a gate as values: carried out by any gate, and their replies compared.
 *
 * @module
 */

import type { Awaitable, Gate } from "../../src/ports.ts";
import type { Operation, OperationReply } from "./gate_model.ts";

/** Asks a gate for what the operation asks. */
export function perform(gate: Gate, operation: Operation): Awaitable<OperationReply> {
  switch (operation.op) {
    case "admit":
      return gate.admit(operation.ask);
    case "beat":
      return gate.beat(operation.ask);
    case "release":
      return gate.release(operation.ask);
    case "evict":
      return gate.evict(operation.ask);
    case "list":
      return gate.list(operation.ask);
  }
}

/** Whether two plain values are alike to the last member; fast, for millions of them. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) {
    if (!(key in b) || !same(a[key], b[key])) return false;
  }
  return true;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
