/**
 * Many viewers who ask a process for streams without a pause.
 *
 * @module
 */

import { assertEquals, assertLess } from "./assert.ts";
import type { Running } from "./entries.ts";
import { readStreams } from "./stremio.ts";

/** What stream requests came to, by cause; `stream` where they were the stream. */
export type Tally = Map<string, number>;

/** A load on a process. */
export type Load = {
  /** Resolves when so many requests have been answered, of those that come to one of these. */
  answers(count: number, causes?: readonly string[]): Promise<void>;
  /** What has been answered since it was asked last. */
  tally(): Tally;
  /** Lets no more begin, and waits for those on their way. */
  stop(): Promise<Tally>;
};

/** How many ask at once. */
export const AT_ONCE = 4;
const PATH = "/stream/movie/weir%3Atest-card.json";

/** Asks once, as a viewer behind a proxy that is trusted; the answer has to be valid Stremio. */
export async function askOnce({ origin }: Running, viewer: string): Promise<string> {
  const response = await fetch(origin + PATH, { headers: { "x-forwarded-for": viewer } });
  const { notice } = await readStreams(response);
  return notice?.cause ?? "stream";
}

/** Begins to load a process; each answer has to come within `mostMs`. */
export function startLoad(
  place: Running,
  { viewers, mostMs }: { viewers: readonly string[]; mostMs: number },
): Load {
  let tally: Tally = new Map();
  let going = true;
  let waiting: { left: number; causes: readonly string[] | undefined; resolve: () => void }[] = [];
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});

  async function asker(index: number): Promise<void> {
    for (let turn = index; going; turn += AT_ONCE) {
      const asked = performance.now();
      const cause = await askOnce(place, viewers[turn % viewers.length]!);
      assertLess(performance.now() - asked, mostMs, cause);
      tally.set(cause, (tally.get(cause) ?? 0) + 1);
      for (const each of waiting) {
        if (each.causes?.includes(cause) ?? true) each.left -= 1;
        if (each.left === 0) each.resolve();
      }
      waiting = waiting.filter(({ left }) => left > 0);
    }
  }

  const askers = Promise.all(Array.from({ length: AT_ONCE }, (_, index) => asker(index)));
  askers.catch(failed.reject);

  function taken(): Tally {
    const found = tally;
    tally = new Map();
    return found;
  }

  return {
    async answers(count, causes) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ left: count, causes, resolve });
      await Promise.race([promise, failed.promise]);
    },
    tally: taken,
    async stop() {
      going = false;
      await askers;
      return taken();
    },
  };
}

/** Asserts that a tally has these causes alone. */
export function assertOnly(tally: Tally, allowed: readonly string[], message: string): void {
  assertEquals([...tally.keys()].filter((cause) => !allowed.includes(cause)), [], message);
}
