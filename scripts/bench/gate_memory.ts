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

/** Decisions a second over pairs of `Map.get` and `Map.set`. */
export const gateMemory: Benchmark = {
  name: "gate-memory",
  needs: [],
  measure({ rounds, turns, turnMs, warmMs }) {
    const ids = Array.from({ length: SESSIONS }, (_, number) => `session-${number}`);
    const { decide, kinds } = createDecisions(ids);
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
    const mixed = [...kinds].map(([kind, count]) => `${kind} ${percent(count, kinds)}`).join(", ");
    return Promise.resolve([
      atLeast(LEAST, median(ratios), {
        what: `gate in memory: ${Math.round(median(rates))}/s beside Map.get and Map.set`,
      }),
      { what: "gate in memory: verdicts", measured: mixed },
    ]);
  },
};

/** Eight decisions in turn, each on the next id. */
function createDecisions(
  ids: readonly string[],
): { decide: (number: number) => void; kinds: Map<string, number> } {
  let now = 0;
  const settings = { ...DEFAULT_SETTINGS, capacity: SESSIONS };
  const gate = createMemoryGate({ settings, now: () => now });
  const kinds = new Map<string, number>();
  const seen = (kind: string) => kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const forGood = { ...settings, rotationIdleMs: "off", inactivityMs: 1e15 } as const;
  const full = createMemoryGate({ settings: forGood, now: () => now });
  for (const id of ids) for (const each of [gate, full]) each.admit({ session: id, viewer: id });
  let last: Verdict | undefined;
  let strangers = 0;
  let stranger = ids[0]!;

  function decide(number: number): void {
    const session = ids[number % SESSIONS]!;
    now += STEP_MS;
    switch (number % 8) {
      case 0:
        last = gate.admit({ session, viewer: session });
        return void seen(last.kind);
      case 1:
      case 2:
        return void seen(gate.beat({ session }).kind);
      case 3: {
        stranger = `stranger-${strangers++ % SESSIONS}`;
        const verdict = gate.admit({ session: stranger, viewer: stranger });
        return void seen(verdict.kind);
      }
      case 4:
        last = gate.admit({ session, viewer: session });
        return void seen(last.kind);
      case 5: {
        const before = ids[(number - 1) % SESSIONS]!;
        const expiresAt = last !== undefined && "expiresAt" in last ? last.expiresAt : 0;
        return void seen(gate.release({ session: before, expiresAt, grace: true }).kind);
      }
      case 6: {
        const before = ids[(number - 2) % SESSIONS]!;
        return void seen(gate.admit({ session: before, viewer: before }).kind);
      }
      default:
        return void seen(
          number % 16 < 8
            ? gate.evict({ session: stranger }).kind
            : full.admit({ session: stranger, viewer: stranger }).kind,
        );
    }
  }

  return { decide, kinds };
}

function createBare(ids: readonly string[]): (number: number) => void {
  const map = new Map(ids.map((id) => [id, 0]));
  return (number) => {
    const id = ids[number % SESSIONS]!;
    map.set(id, map.get(id)! + 1);
  };
}

function perSecond(run: (number: number) => void, ms: number): number {
  const began = performance.now();
  let count = 0;
  for (let spent = 0; spent < ms; spent = performance.now() - began) {
    for (let many = 0; many < 1000; many++) run(count++);
  }
  return count / (performance.now() - began) * 1000;
}

function percent(count: number, kinds: ReadonlyMap<string, number>): string {
  const all = [...kinds.values()].reduce((sum, each) => sum + each, 0);
  return `${Math.round(count / all * 100)} %`;
}
