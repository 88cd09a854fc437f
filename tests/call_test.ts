import { createCall, millisecondsUntil } from "../src/reliability/call.ts";
import {
  BadReplyError,
  type Bounds,
  type Execute,
  type Outcome,
  StatusError,
} from "../src/ports.ts";
import { assertEquals, assertRejects } from "./support/assert.ts";
import { createCounted } from "./support/counted.ts";

const BOUNDS: Bounds = { attemptTimeoutMs: 400, totalTimeoutMs: 900, retryJitterMs: 100 };
const NOW = 5000;

function calls(outcome: Outcome<unknown>, bounds = { broker: BOUNDS }) {
  const executed: { bounds: Bounds; signal: AbortSignal | undefined }[] = [];
  const counted = createCounted();
  const lines: Record<string, unknown>[] = [];
  const execute = ((_operation, bounds, signal) => {
    executed.push({ bounds, signal });
    return Promise.resolve(outcome);
  }) as Execute;
  const call = createCall({
    execute: { gate: execute, broker: execute },
    bounds,
    monotonic: () => NOW,
    count: counted.count,
    log: (level, event, facts) => lines.push({ level, event, ...facts }),
  });
  return { call, executed, counted, lines };
}

const DONE = { ok: true, value: 1, attempts: 1 } as const;

Deno.test("call() puts nothing through the executor that cannot wait", async () => {
  const { call, executed, counted } = calls(DONE);
  const seen: boolean[] = [];
  const outcome = await call("gate", (signal) => (seen.push(signal.aborted), "seat"));
  assertEquals(outcome, { ok: true, value: "seat", attempts: 1 });
  assertEquals([seen, executed.length, counted.of("attempts", "gate")], [[false], 0, 0]);
});

Deno.test("call() throws on what such a one throws", async () => {
  const { call } = calls(DONE);
  const bug = () => {
    throw new RangeError("a bug");
  };
  await assertRejects(async () => await call("gate", bug), RangeError, "a bug");
});

Deno.test("call() bounds what has to be waited for", async () => {
  const { call, executed } = calls(DONE);
  const { signal } = new AbortController();
  await call("broker", () => 1, { signal });
  assertEquals(executed, [{ bounds: { ...BOUNDS, attempts: 2 }, signal }]);
});

Deno.test("call() gives at most what is left until the deadline", async () => {
  const { call, executed } = calls(DONE);
  for (const leftMs of [300, 2000, -1]) await call("broker", () => 1, { deadline: NOW + leftMs });
  assertEquals(executed.map(({ bounds }) => bounds.totalTimeoutMs), [300, 900, 0]);
});

Deno.test("call() counts attempts and retries by dependency", async () => {
  const { call, counted } = calls({ ok: false, failure: { kind: "network" }, attempts: 2 });
  await call("broker", () => 1);
  await call("broker", () => 1, { attempts: 1 });
  assertEquals(counted.of("attempts", "broker"), 4);
  assertEquals(counted.of("retries", "broker"), 2);
  assertEquals(counted.of("attempts", "gate"), 0);
});

Deno.test("call() tells of what failed by its dependency, whether it can wait or not", async () => {
  const failure = { kind: "status", status: 401 } as const;
  const { call, lines } = calls({ ok: false, failure, attempts: 1 });
  await call("broker", () => 1);
  await call("gate", () => {
    throw new BadReplyError("OOM");
  });
  const told = { level: "warn", event: "dependency_failed", failures: 1 };
  assertEquals(lines, [
    { ...told, dependency: "broker", kind: "status", status: 401 },
    { ...told, dependency: "gate", kind: "bad_reply", code: "OOM" },
  ]);
});

Deno.test("call() tells of no answer, no caller who left and nothing that was never asked", async () => {
  const outcomes = [
    DONE,
    { ok: false, failure: { kind: "cancelled" }, attempts: 1 },
    { ok: false, failure: { kind: "timeout" }, attempts: 0 },
    { ok: false, failure: { kind: "status", status: 404 }, attempts: 1 },
  ] as const;
  for (const outcome of outcomes) {
    const { call, lines } = calls(outcome);
    await call("broker", () => 1);
    assertEquals(lines, []);
  }
  const { call, lines } = calls(DONE);
  await call("gate", () => {
    throw new StatusError(404);
  });
  assertEquals(lines.map(({ status }) => status), [404]);
});

Deno.test("call() hands the number of attempts on", async () => {
  const { call, executed } = calls(DONE);
  await call("broker", () => 1, { attempts: 1 });
  assertEquals(executed[0]!.bounds.attempts, 1);
});

Deno.test("millisecondsUntil() gives whole milliseconds, none where the time has passed", () => {
  assertEquals([1.2, 1, -0.5, -7].map((leftMs) => millisecondsUntil(10 + leftMs, 10)), [
    2,
    1,
    0,
    0,
  ]);
});
