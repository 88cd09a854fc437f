// Pure: values in, values out.

/**
 * The ways in which it may have gone at a gate up to some time: each an order of runs, and the
 * pool as it is then.
 *
 * @module
 */

import type { PoolSettings } from "../../src/gate/policy.ts";
import { mayComeBefore, type Placed, type Recorded, type Span } from "./gate_history.ts";
import { emptyPool, type OperationReply, type PoolState, step } from "./gate_model.ts";
import { same } from "./same.ts";

/** An operation that was answered. */
export type Answered = Recorded & { reply: OperationReply };

/** A run of which nobody saw the answer. */
export type Unseen = { recorded: Recorded; span: Span; index: number };

/** One way in which it may have gone so far. */
export type Way = {
  state: PoolState;
  /** What has to run yet at this very time. */
  left: readonly Answered[];
  /** The unseen runs that happened, of those that still could. */
  ran: readonly Unseen[];
  /** How many unseen runs did not happen that would have changed something. */
  skipped: number;
  path: Path;
};

/** The runs of a way, the last one first. */
type Path = { placed: Placed; before: Path } | undefined;

/** Replies that leave a pool as it was. */
const IDLE: ReadonlySet<string> = new Set(["blocked", "gone", "ignored", "unknown"]);

/** The only way there is at the beginning. */
export function firstWay(settings: PoolSettings): Way {
  return { state: emptyPool(settings), left: [], ran: [], skipped: 0, path: undefined };
}

/**
 * Takes ways on in every order of what is due at a time and of the unseen runs that may happen
 * then. Gives those in which all that is due has run; and those that got furthest.
 */
export function goOn(
  ways: readonly Way[],
  { due, may, at }: { due: readonly Answered[]; may: readonly Unseen[]; at: number },
): { done: Way[]; furthest: Way[] } {
  const done: Way[] = [];
  const known = new Set<string>();
  const waiting: Way[] = [];
  let furthest: Way[] = [];
  function add(way: Way): void {
    const key = keyOf(way);
    if (known.has(key)) return;
    known.add(key);
    waiting.push(way);
    const fewest = furthest[0]?.left.length ?? Infinity;
    if (way.left.length < fewest) furthest = [];
    if (way.left.length <= fewest) furthest.push(way);
  }
  for (const way of ways) add({ ...way, state: pruned(way.state, at), left: due });
  for (let way = waiting.pop(); way; way = waiting.pop()) {
    if (way.left.length === 0) done.push(way);
    const next = way.left.filter((each) => mayComeBefore(each, way.left));
    // What changes nothing may as well run now, whatever else may.
    const idle = next.values().filter(({ reply }) => isIdle(reply))
      .flatMap((each) => answeredStep(way, each, at)).take(1).toArray();
    if (idle.length > 0) add(idle[0]!);
    else {
      for (const each of next) answeredStep(way, each, at).forEach(add);
      for (const run of may) unseenStep(way, run, at).forEach(add);
    }
  }
  return { done, furthest };
}

/** Makes one of ways that differ in nothing which is still to come, once a time is over. */
export function merged(ways: readonly Way[], may: readonly Unseen[], at: number): Way[] {
  const over = may.filter(({ span }) => span.to === at);
  const known = new Map<string, Way>();
  for (const { skipped, ...way } of ways) {
    const missed = over.filter((run) => !way.ran.includes(run) && changes(way.state, run, at));
    const merged = {
      ...way,
      ran: way.ran.filter(({ span }) => span.to > at),
      skipped: skipped + missed.length,
    };
    const key = keyOf(merged);
    const other = known.get(key);
    if (other === undefined || merged.skipped < other.skipped) known.set(key, merged);
  }
  return [...known.values()];
}

/** The runs of a way from the first to the last. */
export function orderOf(way: Way): Placed[] {
  const order: Placed[] = [];
  for (let each = way.path; each; each = each.before) order.push(each.placed);
  return order.reverse();
}

/** An answered operation runs next, if it is answered as it was. */
function answeredStep(way: Way, recorded: Answered, at: number): Way[] {
  const { state, reply } = step(way.state, recorded.operation, at);
  if (!same(reply, recorded.reply)) return [];
  return [{
    ...way,
    // Known already, and so told apart at once.
    state: isIdle(reply) ? way.state : state,
    left: way.left.filter((each) => each !== recorded),
    path: { placed: { recorded, at }, before: way.path },
  }];
}

/** An unseen run happens next, if it may and makes a difference. */
function unseenStep(way: Way, run: Unseen, at: number): Way[] {
  const { recorded, span } = run;
  if (way.ran.includes(run) || !mayComeBefore(recorded, way.left)) return [];
  const { state, reply } = step(way.state, recorded.operation, at);
  if (isIdle(reply)) return [];
  const path = { placed: { recorded, at, unseen: span }, before: way.path };
  return [{ ...way, state, ran: [...way.ran, run], path }];
}

function pruned(state: PoolState, at: number): PoolState {
  return step(state, { op: "list", ask: {} }, at).state;
}

function changes(state: PoolState, { recorded }: Unseen, at: number): boolean {
  return !isIdle(step(state, recorded.operation, at).reply);
}

function isIdle(reply: OperationReply): boolean {
  return !("kind" in reply) || IDLE.has(reply.kind);
}

/** What tells ways apart. */
function keyOf({ state, left, ran }: Way): string {
  return [
    left.map(({ name }) => name).join(),
    ran.map(({ index }) => index).sort((a, b) => a - b).join(),
    stateKey(state),
  ].join("|");
}

const stateKeys = new WeakMap<PoolState, string>();

/** The order in which a state names its members is none of it. */
function stateKey(state: PoolState): string {
  let key = stateKeys.get(state);
  if (key === undefined) {
    const { sessions, leaving, cooling, gone } = state;
    key = [sessions, leaving, cooling, gone].map((members) =>
      members.map((member) => JSON.stringify(member)).sort().join()
    ).join("|");
    stateKeys.set(state, key);
  }
  return key;
}
