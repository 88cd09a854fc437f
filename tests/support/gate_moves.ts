/**
 * Moves drawn at random by which a gate is tried: settings, operations, and the times between
 * them, which fall on the law's boundaries more often than not.
 *
 * @module
 */

import fc from "fast-check";
import type { PoolSettings } from "../../src/gate/policy.ts";
import type { Operation, OperationReply } from "./gate_model.ts";

/** When a move is made, as seen from the one before. */
export type Wait =
  | { kind: "ms"; ms: number }
  | { kind: "setting"; name: "rotationIdleMs" | Times; offMs: number; back: boolean }
  | { kind: "turningPoint"; index: number; offMs: number };

/** What is done then. */
export type Deed =
  | { op: "admit"; session: Which; viewer?: string; holdMs?: number; note?: string }
  | { op: "beat"; session: Which; holdMs?: number }
  | { op: "release"; session: Which; grace: boolean; fence: { older: number; offMs: number } }
  | { op: "evict"; session: Which }
  | { op: "list"; most?: number }
  | { op: "again"; back: number }
  | { op: "capacity"; capacity: number }
  | { op: "flush" };

/** A session by its id, or the one that so many others were given an expiry after. */
export type Which = string | number;

/** One move. */
export type Move = { wait: Wait; deed: Deed };

/** What moves are made on, and what was seen there so far. */
export type Scene = {
  clock: number;
  settings: PoolSettings;
  /** The operations so far, the last one first. */
  sent: Operation[];
  /** The expiries that sessions were given, the last one first. */
  given: { session: string; expiresAt: number }[];
};

type Times = "inactivityMs" | "graceMs" | "cooldownMs" | "memoryMs";

/** Ids whose order by bytes is not that of any language. */
const SESSIONS = ["a", "B", "_", "-", "0", "Z".repeat(64)];
/** Ids that begin like each other. */
const VIEWERS = ["a", "a-", "aB", "a_a"];

/** Settings of a pool, those of which one swallows another too. */
export const settingsArbitrary: fc.Arbitrary<PoolSettings> = fc.record({
  capacity: fc.constantFrom(2, 1, 3, 4),
  inactivityMs: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(1000, 5000) }, {
    weight: 1,
    arbitrary: fc.constantFrom(40, 1),
  }),
  rotationIdleMs: fc.constantFrom<number | "off">(300, "off", 40, 2000, 1),
  graceMs: fc.constantFrom(100, 0, 500, 1),
  cooldownMs: fc.constantFrom(400, 0, 3000, 1),
  memoryMs: fc.constantFrom(700, 10_000, 1),
});

const offMs = fc.constantFrom(0, -1, 1);
const session = fc.constantFrom(...SESSIONS);
const which = fc.oneof(
  { weight: 1, arbitrary: session },
  { weight: 4, arbitrary: fc.constantFrom(0, 0, 0, 1, 1, 2, 3) },
);
const holdMs = fc.constantFrom(250, 1, 1000, 4000, 10_000_000);
const note = fc.constantFrom("weir:a", "", "weir:ü 1", "x".repeat(256));

const wait: fc.Arbitrary<Wait> = fc.oneof(
  { weight: 16, arbitrary: ms(fc.constantFrom(0, 0, 0, 1)) },
  { weight: 4, arbitrary: ms(fc.integer({ min: 0, max: 120 })) },
  { weight: 1, arbitrary: ms(fc.constantFrom(-1, -30, 500, 100_000)) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("turningPoint" as const),
      index: fc.constantFrom(0, 0, 0, 1, 2, 3, 4),
      offMs,
    }),
  },
  { weight: 1, arbitrary: setting(false) },
  { weight: 1, arbitrary: setting(true) },
);

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record(
      {
        op: fc.constant("admit" as const),
        session: fc.oneof(session, which),
        viewer: fc.constantFrom(...VIEWERS),
        holdMs,
        note,
      },
      { requiredKeys: ["op", "session"] },
    ),
  },
  {
    weight: 4,
    arbitrary: fc.record(
      { op: fc.constant("beat" as const), session: which, holdMs },
      { requiredKeys: ["op", "session"] },
    ),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant("release" as const),
      session: which,
      grace: fc.boolean(),
      fence: fc.oneof(
        { weight: 8, arbitrary: fc.constant({ older: 0, offMs: 0 }) },
        { weight: 1, arbitrary: fc.record({ older: fc.nat(2), offMs }) },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("evict" as const), session: which }) },
  {
    weight: 1,
    arbitrary: fc.record(
      { op: fc.constant("list" as const), most: fc.nat(3) },
      { requiredKeys: ["op"] },
    ),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("again" as const), back: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant("capacity" as const),
      capacity: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("flush" as const) }) },
);

/** Any move. */
export const moveArbitrary: fc.Arbitrary<Move> = fc.record({ wait, deed });

/** A scene where nothing has happened. */
export function createScene(settings: PoolSettings): Scene {
  return { clock: 1_700_000_000_000, settings, sent: [], given: [] };
}

/** What the clock shows after a wait. Of `turningPoints` those ahead count, soonest first. */
export function clockAfter(wait: Wait, scene: Scene, turningPoints: readonly number[]): number {
  const { clock, settings } = scene;
  switch (wait.kind) {
    case "ms":
      return clock + wait.ms;
    case "setting": {
      const setting = settings[wait.name];
      const lengthMs = (setting === "off" ? 0 : setting) + wait.offMs;
      return wait.back ? clock - lengthMs : clock + lengthMs;
    }
    case "turningPoint": {
      const ahead = turningPoints.filter((time) => time >= clock).sort((a, b) => a - b);
      const point = ahead[wait.index % Math.max(ahead.length, 1)];
      return point === undefined ? clock : point + wait.offMs;
    }
  }
}

/** The operation that a deed asks for; none where it is done to the gate from outside. */
export function operationOf(deed: Deed, scene: Scene): Operation | undefined {
  switch (deed.op) {
    case "admit": {
      const { op, ...ask } = deed;
      const session = sessionOf(ask.session, scene);
      const own = VIEWERS[SESSIONS.indexOf(session) % VIEWERS.length]!;
      return { op, ask: { ...ask, session, viewer: ask.viewer ?? own } };
    }
    case "beat": {
      const { op, ...ask } = deed;
      return { op, ask: { ...ask, session: sessionOf(deed.session, scene) } };
    }
    case "release": {
      const { op, grace, fence } = deed;
      const session = sessionOf(deed.session, scene);
      const given = scene.given.filter((each) => each.session === session);
      const { expiresAt = 1 } = given[fence.older] ?? given[0] ?? {};
      return { op, ask: { session, grace, expiresAt: expiresAt + fence.offMs } };
    }
    case "evict":
      return { op: deed.op, ask: { session: sessionOf(deed.session, scene) } };
    case "list": {
      const { op, ...ask } = deed;
      return { op, ask };
    }
    case "again":
      return scene.sent[deed.back];
    case "capacity":
    case "flush":
      return undefined;
  }
}

/** Remembers an operation and what it was answered. */
export function remember(scene: Scene, operation: Operation, reply: OperationReply): void {
  scene.sent.unshift(operation);
  if (operation.op === "list" || !("expiresAt" in reply)) return;
  scene.given.unshift({ session: operation.ask.session, expiresAt: reply.expiresAt });
}

function sessionOf(which: Which, { given }: Scene): string {
  if (typeof which === "string") return which;
  const sessions = [...new Set(given.map(({ session }) => session))];
  return sessions[which] ?? SESSIONS[which]!;
}

function ms(arbitrary: fc.Arbitrary<number>): fc.Arbitrary<Wait> {
  return arbitrary.map((ms) => ({ kind: "ms", ms }));
}

function setting(back: boolean): fc.Arbitrary<Wait> {
  return fc.record({
    kind: fc.constant("setting" as const),
    name: fc.constantFrom(
      "graceMs" as const,
      "rotationIdleMs" as const,
      "inactivityMs" as const,
      "cooldownMs" as const,
      "memoryMs" as const,
    ),
    offMs,
    back: fc.constant(back),
  });
}
