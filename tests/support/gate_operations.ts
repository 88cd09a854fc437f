/**
 * Operations of a gate as values, carried out by any gate.
 *
 * @module
 */

import type { Awaitable, Gate } from "../../src/ports.ts";
import type { Operation, OperationReply } from "./gate_model.ts";

/** Asks a gate for what the operation asks; what has to wait for an answer stops at `signal`. */
export function perform(
  gate: Gate,
  operation: Operation,
  signal?: AbortSignal,
): Awaitable<OperationReply> {
  switch (operation.op) {
    case "admit":
      return gate.admit(operation.ask, signal);
    case "beat":
      return gate.beat(operation.ask, signal);
    case "release":
      return gate.release(operation.ask, signal);
    case "evict":
      return gate.evict(operation.ask, signal);
    case "list":
      return gate.list(operation.ask, signal);
  }
}
