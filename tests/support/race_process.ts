/**
 * One of the processes of a race: many who ask the gate at once, each one thing after another, and
 * what they were answered. Run by `races.ts` with a {@linkcode ProcessPlan} as JSON.
 *
 * @module
 */

import type { PoolSettings } from "../../src/gate/policy.ts";
import { createRestScripts } from "../../src/upstream/upstash.ts";
import { createChance, seedOfOne } from "./chance.ts";
import type { Operation, OperationReply } from "./gate_model.ts";
import { perform } from "./gate_operations.ts";
import { createAsker, type Given } from "./race_asks.ts";
import { DEADLINE_MS } from "./race_faults.ts";
import { RACE_GATES, type RaceGate } from "./race_gates.ts";

/** What a process is to do. */
export type ProcessPlan = {
  /** Its number among the others. */
  process: number;
  /** The proxy that it asks, and the token for it. */
  url: string;
  token: string;
  seed: number;
  operations: number;
  inFlight: number;
  gate: RaceGate;
  pool: string;
  settings: PoolSettings;
};

/** An operation by its number, and what it was answered; nothing where the answer was lost. */
export type ProcessRecord = { number: number; operation: Operation; reply?: OperationReply };

/** The header by which the proxy knows an operation: the process and the operation, as numbers. */
export const OPERATION_HEADER = "x-operation";

/** Where a process waits until all of them are there. */
export const START_PATH = "/start";

if (import.meta.main) {
  console.log(JSON.stringify(await runProcess(JSON.parse(Deno.args[0]!))));
}

async function runProcess(plan: ProcessPlan): Promise<ProcessRecord[]> {
  const { process, url, token, seed, pool, settings } = plan;
  const records: ProcessRecord[] = [];
  const given: Given = new Map();
  /** A request is known by the signal at which it stops; one without is nobody's operation. */
  const names = new WeakMap<AbortSignal, string>();
  const failures = new WeakSet<Error>();
  const run = createRestScripts({
    url,
    token,
    async fetch(request, init = {}) {
      const name = init.signal && names.get(init.signal);
      if (name !== undefined) request.headers.set(OPERATION_HEADER, name);
      try {
        return await fetch(request, init);
      } catch (error) {
        if (error instanceof Error) failures.add(error);
        throw error;
      }
    },
  });
  const gate = RACE_GATES[plan.gate]({ run, pool, settings });
  let asked = 0;

  async function askOnAndOn(lane: number): Promise<void> {
    const asker = createAsker(createChance(seedOfOne(seed, process, lane)), given);
    while (asked < plan.operations) {
      const number = ++asked;
      const operation = asker.next();
      const signal = AbortSignal.timeout(DEADLINE_MS);
      names.set(signal, `${process} ${number}`);
      try {
        const reply = await perform(gate, operation, signal);
        asker.saw(operation, reply);
        records.push({ number, operation, reply });
      } catch (error) {
        const failed = error instanceof Error && failures.has(error);
        if (!failed && !signal.aborted) throw error;
        records.push({ number, operation });
      }
    }
  }

  await (await fetch(url + START_PATH)).body?.cancel();
  await Promise.all(Array.from({ length: plan.inFlight }, (_, lane) => askOnAndOn(lane)));
  return records;
}
