/**
 * What goes wrong between racing processes and Redis, drawn from a seed for each operation.
 *
 * @module
 */

import type { Chance } from "./chance.ts";

/** The ways in which a request may fare. */
export const FAULTS = [
  "none",
  "answered late",
  "held back",
  "held back past the deadline",
  "dropped before it ran",
  "dropped after it ran",
  "dropped after it ran, each time",
  "run twice, the first answered",
  "run twice, the second answered",
  "run again after the answer",
] as const;

/** One of {@linkcode FAULTS}. */
export type Fault = (typeof FAULTS)[number];

/** An operation's asker waits so long for its answer. */
export const DEADLINE_MS = 1000;

/** What a fault is made of. */
export type Passage = {
  /** Runs the request in Redis, each time it is called, and gives the answer. */
  deliver: () => Promise<Response>;
  wait: (ms: number) => Promise<void>;
  /** Takes what goes on after the answer. */
  later: (work: Promise<unknown>) => void;
};

const SHARES: readonly (readonly [Fault, number])[] = [
  ["answered late", 0.1],
  ["held back", 0.08],
  ["held back past the deadline", 0.005],
  ["dropped before it ran", 0.05],
  ["dropped after it ran", 0.05],
  ["dropped after it ran, each time", 0.04],
  ["run twice, the first answered", 0.04],
  ["run twice, the second answered", 0.04],
  ["run again after the answer", 0.05],
];
const DELAY_MS = 40;

/** How a request of an operation fares, by that one's own chance: most faults befall the first. */
export function drawFault(chance: Chance, request: number): Fault {
  let left = chance.whole(0, 999) / 1000;
  for (const [fault, share] of SHARES) {
    if (left < share) return request === 1 || fault.endsWith("each time") ? fault : "none";
    left -= share;
  }
  return "none";
}

/** Lets a request fare so. `Response.error()` drops its connection. */
export async function suffer(
  fault: Fault,
  chance: Chance,
  { deliver, wait, later }: Passage,
): Promise<Response> {
  const delayMs = chance.whole(1, DELAY_MS);
  switch (fault) {
    case "none":
      return await deliver();
    case "answered late": {
      const answer = await deliver();
      await wait(delayMs);
      return answer;
    }
    case "held back":
      await wait(delayMs);
      return await deliver();
    case "held back past the deadline":
      await wait(DEADLINE_MS + delayMs);
      return await deliver();
    case "dropped before it ran":
      return Response.error();
    case "dropped after it ran":
    case "dropped after it ran, each time":
      await deliver();
      return Response.error();
    case "run twice, the first answered": {
      const answer = await deliver();
      await deliver();
      return answer;
    }
    case "run twice, the second answered":
      await deliver();
      await wait(chance.happens(0.5) ? 0 : delayMs);
      return await deliver();
    case "run again after the answer": {
      const answer = await deliver();
      later(wait(delayMs).then(deliver));
      return answer;
    }
  }
}
