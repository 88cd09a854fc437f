/**
 * Decisions of the gate in memory, all verdicts mixed, beside a bare `Map` on the same ids.
 *
 * @module
 */

import { createMemoryGate } from "../../src/gate/memory.ts";
import { DEFAULT_SETTINGS } from "../../src/gate/policy.ts";
import type { Verdict } from "../../src/ports.ts";
import { atLeast, type Benchmark, median } from "./figure.ts";

const SESSIONS = 10_000;
const LEAST = 0.15;
/** How far the clock goes on with each decision: a round of all sessions outlasts the idleness. */
const STEP_MS = 10;

/** So many decisions show which verdicts they come to. */
const SHOWN = 16 * SESSIONS;

/** Decisions a second over pairs of `Map.get` and `Map.set`. */
export const gateMemory: Benchmark = {
  name: "gate-memory",
  needs: [],
  measure({ rounds, turns, turnMs, warmMs }) {
    const ids = idsOf("session");
    const decide = createDecisions(ids);
    const bare = createBare(ids);
    const ratios: number[] = [];
    const rates: number[] = [];
    perSecond(decide, warmMs);
    perSecond(bare, warmMs);
    for (let turn = 0; turn < rounds * turns; turn++) {
      const rate = perSecond(decide, turnMs);
      rates.push(rate);
      ratios.push(rate / perSecond(bare, turnMs));
    }
    const kinds = Map.groupBy(Array.from({ length: SHOWN }, (_, n) => decide(n)), (kind) => kind);
    const mixed = [...kinds].map(([kind, all]) => `${kind} ${percent(all.length / SHOWN)}`);
    return Promise.resolve([
      atLeast(LEAST, median(ratios), {
        what: `gate in memory: ${Math.round(median(rates))}/s beside Map.get and Map.set`,
      }),
      { what: "gate in memory: verdicts", measured: mixed.join(", ") },
    ]);
  },
};

/** Eight decisions in turn, each on the next id; each gives its kind. */
function createDecisions(ids: readonly string[]): (number: number) => string {
  let now = 0;
  const settings = { ...DEFAULT_SETTINGS, capacity: SESSIONS };
  const gate = createMemoryGate({ settings, now: () => now });
  const forGood = { ...settings, rotationIdleMs: "off", inactivityMs: 2 ** 30 } as const;
  const full = createMemoryGate({ settings: forGood, now: () => now });
  for (const id of ids) for (const each of [gate, full]) each.admit({ session: id, viewer: id });
  const strangers = idsOf("stranger");
  let last: Verdict | undefined;
  let met = 0;
  let stranger = strangers[0]!;

  return function decide(number) {
    const session = ids[number % SESSIONS]!;
    now += STEP_MS;
    switch (number % 8) {
      case 0:
      case 4:
        last = gate.admit({ session, viewer: session });
        return last.kind;
      case 1:
      case 2:
        return gate.beat({ session }).kind;
      case 3:
        stranger = strangers[met++ % SESSIONS]!;
        return gate.admit({ session: stranger, viewer: stranger }).kind;
      case 5: {
        const before = ids[(number - 1) % SESSIONS]!;
        const expiresAt = last !== undefined && "expiresAt" in last ? last.expiresAt : 0;
        return gate.release({ session: before, expiresAt, grace: true }).kind;
      }
      case 6: {
        const before = ids[(number - 2) % SESSIONS]!;
        return gate.admit({ session: before, viewer: before }).kind;
      }
      default:
        return number % 16 < 8
          ? gate.evict({ session: stranger }).kind
          : full.admit({ session: stranger, viewer: stranger }).kind;
    }
  };
}

function idsOf(what: string): string[] {
  return Array.from({ length: SESSIONS }, (_, number) => `${what}-${number}`);
}

function createBare(ids: readonly string[]): (number: number) => void {
  const map = new Map(ids.map((id) => [id, 0]));
  return (number) => {
    const id = ids[number % SESSIONS]!;
    map.set(id, map.get(id)! + 1);
  };
}

function perSecond(run: (number: number) => unknown, ms: number): number {
  const began = performance.now();
  let count = 0;
  for (let spent = 0; spent < ms; spent = performance.now() - began) {
    for (let many = 0; many < 1000; many++) run(count++);
  }
  return count / (performance.now() - began) * 1000;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
