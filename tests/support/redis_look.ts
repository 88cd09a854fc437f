/**
 * What Redis itself says of a pool at one instant, past the gate's scripts: the one place where
 * the races know how a pool is laid out.
 *
 * @module
 */

import type { PoolSettings } from "../../src/gate/policy.ts";
import { poolKeys } from "../../src/gate/scripts.ts";
import type { Command } from "./rest_protocol.ts";
import { isRedisError, type Reply } from "./resp.ts";

/** Redis' clock in whole milliseconds, and how many seats were occupied then. */
export type Look = { at: number; occupied: number };

/** As wide as a band of scores in `seats` (src/gate/open.lua). */
const BAND = 1e15;

const LOOK = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local left = string.format('(%d', now - ARGV[1] - ARGV[2])
return {
  string.format('%d', now),
  redis.call('ZCOUNT', KEYS[1], string.format('(%d', now), 'inf')
    + redis.call('ZCOUNT', KEYS[1], left, '(0'),
}
`;

/** The command that looks at a pool, and changes nothing. */
export function lookCommand(pool: string, { graceMs }: PoolSettings): Command {
  const [seats] = poolKeys(pool);
  return ["EVAL", LOOK, "1", seats!, String(graceMs), String(BAND)];
}

/** Reads what {@linkcode lookCommand} was answered. */
export function readLook(reply: Reply | undefined): Look {
  if (!Array.isArray(reply)) {
    throw new Error(`Cannot look into Redis: ${isRedisError(reply) ? reply.error : reply}`);
  }
  const [at, occupied] = reply;
  return { at: Number(at), occupied: Number(occupied) };
}
