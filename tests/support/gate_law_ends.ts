/**
 * The gate's law, claim by claim: how seats are kept, given back and lost.
 *
 * @module
 */

import { assertEquals } from "./assert.ts";
import { ask, kinds, type LawCase, leave, seated, wait } from "./gate_law.ts";

/** Beats, releases, evictions, the list, and time. */
export const ENDS: readonly LawCase[] = [
  {
    claim: "a session that is not seen for the whole inactivity is gone, and no sooner",
    async hold(under) {
      await kinds(under, "a");
      under.pass(999);
      assertEquals(await seated(under), ["a"]);
      under.pass(1);
      assertEquals(await seated(under), []);
      const at = under.now();
      assertEquals(await under.gate.beat({ session: "a" }), {
        kind: "gone",
        at,
        reason: "expired",
      });
    },
  },
  {
    claim: "a session that asks when its time is over is new, and one that beats then is gone",
    async hold(under) {
      await kinds(under, "a");
      under.pass(1000);
      assertEquals(await kinds(under, "a"), ["new"]);
      under.pass(1000);
      assertEquals((await under.gate.beat({ session: "a" })).kind, "gone");
    },
  },
  {
    claim: "beat() holds a session that stands, and brings one back that is leaving",
    async hold(under) {
      await kinds(under, "a", "b");
      await leave(under, "b");
      under.pass(99);
      const at = under.now();
      const held = { kind: "held", at, expiresAt: at + 1000 } as const;
      assertEquals(await under.gate.beat({ session: "a" }), held);
      assertEquals(await under.gate.beat({ session: "b" }), held);
      under.pass(999);
      assertEquals(await seated(under), ["a", "b"]);
    },
  },
  {
    claim: "beat() takes no seat, though one is free",
    async hold(under) {
      const at = under.now();
      assertEquals(await under.gate.beat({ session: "a" }), {
        kind: "gone",
        at,
        reason: "unknown",
      });
      assertEquals(await seated(under), []);
    },
  },
  {
    claim: "beat() tells for a while why a session is gone",
    settings: { capacity: 4 },
    async hold(under) {
      const reasons = async () => {
        const found: string[] = [];
        for (const session of ["r", "e", "x", "l", "q"]) {
          const reply = await under.gate.beat({ session });
          found.push(reply.kind === "gone" ? reply.reason : reply.kind);
        }
        return found;
      };
      await kinds(under, "x");
      under.pass(600);
      await kinds(under, "r", "e", "l");
      await under.gate.evict({ session: "e" });
      await leave(under, "l", false);
      under.pass(400);
      await kinds(under, "n1", "n2", "n3", "n4");
      assertEquals(await reasons(), ["rotated", "evicted", "expired", "left", "unknown"]);
      under.pass(299);
      assertEquals(await reasons(), ["rotated", "evicted", "expired", "left", "unknown"]);
      under.pass(1);
      assertEquals(await reasons(), ["rotated", "unknown", "expired", "unknown", "unknown"]);
      under.pass(399);
      assertEquals((await reasons())[0], "rotated");
      under.pass(1);
      assertEquals((await reasons())[0], "unknown");
    },
  },
  {
    claim: "beat() holds for as long as it says where rotation is off",
    settings: { rotationIdleMs: "off" },
    async hold(under) {
      await kinds(under, "a");
      await under.gate.beat({ session: "a", holdMs: 50 });
      under.pass(50);
      assertEquals(await seated(under), []);
    },
  },
  {
    claim: "release() keeps a seat for its viewer for the grace, and then it is free",
    settings: { capacity: 1 },
    async hold(under) {
      await kinds(under, "a");
      assertEquals(await leave(under, "a"), "leaving");
      assertEquals(await wait(under, "b"), 100);
      under.pass(99);
      assertEquals(await seated(under), ["(a)"]);
      under.pass(1);
      assertEquals(await kinds(under, "b"), ["new"]);
    },
  },
  {
    claim: "a seat whose grace is over has been left since then",
    async hold(under) {
      await kinds(under, "a");
      await leave(under, "a");
      under.pass(799);
      const at = under.now();
      assertEquals(await under.gate.beat({ session: "a" }), { kind: "gone", at, reason: "left" });
      under.pass(1);
      const reply = await under.gate.beat({ session: "a" });
      assertEquals(reply, { kind: "gone", at: at + 1, reason: "unknown" });
    },
  },
  {
    claim: "release() without grace frees the seat at once",
    settings: { capacity: 1 },
    async hold(under) {
      await kinds(under, "a");
      assertEquals(await leave(under, "a", false), "left");
      assertEquals(await kinds(under, "b"), ["new"]);
    },
  },
  {
    claim: "release() with a grace of nothing frees the seat at once",
    settings: { capacity: 1, graceMs: 0 },
    async hold(under) {
      await kinds(under, "a");
      await leave(under, "a");
      assertEquals(await kinds(under, "b"), ["new"]);
    },
  },
  {
    claim: "release() that is late, repeated or overtaken does nothing",
    async hold(under) {
      const first = await ask(under, "a");
      const expiresAt = first.kind === "new" ? first.expiresAt : 0;
      under.pass(5);
      await ask(under, "a");
      const release = async (grace: boolean) =>
        (await under.gate.release({ session: "a", expiresAt, grace })).kind;
      assertEquals([await release(true), await release(false)], ["ignored", "ignored"]);
      assertEquals(await seated(under), ["a"]);
      assertEquals(await leave(under, "a"), "leaving");
      assertEquals(await leave(under, "a"), "ignored");
      under.pass(50);
      assertEquals(await leave(under, "a", false), "ignored");
      assertEquals(await seated(under), ["(a)"]);
    },
  },
  {
    claim: "evict() takes a seat away, leaving or not, and knows no other",
    async hold(under) {
      await kinds(under, "a", "b");
      await leave(under, "b");
      const at = under.now();
      for (const session of ["a", "b"]) {
        assertEquals(await under.gate.evict({ session }), { kind: "evicted", at });
      }
      assertEquals(await under.gate.evict({ session: "a" }), { kind: "unknown", at });
      assertEquals(await seated(under), []);
    },
  },
  {
    claim: "a session whose seat passes on is gone as it was before it had that seat",
    async hold(under) {
      const reason = async () => {
        const reply = await under.gate.beat({ session: "a1" });
        return reply.kind === "gone" ? reply.reason : reply.kind;
      };
      await kinds(under, "a1");
      await under.gate.evict({ session: "a1" });
      under.pass(600);
      await kinds(under, "a1");
      await leave(under, "a1");
      assertEquals(await kinds(under, "a2"), ["reconnected"]);
      under.pass(99);
      assertEquals(await reason(), "evicted");
      under.pass(1);
      assertEquals(await reason(), "unknown");
      await kinds(under, "a1");
      await leave(under, "a1");
      assertEquals(await kinds(under, "a2", "a3"), ["continued", "reconnected"]);
      assertEquals(await reason(), "unknown");
    },
  },
  {
    claim: "list() shows who holds the seats, since when, and what for",
    async hold(under) {
      const since = under.now();
      await ask(under, "b", { note: "weir:ü 1" });
      await ask(under, "a");
      under.pass(7);
      const at = under.now();
      await ask(under, "a", { note: "" });
      await leave(under, "b");
      assertEquals(await under.gate.list(), {
        at,
        occupied: 2,
        seats: [
          {
            state: "standing",
            session: "a",
            viewer: "a",
            since,
            note: "",
            expiresAt: at + 1000,
          },
          { state: "leaving", session: "b", viewer: "b", since, note: "weir:ü 1", leftAt: at },
        ],
      });
    },
  },
  {
    claim: "a note stays as it was where an ask brings none, and goes with its seat",
    async hold(under) {
      const note = async () => (await under.gate.list()).seats[0]?.note;
      await ask(under, "a", { note: "weir:a" });
      await ask(under, "a");
      assertEquals(await note(), "weir:a");
      await ask(under, "a", { note: "weir:b" });
      assertEquals(await note(), "weir:b");
      await leave(under, "a", false);
      await ask(under, "a");
      assertEquals(await note(), undefined);
    },
  },
  {
    claim: "a clock that steps back changes nothing",
    async hold(under) {
      const at = under.now();
      await kinds(under, "a", "b");
      under.pass(-900);
      assertEquals(await wait(under, "c"), 300);
      assertEquals((await under.gate.list()).at, at);
      under.pass(900 + 300);
      assertEquals(await kinds(under, "c"), ["rotated"]);
    },
  },
  {
    claim: "a pool whose time lies too far ahead of the clock starts afresh",
    async hold(under) {
      await kinds(under, "a", "b");
      under.pass(-1000);
      assertEquals(await seated(under), ["a", "b"]);
      under.pass(-1);
      const at = under.now();
      assertEquals(await under.gate.list(), { at, occupied: 0, seats: [] });
      assertEquals(await kinds(under, "c"), ["new"]);
    },
  },
  {
    claim: "an operation that is delivered twice costs no second seat and frees none",
    async hold(under) {
      assertEquals(await kinds(under, "a", "a", "b", "b"), [
        "new",
        "continued",
        "new",
        "continued",
      ]);
      await leave(under, "a", false);
      await leave(under, "a", false);
      assertEquals(await kinds(under, "c", "c", "d"), ["new", "continued", "blocked"]);
    },
  },
  {
    claim: "concurrent asks never seat more than there are seats",
    settings: { capacity: 3 },
    async hold(under) {
      const asked = Array.from({ length: 40 }, (_, i) => ask(under, `${i % 20}`.padStart(2, "v")));
      const verdicts = await Promise.all(asked);
      assertEquals(verdicts.filter(({ kind }) => kind === "new").length, 3);
      assertEquals((await seated(under)).length, 3);
    },
  },
];
