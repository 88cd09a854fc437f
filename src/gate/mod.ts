/**
 * The gate alone: who may have one of a source's few seats, decided atomically; in memory for one
 * process, in Redis for many. Useful without Stremio.
 *
 * @example
 * ```ts
 * import { createMemoryGate, DEFAULT_SETTINGS } from "./mod.ts";
 *
 * const gate = createMemoryGate({ settings: DEFAULT_SETTINGS, now: () => performance.now() });
 * gate.admit({ session: "tv", viewer: "anna" }).kind; // "new"
 * gate.admit({ session: "phone", viewer: "ben" }).kind; // "new"
 * gate.admit({ session: "box", viewer: "cleo" }).kind; // "blocked"
 * ```
 *
 * @module
 */

export type {
  AdmitAsk,
  Awaitable,
  BeatAsk,
  BeatReply,
  EvictReply,
  Gate,
  GoneReason,
  ListAsk,
  Now,
  ReleaseAsk,
  ReleaseReply,
  Seat,
  SeatList,
  Verdict,
} from "../ports.ts";
export { BadReplyError, StatusError } from "../ports.ts";
export { createMemoryGate, type MemoryGate } from "./memory.ts";
export { DEFAULT_SETTINGS, type PoolSettings } from "./policy.ts";
export { createRedisGate, type RunScript } from "./redis.ts";
export { poolKeys, SCRIPTS } from "./scripts.ts";
