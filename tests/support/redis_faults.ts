/**
 * Every fault of a Redis, or of the way to it, as it begins and ends, and what it comes to.
 *
 * @module
 */

import {
  DROPPED,
  refusing,
  REPLY_CUT,
  REPLY_LOST,
  slowly,
  type Way,
  type WayName,
  type Wire,
} from "./redis_ways.ts";
import type { RedisServer } from "./redis_server.ts";
import { badGateway, tooManyRequests } from "./rest_faults.ts";
import { says } from "./tcp_faults.ts";

/** What the operator is told of a failure. */
export type Told = { kind: string; status?: number; code?: string };

/** Where a fault is. */
export type Place = { redis: RedisServer; way: Way };

/** See the module. */
export type Fault = {
  /** Who has it, and what it is. */
  claim: string;
  begin(place: Place): unknown;
  end(place: Place): unknown;
  /** The row of the degraded table. */
  cause: "dependency_timeout" | "dependency_unavailable";
  /** What the operator is told, on each way that has the fault. */
  told: Partial<Record<WayName, Told>>;
  /**
   * Whether an ask that failed was carried out all the same; `unknown` where it may be carried out
   * later. A Redis that is `emptied` has forgotten those before too.
   */
  carriedOut: "no" | "yes" | "unknown" | "emptied";
  redisArgs?: readonly string[];
};

const TIMEOUT: Told = { kind: "timeout" };
const NETWORK: Told = { kind: "network" };

/** See the module. */
export const FAULTS: readonly Fault[] = [
  {
    claim: "a Redis that is killed and comes back empty",
    begin: ({ redis }) => redis.kill(),
    end: ({ redis }) => redis.restart(),
    cause: "dependency_unavailable",
    told: { REST: { kind: "status", status: 503 }, TCP: NETWORK },
    carriedOut: "emptied",
  },
  {
    claim: "a Redis that stands still past the budget",
    begin: ({ redis }) => redis.pause(),
    end: ({ redis }) => redis.resume(),
    cause: "dependency_timeout",
    told: { REST: TIMEOUT, TCP: TIMEOUT },
    carriedOut: "unknown",
  },
  {
    claim: "a Redis that has no memory left",
    ...commanded([set("maxmemory", "1")], [set("maxmemory", "0")]),
    ...refused("OOM"),
  },
  {
    claim: "a Redis that has become a replica",
    ...commanded([["REPLICAOF", "127.0.0.1", "1"]], [["REPLICAOF", "NO", "ONE"]]),
    ...refused("READONLY"),
  },
  {
    claim: "a Redis that has lost its replicas",
    ...commanded([set("min-replicas-to-write", "1")], [set("min-replicas-to-write", "0")]),
    ...refused("NOREPLICAS"),
  },
  {
    claim: "a Redis that cannot write its disk",
    redisArgs: ["--dir", "/proc"],
    async begin({ redis }) {
      await redis.batch([
        set("stop-writes-on-bgsave-error", "yes"),
        set("save", "3600 1"),
        ["BGSAVE"],
      ]);
      while (!`${await redis.command("INFO", "persistence")}`.includes("bgsave_status:err"));
    },
    end: ({ redis }) => redis.command(...set("stop-writes-on-bgsave-error", "no")),
    ...refused("MISCONF"),
  },
  {
    claim: "a Redis that is still loading",
    ...wired(refusing("LOADING Redis is loading the dataset in memory")),
    ...refused("LOADING"),
  },
  {
    claim: "a Redis that wants a password all at once",
    ...commanded(
      [set("requirepass", "hidden"), ["CLIENT", "KILL", "TYPE", "normal"]],
      [set("requirepass", "")],
    ),
    ...refused("NOAUTH"),
    told: { TCP: { kind: "bad_reply", code: "NOAUTH" } },
  },
  {
    claim: "a Redis that takes the token no more",
    ...wired({ REST: () => Response.json({ error: "WRONGPASS hidden" }, { status: 401 }) }),
    ...answered({ kind: "status", status: 401 }),
  },
  {
    claim: "a Redis that is asked too often",
    ...wired({ REST: tooManyRequests(60) }),
    ...answered({ kind: "status", status: 429 }),
  },
  {
    claim: "a Redis behind a gateway that does not reach it",
    ...wired({ REST: badGateway }),
    ...answered({ kind: "status", status: 502 }),
  },
  {
    claim: "a Redis in whose place something else answers",
    ...wired({
      REST: () => new Response("<html><h1>Welcome</h1></html>"),
      TCP: says("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n"),
    }),
    ...answered({ kind: "bad_reply" }),
    told: { REST: { kind: "bad_reply" }, TCP: NETWORK },
  },
  {
    claim: "a Redis to which every connection ends before it is asked",
    ...wired(DROPPED),
    ...broken("no"),
  },
  {
    claim: "a Redis to which every connection ends before it answers",
    ...wired(REPLY_LOST),
    ...broken("yes"),
  },
  {
    claim: "a Redis whose answers break off",
    ...wired(REPLY_CUT),
    ...broken("yes"),
  },
  slow(),
];

/** Redis itself, by one set of commands and another. */
function commanded(
  begin: readonly (readonly string[])[],
  end: readonly (readonly string[])[],
): Pick<Fault, "begin" | "end"> {
  return {
    begin: ({ redis }) => redis.batch(begin),
    end: ({ redis }) => redis.batch(end),
  };
}

function set(...setting: readonly string[]): string[] {
  return ["CONFIG", "SET", ...setting];
}

/** What lies between. */
function wired(wire: Wire): Pick<Fault, "begin" | "end"> {
  return {
    begin: ({ way }) => way.meddle(wire),
    end: ({ way }) => way.meddle(undefined),
  };
}

type Outcome = Pick<Fault, "cause" | "told" | "carriedOut">;

/** Redis refuses, by a word of its own. */
function refused(code: string): Outcome {
  const told = { kind: "bad_reply", code };
  return { cause: "dependency_unavailable", told: { REST: told, TCP: told }, carriedOut: "no" };
}

/** An answer over HTTP that is none of Redis'. */
function answered(told: Told): Outcome {
  return { cause: "dependency_unavailable", told: { REST: told }, carriedOut: "no" };
}

function broken(carriedOut: "yes" | "no"): Outcome {
  return { cause: "dependency_unavailable", told: { REST: NETWORK, TCP: NETWORK }, carriedOut };
}

/** A byte comes every 20 ms, until it is over. */
function slow(): Fault {
  let over: () => void;
  return {
    claim: "a Redis whose answers come too slowly",
    begin({ way }) {
      const ended = new Promise<void>((resolve) => over = resolve);
      let waits = true;
      ended.then(() => waits = false);
      way.meddle(slowly(() => waits ? passed(20, ended) : ended));
    },
    end({ way }) {
      way.meddle(undefined);
      over();
    },
    cause: "dependency_timeout",
    told: { REST: TIMEOUT, TCP: TIMEOUT },
    carriedOut: "yes",
  };
}

function passed(ms: number, unless: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    unless.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
