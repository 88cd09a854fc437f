import { createLog } from "../src/entry/log.ts";
import { assertEquals } from "./support/assert.ts";

Deno.test("a log line tells its own time, level, event and facts, from a level on", () => {
  const lines: unknown[] = [];
  let now = Date.UTC(2026, 2, 14, 19, 30);
  const log = createLog({
    level: "info",
    now: () => now,
    print: (line) => lines.push(JSON.parse(line)),
  });
  log("debug", "unheard");
  log("info", "first", { ms: 3, verdict: undefined });
  log("warn", "same", {});
  now += 1;
  log("error", "later");
  assertEquals(lines, [
    { time: "2026-03-14T19:30:00.000Z", level: "info", event: "first", ms: 3 },
    { time: "2026-03-14T19:30:00.000Z", level: "warn", event: "same" },
    { time: "2026-03-14T19:30:00.001Z", level: "error", event: "later" },
  ]);
});
