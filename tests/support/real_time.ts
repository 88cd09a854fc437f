/**
 * Weir over a gate that is really waited for: on the runtime's own clock, within short bounds.
 *
 * @module
 */

import type { Bounds, Gate } from "../../src/ports.ts";
import { createExecutor } from "../../src/reliability/execute.ts";
import { type TestApp, testApp, type TestAppOptions } from "./app.ts";
import { assert, assertLess } from "./assert.ts";
import { SINTEL } from "./ask.ts";
import { readStreams } from "./stremio.ts";

/** Two attempts and the pause between them fit in. */
export const SHORT_BOUNDS: Bounds = {
  attemptTimeoutMs: 500,
  totalTimeoutMs: 1050,
  retryJitterMs: 10,
};

/** Where nothing is to run out of time, on a machine that is busy. */
export const LONG_BOUNDS: Bounds = {
  attemptTimeoutMs: 5000,
  totalTimeoutMs: 10_000,
  retryJitterMs: 10,
};

/** What a busy machine may need beside the budget. */
const MARGIN_MS = 1000;

/** Makes one over the sample definition. */
export function realTimeApp(gate: Gate, options: TestAppOptions = {}): TestApp {
  const now = () => performance.now();
  const executor = () => createExecutor({ now, random: Math.random });
  return testApp({
    gate,
    bounds: { gate: SHORT_BOUNDS },
    execute: { gate: executor(), broker: executor() },
    now: () => Date.now(),
    monotonic: now,
    timeout: (ms) => AbortSignal.timeout(ms),
    ...options,
  });
}

/** What a stream request came to, and the answer's text. */
export type Came = { to: "stream" | string; text: string };

/** Asks for a stream: the answer has to be valid Stremio, and to come within the budget. */
export async function ask(app: TestApp, from: string, bounds = SHORT_BOUNDS): Promise<Came> {
  const asked = performance.now();
  const response = await app.get(SINTEL, { from });
  const text = await response.clone().text();
  assertLess(performance.now() - asked, bounds.totalTimeoutMs + MARGIN_MS);
  const { streams, notice } = await readStreams(response);
  assert(streams.length > 0);
  return { to: notice?.cause ?? "stream", text };
}
