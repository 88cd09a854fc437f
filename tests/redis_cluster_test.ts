import { createTcpScripts } from "../src/entry/redis.ts";
import { DEFAULT_SETTINGS } from "../src/gate/policy.ts";
import { createRedisGate, type RunScript } from "../src/gate/redis.ts";
import { poolKeys } from "../src/gate/scripts.ts";
import type { Gate } from "../src/ports.ts";
import { assert, assertEquals, assertRejects } from "./support/assert.ts";
import { type ClusterNode, type RedisCluster, startRedisCluster } from "./support/redis_cluster.ts";
import { testWithRedis } from "./support/test_with_redis.ts";

const SETTINGS = { ...DEFAULT_SETTINGS, capacity: 1, rotationIdleMs: 1, graceMs: 0 };
const POOLS = Array.from({ length: 12 }, (_, index) => `pool-${index}`);

function sessionsOf(pool: string): string {
  return poolKeys(pool)[0]!;
}

async function ownerOf(cluster: RedisCluster, pool: string): Promise<ClusterNode> {
  return cluster.ownerOf(await cluster.slotOf(sessionsOf(pool)));
}

function gateOf(run: RunScript, pool: string): Gate {
  return createRedisGate({ run, pool, settings: SETTINGS });
}

async function askedScripts(node: ClusterNode): Promise<number> {
  const stats = `${await node.command("INFO", "commandstats")}`;
  const [, calls = 0, refused = 0] =
    /cmdstat_evalsha:calls=(\d+).*rejected_calls=(\d+)/.exec(stats) ?? [];
  return Number(calls) + Number(refused);
}

/** Every operation, and every verdict but `rotated`, which wants time to pass. */
async function everyOperation(gate: Gate): Promise<void> {
  const anna = { session: "anna", viewer: "anna" };
  const admitted = await gate.admit({ ...anna, note: "weir:a" });
  assertEquals(admitted.kind, "new");
  assertEquals((await gate.admit(anna)).kind, "continued");
  assertEquals((await gate.beat({ session: "anna" })).kind, "held");
  assertEquals((await gate.list()).seats.map(({ session, note }) => [session, note]), [
    ["anna", "weir:a"],
  ]);
  assertEquals((await gate.evict({ session: "anna" })).kind, "evicted");
  assertEquals((await gate.beat({ session: "anna" })).kind, "gone");
  const again = await gate.admit(anna);
  assert(again.kind === "new");
  const { expiresAt } = again;
  assertEquals((await gate.release({ session: "anna", expiresAt, grace: false })).kind, "left");
  assertEquals((await gate.admit({ session: "ben", viewer: "ben" })).kind, "new");
}

/** Which of the nodes has what lies in a slot. */
async function currentOwner({ nodes }: RedisCluster, slot: string): Promise<ClusterNode> {
  for (const node of nodes) {
    const reply = await node.command("CLUSTER", "COUNTKEYSINSLOT", slot);
    if (Number(reply) > 0) return node;
  }
  throw new Error(`nobody has anything in slot ${slot}`);
}

testWithRedis(
  "in a cluster each pool is on its node, and every operation works, from any one node",
  async (_redis, t) => {
    await using cluster = await startRedisCluster();
    const owners = new Map<string, ClusterNode>();
    for (const pool of POOLS) owners.set(pool, await ownerOf(cluster, pool));
    assertEquals(new Set(owners.values()).size, 3);

    for (const [index, home] of cluster.nodes.entries()) {
      await t.step(`asked by way of node ${index}`, async () => {
        using run = createTcpScripts({
          url: `redis://127.0.0.1:${home.port}`,
          silenceMs: Infinity,
        });
        await Promise.all(POOLS.map((pool) => everyOperation(gateOf(run, `${pool}-${index}`))));
        for (const pool of POOLS) {
          const owner = await ownerOf(cluster, `${pool}-${index}`);
          assertEquals(await owner.command("EXISTS", sessionsOf(`${pool}-${index}`)), 1);
        }
      });
    }

    await t.step("the node that has a pool is asked at once from then on", async () => {
      const [home] = cluster.nodes;
      const [pool] = POOLS.filter((each) => owners.get(each) !== home);
      using run = createTcpScripts({ url: `redis://127.0.0.1:${home!.port}`, silenceMs: Infinity });
      const gate = gateOf(run, pool!);
      await gate.admit({ session: "anna", viewer: "anna" });
      const before = await askedScripts(home!);
      assert(before > 0);
      for (let times = 0; times < 3; times++) await gate.beat({ session: "anna" });
      assertEquals(await askedScripts(home!), before);
    });

    await t.step("a slot that moves takes its pool along, during the move and after", async () => {
      const [pool = ""] = POOLS;
      const key = sessionsOf(pool);
      const slot = `${await cluster.slotOf(key)}`;
      const from = await ownerOf(cluster, pool);
      const to = cluster.nodes.find((node) => node !== from)!;
      const [fromId, toId] = await Promise.all(
        [from, to].map(async (node) => `${await node.command("CLUSTER", "MYID")}`),
      );
      using run = createTcpScripts({ url: `redis://127.0.0.1:${from.port}`, silenceMs: Infinity });
      const gate = gateOf(run, pool);
      const cleo = { session: "cleo", viewer: "cleo" };
      await gate.evict({ session: "anna" });
      assertEquals((await gate.admit(cleo)).kind, "new");
      // A script's keys must all be there: else the new node answers TRYAGAIN until the move ends.
      for (const part of poolKeys(pool).slice(1, -1)) await from.command("ZADD", part, "-1", "~");
      await to.command("CLUSTER", "SETSLOT", slot, "IMPORTING", fromId!);
      await from.command("CLUSTER", "SETSLOT", slot, "MIGRATING", toId!);
      const keys = await from.command("CLUSTER", "GETKEYSINSLOT", slot, "100") as string[];
      await from.command("MIGRATE", "127.0.0.1", `${to.port}`, "", "0", "5000", "KEYS", ...keys);
      assertEquals((await gate.admit(cleo)).kind, "continued");
      for (const node of [to, from]) await node.command("CLUSTER", "SETSLOT", slot, "NODE", toId!);
      assertEquals((await gate.beat({ session: "cleo" })).kind, "held");
      assertEquals(await to.command("EXISTS", key), 1);
    });

    await t.step(
      "a node that is gone is not asked for ever, where another has its slots",
      async () => {
        const [pool = ""] = POOLS;
        const slot = `${await cluster.slotOf(sessionsOf(pool))}`;
        const gone = await currentOwner(cluster, slot);
        const heir = cluster.nodes.find((node) => node !== gone)!;
        using run = createTcpScripts({
          url: `redis://127.0.0.1:${heir.port}`,
          silenceMs: Infinity,
        });
        const gate = gateOf(run, pool);
        assertEquals((await gate.beat({ session: "cleo" })).kind, "held");
        const heirId = `${await heir.command("CLUSTER", "MYID")}`;
        await heir.command("CONFIG", "SET", "cluster-require-full-coverage", "no");
        await gone.command("SHUTDOWN", "NOSAVE").catch(() => "it ends without a word");
        await heir.command("CLUSTER", "SETSLOT", slot, "NODE", heirId);
        // Else the third, which still knows the slot as the other's, would correct the heir.
        await heir.command("CLUSTER", "BUMPEPOCH");
        await assertRejects(
          () => Promise.resolve(gate.beat({ session: "cleo" })),
          Error,
          "connection",
        );
        assertEquals((await gate.beat({ session: "cleo" })).kind, "gone");
      },
    );
  },
);
