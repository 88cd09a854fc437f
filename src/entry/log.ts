import type { Log, LogLevel, Now } from "../ports.ts";

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** Makes a log of one JSON line an event, from a level on. */
export function createLog(options: {
  level: LogLevel;
  /** Wall clock, in milliseconds since 1970. */
  now: Now;
  print: (line: string) => void;
}): Log {
  const least = LEVELS.indexOf(options.level);
  return function log(level, event, facts = {}) {
    if (LEVELS.indexOf(level) < least) return;
    const time = new Date(options.now()).toISOString();
    options.print(JSON.stringify({ time, level, event, ...facts }));
  };
}
