/**
 * What must hold always, seen from outside: from what a gate answers and lists, with
 * no model of what it does.
 *
 * @module
 */

import type { PoolSettings } from "../../src/gate/policy.ts";
import type { AdmitAsk, Gate, SeatList, Verdict } from "../../src/ports.ts";
import type { Operation, OperationReply } from "./gate_model.ts";
import { clockAfter, createScene, type Move, operationOf, remember } from "./gate_moves.ts";
import { perform } from "./gate_operations.ts";

/** One operation and what was seen around it. */
export type Sighting = {
  operation: Operation;
  reply: OperationReply;
  capacity: number;
  before: SeatList;
  after: SeatList;
  /** The same operation delivered once more; not every one is. */
  again?: { reply: OperationReply; after: SeatList };
  /** A refusal waited out, to 1 ms before its end and to its end; not every one is. */
  waitedOut?: { early: Waited; late: Waited };
};

type Waited = { verdict: Verdict; before: SeatList };

/** A claim, and where it does not hold. */
export type Invariant = {
  claim: string;
  breach(seen: readonly Sighting[], settings: PoolSettings): Sighting | undefined;
};

/** Makes moves on a gate that reads its time and its settings from the scene it is made for. */
export async function sight(
  moves: readonly Move[],
  settings: PoolSettings,
  make: (options: { settings: PoolSettings; now: () => number }) => Gate,
): Promise<Sighting[]> {
  const scene = createScene({ ...settings });
  const gate = make({ settings: scene.settings, now: () => scene.clock });
  const seen: Sighting[] = [];

  async function see(operation: Operation, more: { again: boolean; waitOut: boolean }) {
    const before = await gate.list();
    const reply = await perform(gate, operation);
    const { capacity } = scene.settings;
    const sighting: Sighting = { operation, reply, capacity, before, after: await gate.list() };
    seen.push(sighting);
    remember(scene, operation, reply);
    if (more.again) {
      sighting.again = { reply: await perform(gate, operation), after: await gate.list() };
    }
    if (more.waitOut && operation.op === "admit" && isVerdict(reply, "blocked")) {
      const end = reply.at + reply.retryAfterMs;
      sighting.waitedOut = {
        early: await askAt(end - 1, operation.ask),
        late: await askAt(end, operation.ask),
      };
    }
  }

  async function askAt(clock: number, ask: AdmitAsk): Promise<Waited> {
    scene.clock = clock;
    const before = await gate.list();
    await see({ op: "admit", ask }, { again: false, waitOut: false });
    return { verdict: seen.at(-1)!.reply as Verdict, before };
  }

  for (const [index, { wait, deed }] of moves.entries()) {
    scene.clock = clockAfter(wait, scene, ends(await gate.list(), scene.settings));
    if (deed.op === "capacity") scene.settings.capacity = deed.capacity;
    const operation = operationOf(deed, scene);
    if (operation) await see(operation, { again: index % 3 === 0, waitOut: index % 2 === 0 });
  }
  return seen;
}

/** The claims. */
export const INVARIANTS: readonly Invariant[] = [
  {
    claim: "no admission makes occupied exceed the capacity, and none but `new` makes it grow",
    breach: (seen) =>
      seen.find(({ operation, reply, before, after, capacity }) => {
        const isNew = operation.op === "admit" && isVerdict(reply, "new");
        if (after.occupied > Math.max(capacity, before.occupied)) return true;
        return after.occupied > before.occupied !== isNew;
      }),
  },
  {
    claim: "nobody is turned away while a seat is free, nor is anybody rotated out",
    breach: (seen) =>
      seen.find(({ reply, before, capacity }) =>
        (isVerdict(reply, "blocked") && before.occupied < capacity) ||
        (isVerdict(reply, "rotated") && before.occupied !== capacity)
      ),
  },
  {
    claim: "a session seen less than idleMs ago is never rotated out",
    breach(seen, { rotationIdleMs, graceMs }) {
      const idleMs = rotationIdleMs === "off" ? Infinity : Math.max(rotationIdleMs, graceMs);
      const seenAt = new Map<string, number>();
      return firstOf(seen, (operation, reply) => {
        const idle = isVerdict(reply, "rotated")
          ? reply.at - (seenAt.get(reply.out.session) ?? NaN)
          : Infinity;
        if (operation.op !== "list" && "expiresAt" in reply) {
          seenAt.set(operation.ask.session, reply.at);
        }
        return !(idle >= idleMs);
      }, seenAt);
    },
  },
  {
    claim: "whoever was rotated out rotates nobody out until the cool-off ends",
    breach(seen, { cooldownMs }) {
      const outAt = new Map<string, number>();
      return firstOf(seen, (operation, reply) => {
        if (operation.op !== "admit" || !isVerdict(reply, "rotated")) return false;
        const tooSoon = reply.at - (outAt.get(operation.ask.viewer) ?? -Infinity) < cooldownMs;
        outAt.set(reply.out.viewer, reply.at);
        return tooSoon;
      }, outAt);
    },
  },
  {
    claim: "a refusal's retryAfterMs is exact: 1 ms earlier is still blocked, then admitted",
    breach: (seen) =>
      seen.find(({ waitedOut, after, capacity }) =>
        waitedOut && after.occupied <= capacity && (
          !isVerdict(waitedOut.early.verdict, "blocked") ||
          waitedOut.early.verdict.retryAfterMs !== 1 ||
          waitedOut.late.verdict.kind === "blocked"
        )
      ),
  },
  {
    claim: "above the capacity retryAfterMs is the wait until the first seat ends",
    breach: (seen) =>
      seen.find(({ waitedOut, after, capacity }) =>
        waitedOut && after.occupied > capacity && (
          waitedOut.early.before.occupied !== after.occupied ||
          waitedOut.late.before.occupied >= after.occupied
        )
      ),
  },
  {
    claim: "an operation delivered twice costs no second seat and frees none",
    breach: (seen) =>
      seen.find(({ operation, reply, after, again }) =>
        again && (
          again.after.occupied !== after.occupied ||
          operation.op === "admit" &&
            !isVerdict(again.reply, isVerdict(reply, "blocked") ? "blocked" : "continued")
        )
      ),
  },
];

function isVerdict<K extends Verdict["kind"]>(
  reply: OperationReply,
  kind: K,
): reply is Extract<Verdict, { kind: K }> {
  return "kind" in reply && reply.kind === kind;
}

/** The first breach; where the pool was emptied because its clock was wrong, all is forgotten. */
function firstOf(
  seen: readonly Sighting[],
  isBreach: (operation: Operation, reply: OperationReply) => boolean,
  memory: Map<string, number>,
): Sighting | undefined {
  let latest = -Infinity;
  return seen.find(({ operation, reply, again }) => {
    for (const each of again ? [reply, again.reply] : [reply]) {
      if (each.at < latest) memory.clear();
      latest = each.at;
      if (isBreach(operation, each)) return true;
    }
    return false;
  });
}

function ends({ seats }: SeatList, settings: PoolSettings): number[] {
  const { rotationIdleMs, inactivityMs, graceMs } = settings;
  const idleMs = rotationIdleMs === "off" ? inactivityMs : Math.max(rotationIdleMs, graceMs);
  return seats.flatMap((seat) =>
    seat.state === "leaving"
      ? [seat.leftAt + graceMs]
      : [seat.expiresAt, seat.expiresAt - inactivityMs + idleMs]
  );
}
