import type { Count } from "../../src/ports.ts";

/** What was counted so far. */
export type Counted = {
  count: Count;
  /** How often under one label; `""` where there is none. */
  of(metric: Parameters<Count>[0], label?: string): number;
};

/** Makes counters that all stand at zero. */
export function createCounted(): Counted {
  const counts = new Map<string, number>();
  return {
    count(metric, label = "", by = 1) {
      const key = `${metric} ${label}`;
      counts.set(key, (counts.get(key) ?? 0) + by);
    },
    of: (metric, label = "") => counts.get(`${metric} ${label}`) ?? 0,
  };
}
