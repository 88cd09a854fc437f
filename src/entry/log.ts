import type { Log, LogLevel, Now } from "../ports.ts";

/** Lines on their way out. */
export type Lines = {
  /** Takes a line. */
  print(line: string): void;
  /** Writes what has come; to be called before the process ends. */
  flush(): void;
};

/** Makes lines that are written together, once a turn of the event loop: a write costs more. */
export function createLines(write: (text: string) => void): Lines {
  let waiting = "";

  function flush(): void {
    if (waiting !== "") write(waiting);
    waiting = "";
  }

  return {
    flush,
    print(line) {
      if (waiting === "") setTimeout(flush, 0);
      waiting += `${line}\n`;
    },
  };
}

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** Makes a log of one JSON line an event, from a level on. */
export function createLog(options: {
  level: LogLevel;
  /** Wall clock, in milliseconds since 1970. */
  now: Now;
  print: (line: string) => void;
}): Log {
  const least = LEVELS.indexOf(options.level);
  let at = NaN;
  let time = "";

  /** Lines of one millisecond share its text: to write it takes as long as all the rest. */
  function timeOf(now: number): string {
    if (now !== at) time = new Date(now).toISOString();
    at = now;
    return time;
  }

  return function log(level, event, facts = {}) {
    if (LEVELS.indexOf(level) < least) return;
    const time = timeOf(options.now());
    const head = `{"time":"${time}","level":"${level}","event":"${event}"`;
    // Facts that were copied into one object with the rest would cost as much again as their text.
    const told = JSON.stringify(facts);
    options.print(told === "{}" ? `${head}}` : `${head},${told.slice(1)}`);
  };
}
