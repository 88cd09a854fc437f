import { createTcpScripts } from "../src/entry/redis.ts";
import { DEFAULT_SETTINGS } from "../src/gate/policy.ts";
import { createRedisGate } from "../src/gate/redis.ts";
import { assertEquals } from "./support/assert.ts";
import { type RedisServer, startRedis } from "./support/redis_server.ts";
import { testWithRedis } from "./support/test_with_redis.ts";

const CAPACITY = 3;

function gateAt(redis: RedisServer, stack: DisposableStack) {
  const url = `redis://127.0.0.1:${redis.port}`;
  const run = stack.use(createTcpScripts({ url, silenceMs: Infinity }));
  const gate = createRedisGate({
    run,
    pool: "test",
    settings: { ...DEFAULT_SETTINGS, capacity: CAPACITY },
  });
  return {
    async admits(...viewers: string[]): Promise<string[]> {
      const kinds: string[] = [];
      for (const viewer of viewers) {
        kinds.push((await gate.admit({ session: viewer, viewer })).kind);
      }
      return kinds;
    },
  };
}

testWithRedis(
  "across a failover at most as many are admitted twice as there are seats, and no pool is broken",
  async (master) => {
    // What it is sent goes to its memory, and not by way of a file.
    await using replica = await startRedis(["--repl-diskless-load", "swapdb"]);
    using stack = new DisposableStack();
    await master.command("CONFIG", "SET", "repl-diskless-sync-delay", "0");
    await replica.command("REPLICAOF", "127.0.0.1", `${master.port}`);
    const [here, there] = [gateAt(master, stack), gateAt(replica, stack)];
    assertEquals(await here.admits("a"), ["new"]);
    // WAIT waits for what its own connection has written, and for all before that.
    await master.command("SET", "mark", "1");
    while (await master.command("WAIT", "1", "1000") !== 1);
    assertEquals(await replica.command("GET", "mark"), "1");
    // What is answered from here on has reached nobody else when the master goes.
    await replica.command("REPLICAOF", "NO", "ONE");
    assertEquals(await here.admits("b", "c", "d"), ["new", "new", "blocked"]);
    await master.kill();
    assertEquals(await there.admits("a", "d", "e", "b"), ["continued", "new", "new", "blocked"]);
  },
);
