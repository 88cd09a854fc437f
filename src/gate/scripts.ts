/**
 * The gate's Lua scripts and the keys that they take.
 *
 * @module
 */

import type { Gate } from "../ports.ts";
import admitLua from "./admit.lua" with { type: "text" };
import beatLua from "./beat.lua" with { type: "text" };
import commitLua from "./commit.lua" with { type: "text" };
import evictLua from "./evict.lua" with { type: "text" };
import listLua from "./list.lua" with { type: "text" };
import openLua from "./open.lua" with { type: "text" };
import poolLua from "./pool.lua" with { type: "text" };
import pruneLua from "./prune.lua" with { type: "text" };
import standLua from "./stand.lua" with { type: "text" };
import releaseLua from "./release.lua" with { type: "text" };

/** The scripts, by the operation that each decides. */
export const SCRIPTS: Readonly<Record<keyof Gate, string>> = Object.freeze({
  admit: joined(admitLua),
  beat: joined(beatLua),
  release: joined(releaseLua),
  evict: joined(evictLua),
  list: joined(listLua),
});

/** The layout's number: a release that lays out its keys otherwise takes another. */
const LAYOUT = 1;

/** The keys of a pool, in the order in which the scripts take them; all in one cluster slot. */
export function poolKeys(pool: string): string[] {
  return ["seats", "leavers", "info"].map((part) => `weir:${LAYOUT}:{${pool}}:${part}`);
}

/** A script with the parts that it names, each where it names it. */
function joined(script: string): string {
  const parts: Readonly<Record<string, string>> = {
    open: openLua,
    stand: standLua,
    pool: poolLua,
    prune: pruneLua,
    commit: commitLua,
  };
  return script.replace(/^-- include (\w+)$/gm, (_, part) => parts[part]!);
}
