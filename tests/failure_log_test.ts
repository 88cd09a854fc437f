import type { Failure } from "../src/ports.ts";
import { createFailureLog } from "../src/reliability/failure_log.ts";
import { assertEquals } from "./support/assert.ts";

/** A log of failures, a clock that moves by hand, and the lines so far. */
function failureLog() {
  let now = 0;
  const lines: unknown[] = [];
  const tell = createFailureLog({
    dependency: "gate",
    monotonic: () => now,
    log: (level, event, facts) => lines.push({ level, event, ...facts }),
  });
  return { tell, lines, pass: (ms: number) => now += ms };
}

function line(facts: Record<string, unknown>) {
  return { level: "warn", event: "dependency_failed", dependency: "gate", ...facts };
}

Deno.test("createFailureLog() tells the kind of a failure, and its status or code, and nothing else", () => {
  const failures: [Failure, Record<string, unknown>][] = [
    [{ kind: "timeout" }, { kind: "timeout" }],
    [{ kind: "network" }, { kind: "network" }],
    [{ kind: "bad_reply" }, { kind: "bad_reply" }],
    [{ kind: "bad_reply", code: "NOAUTH" }, { kind: "bad_reply", code: "NOAUTH" }],
    [{ kind: "status", status: 401 }, { kind: "status", status: 401 }],
    [{ kind: "status", status: 429, retryAfterMs: 7000 }, { kind: "status", status: 429 }],
  ];
  for (const [failure, facts] of failures) {
    const { tell, lines } = failureLog();
    tell(failure);
    assertEquals(lines, [line({ ...facts, failures: 1 })]);
  }
});

Deno.test("createFailureLog() tells one line a minute, and how many failures it stands for", () => {
  const { tell, lines, pass } = failureLog();
  tell({ kind: "timeout" });
  for (let times = 0; times < 40; times++) tell({ kind: "network" });
  pass(59_999);
  tell({ kind: "network" });
  assertEquals(lines, [line({ kind: "timeout", failures: 1 })]);
  pass(1);
  tell({ kind: "status", status: 503 });
  tell({ kind: "network" });
  assertEquals(lines.slice(1), [line({ kind: "status", status: 503, failures: 42 })]);
  pass(60_000);
  tell({ kind: "network" });
  assertEquals(lines.slice(2), [line({ kind: "network", failures: 2 })]);
});
