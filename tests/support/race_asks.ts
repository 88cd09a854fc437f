/**
 * What the viewers of a race ask the gate, drawn from a seed and from what they were answered.
 *
 * @module
 */

import type { Chance } from "./chance.ts";
import type { Operation, OperationReply } from "./gate_model.ts";

/** The expiries that sessions were given, the last one first; of a few sessions, the last at last. */
export type Given = Map<string, number[]>;

/** Somebody who asks one thing after another. */
export type Asker = {
  /** Draws what is asked next. */
  next(): Operation;
  /** Takes what it was answered. */
  saw(operation: Operation, reply: OperationReply): void;
};

const VIEWERS = 50;
const DEVICES = ["tv", "box"];
const KEPT_SESSIONS = 6;
const KEPT_EXPIRIES = 2;

/** Makes an asker; those of one process have `given` in common. */
export function createAsker(chance: Chance, given: Given): Asker {
  /** What follows from the last answer. */
  let due: Operation | undefined;

  function next(): Operation {
    if (due === undefined) return draw();
    const operation = due;
    due = undefined;
    if (operation.op === "release") keep(operation.ask.session, operation.ask.expiresAt);
    return operation;
  }

  function draw(): Operation {
    const drawn = chance.whole(1, 100);
    if (drawn <= 55) {
      const viewer = viewerOf(known(0.2));
      const ask = { session: `${viewer}-${chance.oneOf(DEVICES)}`, viewer };
      return { op: "admit", ask: chance.happens(0.3) ? { ...ask, note: `n${drawn}` } : ask };
    }
    if (drawn <= 67) return { op: "beat", ask: { session: known(0.7) } };
    if (drawn <= 80) {
      const session = known(0.95);
      const expiresAt = chance.oneOf(given.get(session) ?? [1]);
      return { op: "release", ask: { session, expiresAt, grace: chance.happens(0.6) } };
    }
    if (drawn <= 82) return { op: "evict", ask: { session: known(0.7) } };
    const most = chance.whole(0, 9);
    return { op: "list", ask: most > 5 ? {} : { most } };
  }

  function saw(operation: Operation, reply: OperationReply): void {
    if (operation.op === "list" || !("kind" in reply)) return;
    const { session } = operation.ask;
    const took = reply.kind === "new" || reply.kind === "rotated" || reply.kind === "reconnected";
    if (took && chance.happens(0.5)) {
      // Given back before anybody else knows of it.
      const { expiresAt } = reply;
      due = { op: "release", ask: { session, expiresAt, grace: chance.happens(0.7) } };
    } else if (reply.kind === "gone" && reply.reason === "rotated") {
      // As players do that reconnect by themselves.
      due = { op: "admit", ask: { session, viewer: viewerOf(session) } };
    } else if ("expiresAt" in reply) keep(session, reply.expiresAt);
  }

  function keep(session: string, expiresAt: number): void {
    const before = given.get(session) ?? [];
    given.delete(session);
    given.set(session, [expiresAt, ...before].slice(0, KEPT_EXPIRIES));
    if (given.size > KEPT_SESSIONS) given.delete(given.keys().next().value!);
  }

  /** So often one of those in mind, mostly the last; else any. */
  function known(share: number): string {
    const sessions = [...given.keys()];
    if (sessions.length === 0 || !chance.happens(share)) {
      return `v${chance.whole(1, VIEWERS)}-${chance.oneOf(DEVICES)}`;
    }
    return chance.happens(0.6) ? sessions.at(-1)! : chance.oneOf(sessions);
  }

  return { next, saw };
}

function viewerOf(session: string): string {
  return session.split("-")[0]!;
}
