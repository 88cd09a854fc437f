import { DEFAULT_SETTINGS } from "../src/gate/policy.ts";
import { createRedisGate } from "../src/gate/redis.ts";
import { poolKeys } from "../src/gate/scripts.ts";
import type { Gate } from "../src/ports.ts";
import { assertEquals, assertGreater } from "./support/assert.ts";
import type { RedisServer } from "./support/redis_server.ts";
import { scriptsAt } from "./support/tcp_scripts.ts";
import { testWithRedis } from "./support/test_with_redis.ts";

const { graceMs, rotationIdleMs, inactivityMs } = DEFAULT_SETTINGS;
const [SEATS = "", LEAVERS = "", INFO = ""] = poolKeys("test");

/** A pool of two seats, in which anna's television stands and ben's is leaving. */
type Evening = {
  gate: Gate;
  kind: (session: string) => Promise<string>;
  /** The session gets a seat and is leaving it. */
  visit: (session: string) => Promise<void>;
  pass: (ms: number) => void;
};

/** Sessions are called by their viewer and a number: `ben2` is another of ben's. */
async function evening(redis: RedisServer): Promise<Evening> {
  const clock = { now: 1_700_000_000_000 };
  const run = scriptsAt(redis, () => clock.now);
  const gate = createRedisGate({ run, pool: "test", settings: DEFAULT_SETTINGS });
  const admit = (session: string, note?: string) =>
    gate.admit({ session, viewer: session.replace(/\d$/, ""), ...(note && { note }) });
  await admit("anna", "film");
  async function visit(session: string): Promise<void> {
    const verdict = await admit(session, "film");
    const expiresAt = "expiresAt" in verdict ? verdict.expiresAt : 0;
    assertEquals((await gate.release({ session, expiresAt, grace: true })).kind, "leaving");
  }
  await visit("ben");
  return {
    gate,
    visit,
    kind: async (session) => (await admit(session)).kind,
    pass: (ms) => void (clock.now += ms),
  };
}

testWithRedis(
  "who held a seat that was lost is gone, and no seat is given twice",
  async (redis) => {
    const { gate, kind, visit } = await evening(redis);
    await redis.command("DEL", SEATS);
    assertEquals((await gate.beat({ session: "anna" })).kind, "gone");
    assertEquals((await gate.list()).seats, []);
    // Now the pool looks for who is leaving, and finds what it knows of ben.
    await visit("cleo");
    assertEquals([await kind("ben2"), await kind("ben3")], ["new", "blocked"]);
    assertEquals([await kind("cleo"), await kind("anna")], ["reconnected", "blocked"]);
  },
);

testWithRedis(
  "a seat that waits for its viewer, and is lost to it, waits for its session",
  async (redis) => {
    const { kind, pass } = await evening(redis);
    await redis.command("DEL", LEAVERS);
    assertEquals([await kind("ben2"), await kind("ben")], ["blocked", "reconnected"]);
    await redis.command("DEL", LEAVERS);
    pass(graceMs);
    assertEquals(await kind("ben"), "continued");
  },
);

testWithRedis(
  "a seat that has lost whose it is lasts no longer than others",
  async (redis) => {
    for (const after of ["its return", "the return of another", "its grace"]) {
      await redis.command("FLUSHALL");
      const { gate, kind, pass } = await evening(redis);
      await redis.command("DEL", INFO);
      const { seats } = await gate.list();
      assertEquals(seats.map(({ session, viewer, since }) => [session, viewer, since]), [
        ["anna", "-", 0],
        ["ben", "-", 0],
      ]);
      if (after === "its grace") pass(graceMs);
      const back = after === "the return of another" ? "ben2" : "ben";
      assertEquals(await kind(back), after === "its grace" ? "new" : "reconnected", after);
      assertEquals(await kind("cleo"), "blocked", after);
      pass(Number(rotationIdleMs));
      await gate.beat({ session: back });
      const verdict = await gate.admit({ session: "cleo", viewer: "cleo" });
      assertEquals("out" in verdict && verdict.out, { session: "anna", viewer: "-" }, after);
      pass(inactivityMs);
      assertEquals((await gate.list()).occupied, 0, after);
    }
  },
);

testWithRedis("a note is kept by a key with a TTL, though the key was lost", async (redis) => {
  const { gate } = await evening(redis);
  await redis.command("DEL", INFO);
  await gate.admit({ session: "anna", viewer: "anna", note: "film" });
  assertGreater(Number(await redis.command("PTTL", INFO)), 2 * inactivityMs);
  assertEquals((await gate.list()).seats[0]?.note, "film");
});
