/**
 * The gate's law, claim by claim, for every implementation of it: who may have a seat.
 *
 * @module
 */

import type { PoolSettings } from "../../src/gate/policy.ts";
import type { Gate, Verdict } from "../../src/ports.ts";
import { assertEquals } from "./assert.ts";

/** A gate at the beginning of its days, and its clock. */
export type GateUnderLaw = {
  gate: Gate;
  /** Moves the clock, back too. */
  pass(ms: number): void;
  now(): number;
  /** What may be changed while it runs. */
  settings: PoolSettings;
};

/** One claim of the law. */
export type LawCase = {
  claim: string;
  settings?: Partial<PoolSettings>;
  hold(under: GateUnderLaw): Promise<void>;
};

/** Asks for a seat; `a` and `a2` are sessions of the viewer `a`. */
export async function ask(
  { gate }: GateUnderLaw,
  session: string,
  more: { holdMs?: number; note?: string } = {},
): Promise<Verdict> {
  return await gate.admit({ session, viewer: session[0]!, ...more });
}

/** The kinds of verdict that sessions get, one after the other. */
export async function kinds(under: GateUnderLaw, ...sessions: string[]): Promise<string[]> {
  const found: string[] = [];
  for (const session of sessions) found.push((await ask(under, session)).kind);
  return found;
}

/** The session gives its seat back, as it last saw it. */
export async function leave(under: GateUnderLaw, session: string, grace = true): Promise<string> {
  const seat = (await under.gate.list()).seats.find((each) => each.session === session);
  const expiresAt = seat?.state === "standing" ? seat.expiresAt : 0;
  return (await under.gate.release({ session, expiresAt, grace })).kind;
}

/** Who holds the seats, those who are leaving in brackets. */
export async function seated({ gate }: GateUnderLaw): Promise<string[]> {
  const { seats } = await gate.list();
  return seats.map(({ session, state }) => state === "leaving" ? `(${session})` : session);
}

/** How long the session is told to wait, or what it got instead. */
export async function wait(under: GateUnderLaw, session: string): Promise<number | string> {
  const verdict = await ask(under, session);
  return verdict.kind === "blocked" ? verdict.retryAfterMs : verdict.kind;
}

/** The settings of all cases, where they say nothing else: short, and each its own. */
export const LAW_SETTINGS: PoolSettings = {
  capacity: 2,
  inactivityMs: 1000,
  rotationIdleMs: 300,
  graceMs: 100,
  cooldownMs: 400,
  memoryMs: 700,
};

/** Rules 1 to 5 of an admission. */
export const ADMISSION: readonly LawCase[] = [
  {
    claim: "admit() seats as many as there are seats, and blocks the next",
    async hold(under) {
      const at = under.now();
      assertEquals(await ask(under, "a"), { kind: "new", at, expiresAt: at + 1000 });
      assertEquals(await kinds(under, "b", "c"), ["new", "blocked"]);
      assertEquals(await seated(under), ["a", "b"]);
    },
  },
  {
    claim: "admit() continues a session that stands, and costs no second seat",
    async hold(under) {
      await kinds(under, "a", "b");
      under.pass(250);
      const at = under.now();
      assertEquals(await ask(under, "a"), { kind: "continued", at, expiresAt: at + 1000 });
      assertEquals(await seated(under), ["b", "a"]);
    },
  },
  {
    claim: "admit() gives the seat of a leaving session back to it, since and note as they were",
    async hold(under) {
      const since = under.now();
      await ask(under, "a", { note: "weir:a" });
      await ask(under, "b");
      await leave(under, "a");
      under.pass(99);
      assertEquals((await ask(under, "a")).kind, "reconnected");
      const { seats } = await under.gate.list();
      const expiresAt = under.now() + 1000;
      assertEquals(seats[1], {
        state: "standing",
        session: "a",
        viewer: "a",
        since,
        note: "weir:a",
        expiresAt,
      });
    },
  },
  {
    claim: "admit() passes a viewer's earliest leaving seat to their next session, ties by id",
    settings: { capacity: 3 },
    async hold(under) {
      await kinds(under, "a3", "a2", "a1");
      await leave(under, "a3");
      under.pass(1);
      await leave(under, "a2");
      await leave(under, "a1");
      assertEquals(await kinds(under, "b", "a4"), ["blocked", "reconnected"]);
      assertEquals(await seated(under), ["a4", "(a1)", "(a2)"]);
      assertEquals(await kinds(under, "a5"), ["reconnected"]);
      assertEquals(await seated(under), ["a4", "a5", "(a2)"]);
    },
  },
  {
    claim: "admit() takes a session's own leaving seat before its viewer's earlier one",
    async hold(under) {
      await kinds(under, "a1", "a2");
      await leave(under, "a1");
      under.pass(1);
      await leave(under, "a2");
      assertEquals(await kinds(under, "a2"), ["reconnected"]);
      assertEquals(await seated(under), ["a2", "(a1)"]);
    },
  },
  {
    claim: "admit() rotates out the session seen longest ago once it is idle for long enough",
    async hold(under) {
      await ask(under, "a");
      under.pass(10);
      await ask(under, "b");
      under.pass(289);
      assertEquals(await wait(under, "c"), 1);
      under.pass(1);
      const at = under.now();
      assertEquals(await ask(under, "c"), {
        kind: "rotated",
        at,
        expiresAt: at + 1000,
        out: { session: "a", viewer: "a" },
      });
      assertEquals(await seated(under), ["b", "c"]);
    },
  },
  {
    claim: "admit() breaks ties of idleness by id, bytewise",
    settings: { capacity: 4 },
    async hold(under) {
      await kinds(under, "b", "B", "_", "0");
      under.pass(300);
      const out: string[] = [];
      for (const session of ["w", "x", "y", "z"]) {
        const verdict = await ask(under, session);
        if (verdict.kind === "rotated") out.push(verdict.out.session);
      }
      assertEquals(out, ["0", "B", "_", "b"]);
    },
  },
  {
    claim: "admit() rotates nobody out who was seen within the grace, where that is longer",
    settings: { graceMs: 500 },
    async hold(under) {
      await kinds(under, "a", "b");
      under.pass(499);
      assertEquals(await wait(under, "c"), 1);
      under.pass(1);
      assertEquals(await kinds(under, "c"), ["rotated"]);
    },
  },
  {
    claim: "admit() lets who was rotated out rotate nobody out until the cool-off ends",
    settings: { capacity: 1 },
    async hold(under) {
      await kinds(under, "a");
      under.pass(300);
      assertEquals(await kinds(under, "b"), ["rotated"]);
      under.pass(300);
      assertEquals(await wait(under, "a"), 100);
      assertEquals(await kinds(under, "c"), ["rotated"]);
      under.pass(399);
      assertEquals(await kinds(under, "a"), ["rotated"]);
    },
  },
  {
    claim: "admit() lets who was rotated out take a free seat at once",
    settings: { capacity: 1 },
    async hold(under) {
      await kinds(under, "a");
      under.pass(300);
      await kinds(under, "b");
      await leave(under, "b", false);
      assertEquals(await kinds(under, "a"), ["new"]);
    },
  },
  {
    claim: "admit() lets two rotate each other as they are idle where there is no cool-off",
    settings: { capacity: 1, cooldownMs: 0 },
    async hold(under) {
      await kinds(under, "a");
      for (const session of ["b", "a", "b"]) {
        under.pass(300);
        assertEquals(await kinds(under, session), ["rotated"]);
      }
    },
  },
  {
    claim:
      "admit() holds a seat as long as is asked for, and rotates nobody, where rotation is off",
    settings: { rotationIdleMs: "off", capacity: 1 },
    async hold(under) {
      await ask(under, "a", { holdMs: 5000 });
      under.pass(4999);
      assertEquals(await wait(under, "b"), 1);
      under.pass(1);
      assertEquals(await kinds(under, "b"), ["new"]);
      under.pass(999);
      assertEquals(await wait(under, "a"), 1);
    },
  },
  {
    claim: "admit() holds a seat for the pool's own time, whatever is asked for, with rotation on",
    async hold(under) {
      const at = under.now();
      const verdict = await ask(under, "a", { holdMs: 5000 });
      assertEquals(verdict, { kind: "new", at, expiresAt: at + 1000 });
    },
  },
  {
    claim: "admit() tells the least wait of rotation, expiry and the end of a leaving",
    async hold(under) {
      await kinds(under, "a", "b");
      assertEquals(await wait(under, "c"), 300);
      await leave(under, "a");
      under.pass(30);
      assertEquals(await wait(under, "c"), 70);
      under.pass(70);
      assertEquals(await wait(under, "c"), "new");
    },
  },
  {
    claim:
      "admit() tells the wait until an expiry where rotation is off, or the viewer cools longer",
    settings: { cooldownMs: 5000, capacity: 1 },
    async hold(under) {
      await kinds(under, "a");
      under.pass(300);
      await kinds(under, "b");
      under.pass(1);
      assertEquals(await wait(under, "a"), 999);
      under.settings.rotationIdleMs = "off";
      assertEquals(await wait(under, "c"), 999);
    },
  },
  {
    claim: "a lowered capacity evicts nobody, and admits nobody new until fewer are in",
    settings: { capacity: 3 },
    async hold(under) {
      await kinds(under, "a", "b", "c");
      under.settings.capacity = 1;
      under.pass(300);
      assertEquals(await seated(under), ["a", "b", "c"]);
      assertEquals(await wait(under, "d"), 700);
      assertEquals(await kinds(under, "a"), ["continued"]);
      await leave(under, "b");
      await leave(under, "c");
      assertEquals(await wait(under, "d"), 100);
      under.pass(100);
      assertEquals(await wait(under, "d"), 200);
      assertEquals(await seated(under), ["a"]);
    },
  },
];
