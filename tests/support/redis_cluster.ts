/**
 * A real Redis Cluster of three masters on 127.0.0.1, that ends with the test.
 *
 * @module
 */

import { createRedisClient, isRedisError, type RedisClient, type Reply } from "./resp.ts";

/** One master of a cluster. */
export type ClusterNode = Pick<RedisClient, "command"> & { readonly port: number };

/** A running cluster. */
export type RedisCluster = {
  readonly nodes: readonly ClusterNode[];
  /** The slot of a key. */
  slotOf(key: string): Promise<number>;
  /** Which of the nodes has a slot, as they are laid out at first. */
  ownerOf(slot: number): ClusterNode;
  [Symbol.asyncDispose](): Promise<void>;
};

const MASTERS = 3;
const SLOTS = 16_384;
const START_TIMEOUT_MS = 30_000;
const POLL_MS = 20;

/** Starts three masters and waits until each says that the cluster is whole. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const dir = await Deno.makeTempDir({ dir: "/tmp", prefix: "weir-cluster-" });
  const started = Array.from({ length: MASTERS }, (_, index) => launch(dir, index));
  const nodes = started.map(({ node }) => node);

  async function end(): Promise<void> {
    for (const { node, child } of started) {
      node.disconnect();
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended by itself.
      }
      await child.status;
    }
    await Deno.remove(dir, { recursive: true });
  }

  try {
    await join(started);
  } catch (error) {
    await end();
    throw error;
  }
  return {
    nodes,
    slotOf: async (key) => Number(await nodes[0]!.command("CLUSTER", "KEYSLOT", key)),
    ownerOf: (slot) => nodes.find((_, index) => slot <= lastSlot(index))!,
    [Symbol.asyncDispose]: end,
  };
}

type Started = { node: ClusterNode & RedisClient; busPort: number; child: Deno.ChildProcess };

function launch(dir: string, index: number): Started {
  const port = freePort();
  const busPort = freePort();
  const options = {
    bind: "127.0.0.1",
    port,
    dir,
    save: "",
    appendonly: "no",
    "cluster-enabled": "yes",
    "cluster-port": busPort,
    "cluster-config-file": `${dir}/nodes-${index}.conf`,
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  const quiet = { stdin: "null", stdout: "null", stderr: "null" } as const;
  const child = new Deno.Command("redis-server", { args, ...quiet }).spawn();
  return { node: { port, ...createRedisClient(port) }, busPort, child };
}

async function join(started: readonly Started[]): Promise<void> {
  for (const { node } of started) await becomes(() => node.command("PING"), "PONG");
  for (const [index, { node }] of started.entries()) {
    const from = index === 0 ? 0 : lastSlot(index - 1) + 1;
    await done(node, ["CLUSTER", "SET-CONFIG-EPOCH", `${index + 1}`]);
    await done(node, ["CLUSTER", "ADDSLOTSRANGE", `${from}`, `${lastSlot(index)}`]);
  }
  const [first, ...others] = started;
  for (const { node, busPort } of others) {
    await done(first!.node, ["CLUSTER", "MEET", "127.0.0.1", `${node.port}`, `${busPort}`]);
  }
  for (const { node } of started) {
    await becomes(() => node.command("CLUSTER", "INFO"), "cluster_state:ok");
  }
}

async function done(node: ClusterNode, command: readonly string[]): Promise<void> {
  const reply = await node.command(...command);
  if (isRedisError(reply)) throw new Error(reply.error);
}

async function becomes(ask: () => Promise<Reply>, expected: string): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!`${await ask().catch(() => "")}`.includes(expected)) {
    if (performance.now() > deadline) {
      throw new Error(`Cannot start a cluster: not ${expected} within ${START_TIMEOUT_MS} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function lastSlot(index: number): number {
  return Math.floor(SLOTS * (index + 1) / MASTERS) - 1;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
