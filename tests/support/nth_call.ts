/**
 * Calls of what is handed in to Weir, counted, of which the n-th fails: once, or it and all after
 * it until they are mended.
 *
 * @module
 */

import { BadReplyError, StatusError } from "../../src/ports.ts";

/** How a call fails. */
export type Failing =
  /** At once, without a promise. */
  | "throws"
  /** As a network does. */
  | "rejects"
  /** With a status that is no success. */
  | "status"
  /** With an answer that cannot be understood. */
  | "nonsense"
  /** It is carried out, and its answer is lost. */
  | "lost"
  /** It never answers, and stops at its signal. */
  | "hangs"
  /** As nothing should. */
  | "bug";

/** Which call fails, and how; nothing fails where there is no plan. */
export type Plan = { how: Failing; at: number; forEver: boolean };

/** A call that never answers. */
export type Hanging = { over: boolean };

/** See the module. */
export type Calls = {
  /** The function, watched; `ways` are those in which it may fail. */
  watch<Args extends unknown[], Result>(
    name: string,
    run: (...args: Args) => Result,
    ways: readonly Failing[],
  ): (...args: Args) => Result;
  /** How many calls there were that may fail so. */
  count(how: Failing): number;
  /** How calls fail, where any do. */
  readonly how: Failing | undefined;
  /** The names of the calls that have failed, in order. */
  failed: string[];
  /** Calls that hang, those that have been stopped taken out. */
  hanging(): Hanging[];
  /** Resolves when a call begins to hang. */
  hangs(): Promise<void>;
  /** From now on all is well. */
  mend(): void;
};

/** Makes an empty count with a plan. */
export function createCalls(plan?: Plan): Calls {
  const counts = new Map<Failing, number>();
  const failed: string[] = [];
  const stuck = new Set<Hanging>();
  let begins = Promise.withResolvers<void>();
  let mended = false;

  function fails(ways: readonly Failing[]): boolean {
    for (const how of ways) counts.set(how, (counts.get(how) ?? 0) + 1);
    if (plan === undefined || mended || !ways.includes(plan.how)) return false;
    const count = counts.get(plan.how)!;
    return plan.forEver ? count >= plan.at : count === plan.at;
  }

  function hang(signal: AbortSignal | undefined): Promise<never> {
    const call: Hanging = { over: false };
    stuck.add(call);
    begins.resolve();
    begins = Promise.withResolvers();
    return new Promise((_, reject) => {
      const stop = () => {
        call.over = true;
        stuck.delete(call);
        reject(signal?.reason);
      };
      if (signal?.aborted) stop();
      else signal?.addEventListener("abort", stop, { once: true });
    });
  }

  function fail(args: readonly unknown[], run: () => unknown): unknown {
    switch (plan!.how) {
      case "throws":
        throw new TypeError("fetch failed");
      case "rejects":
        return Promise.reject(new TypeError("fetch failed"));
      case "status":
        return Promise.reject(new StatusError(503));
      case "nonsense":
        return Promise.reject(new BadReplyError());
      case "lost":
        return Promise.resolve(run()).then(() => Promise.reject(new TypeError("terminated")));
      case "hangs":
        return hang(signalOf(args));
      case "bug":
        throw new RangeError("a bug");
    }
  }

  return {
    watch: (name, run, ways) => (...args) => {
      if (!fails(ways)) return run(...args);
      failed.push(name);
      return fail(args, () => run(...args)) as ReturnType<typeof run>;
    },
    count: (how) => counts.get(how) ?? 0,
    how: plan?.how,
    failed,
    hanging: () => [...stuck],
    hangs: () => begins.promise,
    mend: () => void (mended = true),
  };
}

/** The signal stands last, by itself or in a member. */
function signalOf(args: readonly unknown[]): AbortSignal | undefined {
  const last = args.at(-1);
  if (last instanceof AbortSignal) return last;
  return (last as { signal?: AbortSignal } | undefined)?.signal;
}
