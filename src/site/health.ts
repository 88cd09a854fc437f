/**
 * `/health` and `/ready`.
 *
 * @module
 */

import type { Awaitable, Now, Outcome } from "../ports.ts";
import { json } from "../http/respond.ts";

/** Whether Weir can do its work, and otherwise why not. */
export type Readiness = { ready: true } | { ready: false; reasons: string[] };

const REMEMBER_MS = 5000;

/** Alive, whatever the dependencies do. */
export function health(): Response {
  return json({ ok: true }, { cacheControl: "no-store" });
}

/** Asks one dependency whether it is there. */
export type Probe = () => Awaitable<Outcome<unknown>>;

/**
 * Makes the function that answers `/ready`: 503 while a needed dependency is down. What the probes
 * find is remembered for 5 s: an uptime monitor must not eat a free plan.
 */
export function createReady(options: {
  /** By the names under which they are told. */
  probes: Readonly<Record<string, Probe>>;
  /** Reasons that cost nothing to know, asked each time. */
  warnings: () => string[];
  monotonic: Now;
}): () => Promise<Response> {
  const { probes, warnings, monotonic } = options;
  let last: { at: number; reasons: Promise<string[]> } | undefined;

  async function check(): Promise<string[]> {
    const found = await Promise.all(
      Object.entries(probes).map(async ([name, probe]) =>
        (await probe()).ok ? [] : [`${name} is down`]
      ),
    );
    return found.flat();
  }

  return async function ready() {
    const now = monotonic();
    if (last === undefined || now - last.at >= REMEMBER_MS) last = { at: now, reasons: check() };
    const reasons = [...warnings(), ...await last.reasons];
    const body: Readiness = reasons.length === 0 ? { ready: true } : { ready: false, reasons };
    return json(body, { status: body.ready ? 200 : 503, cacheControl: "no-store" });
  };
}
