/**
 * What is counted, and how Prometheus reads it.
 *
 * @module
 */

import type { Count } from "../ports.ts";

/** Counters since the process began. */
export type Metrics = {
  count: Count;
  /** Everything in the Prometheus text format, the occupied seats of the pool among it. */
  text(pool: { name: string; capacity: number; occupied: number | undefined }): string;
};

type Name = Parameters<Count>[0];

const COUNTERS: Readonly<Record<Name, { help: string; label?: string }>> = {
  streams: { help: "Lists of streams that were answered with streams." },
  degraded: {
    help: "Lists of streams and openings of plays that were not, by cause; gone: nobody waited.",
    label: "cause",
  },
  verdicts: { help: "What the gate decided, by kind.", label: "kind" },
  attempts: { help: "Attempts to call a dependency.", label: "dependency" },
  retries: { help: "Attempts that were a retry.", label: "dependency" },
  coalesced: { help: "Requests and resolves that joined one in progress.", label: "what" },
  ungated: { help: "Streams given out while the gate could not be asked." },
};

/** Makes counters that all stand at zero. */
export function createMetrics(): Metrics {
  const counts = new Map<Name, Map<string, number>>();
  for (const name of Object.keys(COUNTERS) as Name[]) counts.set(name, new Map());
  return {
    count(name, label = "", by = 1) {
      const labels = counts.get(name)!;
      labels.set(label, (labels.get(label) ?? 0) + by);
    },
    text({ name: pool, capacity, occupied }) {
      const lines = [
        ...gauge("weir_seats", "Seats of the pool.", `{pool="${pool}"} ${capacity}`),
        ...(occupied === undefined ? [] : gauge(
          "weir_seats_occupied",
          "Seats that are occupied.",
          `{pool="${pool}"} ${occupied}`,
        )),
      ];
      for (const name of Object.keys(COUNTERS) as Name[]) {
        const { help, label } = COUNTERS[name];
        lines.push(`# HELP weir_${name}_total ${help}`, `# TYPE weir_${name}_total counter`);
        const labels = counts.get(name)!;
        if (label === undefined) lines.push(`weir_${name}_total ${labels.get("") ?? 0}`);
        else {
          for (const [value, count] of [...labels].sort()) {
            lines.push(`weir_${name}_total{${label}="${value}"} ${count}`);
          }
        }
      }
      return `${lines.join("\n")}\n`;
    },
  };
}

function gauge(name: string, help: string, sample: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, name + sample];
}
