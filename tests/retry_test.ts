import type { Failure } from "../src/ports.ts";
import {
  fullBudget,
  gain,
  isTransient,
  refill,
  type RetryBudget,
  retryPause,
  spend,
} from "../src/reliability/retry.ts";
import { assertEquals } from "./support/assert.ts";

const BOUNDS = { attemptTimeoutMs: 400, totalTimeoutMs: 900, retryJitterMs: 100 };

function pause(failure: Failure, draw: number, leftMs = 900): number | undefined {
  return retryPause(failure, { bounds: BOUNDS, leftMs, draw });
}

/** How many retries a budget is good for. */
function worth(budget: RetryBudget): number {
  let retries = 0;
  for (let left = spend(budget); left !== undefined; left = spend(left)) retries += 1;
  return retries;
}

Deno.test("isTransient() takes 408, 429, 5xx, timeouts and broken connections, and nothing else", () => {
  const transient: number[] = [];
  for (let status = 100; status < 600; status++) {
    if (isTransient({ kind: "status", status })) transient.push(status);
  }
  const serverErrors = Array.from({ length: 100 }, (_, i) => 500 + i);
  assertEquals(transient, [408, 429, ...serverErrors]);
  for (const kind of ["timeout", "network"] as const) assertEquals(isTransient({ kind }), true);
  for (const kind of ["cancelled", "bad_reply"] as const) {
    assertEquals(isTransient({ kind }), false);
  }
});

Deno.test("retryPause() draws from nothing to the whole jitter", () => {
  assertEquals([0, 0.5, 0.999].map((draw) => pause({ kind: "network" }, draw)), [0, 50, 100]);
});

Deno.test("retryPause() pauses at least as long as Retry-After asks", () => {
  const failure: Failure = { kind: "status", status: 503, retryAfterMs: 300 };
  assertEquals([0, 0.5].map((draw) => pause(failure, draw)), [300, 350]);
});

Deno.test("retryPause() gives no retry where the pause does not fit into what is left", () => {
  const failure: Failure = { kind: "status", status: 429, retryAfterMs: 1000 };
  assertEquals(pause(failure, 0), undefined);
  assertEquals(pause(failure, 0, 1000), undefined);
  assertEquals(pause(failure, 0, 1001), 1000);
  assertEquals(pause({ kind: "timeout" }, 0, 0), undefined);
});

Deno.test("retryPause() gives no retry for what does not pass by itself", () => {
  assertEquals(pause({ kind: "cancelled" }, 0), undefined);
  assertEquals(pause({ kind: "bad_reply" }, 0), undefined);
  assertEquals(pause({ kind: "status", status: 404, retryAfterMs: 1 }, 0), undefined);
});

Deno.test("a budget begins with ten retries, and has none when they are spent", () => {
  assertEquals(worth(fullBudget(0)), 10);
});

Deno.test("a budget gains a tenth per success and one in ten seconds, and never more than ten", () => {
  let budget = fullBudget(0);
  for (let left = spend(budget); left !== undefined; left = spend(left)) budget = left;
  for (let success = 0; success < 9; success++) budget = gain(budget);
  assertEquals(worth(budget), 0);
  assertEquals(worth(gain(budget)), 1);
  assertEquals(worth(refill(budget, 999)), 0);
  assertEquals(worth(refill(budget, 1000)), 1);
  assertEquals(worth(refill(budget, 20_000)), 2);
  assertEquals(worth(refill(budget, 1e9)), 10);
  assertEquals(worth(gain(fullBudget(0))), 10);
});

Deno.test("a budget loses no time to being looked at, nor to a clock that stands or steps back", () => {
  let budget: RetryBudget = { tenths: 0, at: 0 };
  for (let now = 0; now <= 10_000; now += 700) budget = refill(budget, now);
  assertEquals(refill(budget, 3), budget);
  budget = refill(budget, 10_000);
  assertEquals(budget, { tenths: 10, at: 10_000 });
});
