import { BadReplyError, type Bounds, type Outcome, StatusError } from "../src/ports.ts";
import { createExecutor } from "../src/reliability/execute.ts";
import { assertEquals } from "./support/assert.ts";
import { type Clock, createClock } from "./support/clock.ts";
import { heldCalls } from "./support/held_calls.ts";

const BOUNDS: Bounds = { attemptTimeoutMs: 400, totalTimeoutMs: 900, retryJitterMs: 100 };
/** So long an operation that was told to stop may take to end. */
const STOP_MS = 50;

function executor(options: { draw?: number; deaf?: boolean; clock?: Clock } = {}) {
  const { clock = createClock(), draw = 0.5, deaf = false } = options;
  const { run, calls } = heldCalls<1 | 2, unknown>({ deaf });
  const execute = createExecutor({ now: clock.now, random: () => draw, timeout: clock.timeout });
  const began = clock.now();
  return {
    clock,
    calls,
    execute,
    /** Executes the held operation; what it came to, and after how long, once it is over. */
    start(bounds: Partial<Bounds> = {}, signal?: AbortSignal) {
      const ended: { outcome?: Outcome<unknown>; afterMs?: number } = {};
      execute(({ number, signal }) => run(number, signal), { ...BOUNDS, ...bounds }, signal).then(
        (outcome) => Object.assign(ended, { outcome, afterMs: clock.now() - began }),
      );
      return ended;
    },
  };
}

Deno.test("execute() gives what the operation gives", async () => {
  const { clock, calls, start } = executor();
  const ended = start();
  calls[0]!.answer("streams");
  await clock.settle();
  assertEquals(ended.outcome, { ok: true, value: "streams", attempts: 1 });
  assertEquals(calls.map(({ asked }) => asked), [1]);
});

Deno.test("execute() tries once more after a full-jitter pause, and not again", async () => {
  const { clock, calls, start } = executor();
  const ended = start();
  calls[0]!.fail(new StatusError(503));
  await clock.advance(49);
  assertEquals(calls.length, 1);
  await clock.advance(1);
  assertEquals(calls.map(({ asked }) => asked), [1, 2]);
  calls[1]!.fail(new StatusError(502));
  await clock.advance(10_000);
  assertEquals(calls.length, 2);
  const failure = { kind: "status", status: 502 } as const;
  assertEquals(ended, { outcome: { ok: false, failure, attempts: 2 }, afterMs: 50 });
});

Deno.test("execute() gives the second attempt's value as if it were the first's", async () => {
  const { clock, calls, start } = executor({ draw: 0 });
  const ended = start();
  calls[0]!.fail(new TypeError("fetch failed"));
  await clock.advance(0);
  calls[1]!.answer("streams");
  await clock.settle();
  assertEquals(ended.outcome, { ok: true, value: "streams", attempts: 2 });
});

Deno.test("execute() tries once where one attempt is all it may make", async () => {
  const { clock, calls, start } = executor();
  const ended = start({ attempts: 1 });
  calls[0]!.fail(new StatusError(503));
  await clock.settle();
  assertEquals(ended.outcome?.ok, false);
  assertEquals([calls.length, ended.outcome?.attempts], [1, 1]);
});

Deno.test("execute() stops each attempt at its bound, and everything at the total", async () => {
  const { clock, calls, start } = executor();
  const ended = start({ totalTimeoutMs: 700 });
  await clock.advance(399);
  assertEquals(calls[0]!.over, false);
  await clock.advance(1);
  assertEquals(calls[0]!.over, true);
  await clock.advance(299);
  assertEquals([calls.length, calls[1]!.over], [2, false]);
  await clock.advance(1);
  assertEquals(calls[1]!.over, true);
  const outcome = { ok: false, failure: { kind: "timeout" }, attempts: 2 } as const;
  assertEquals(ended, { outcome, afterMs: 700 });
});

Deno.test("execute() makes no attempt where nothing is left", async () => {
  const { clock, calls, start } = executor();
  const ended = start({ totalTimeoutMs: 0 });
  await clock.settle();
  assertEquals(ended.outcome, { ok: false, failure: { kind: "timeout" }, attempts: 0 });
  assertEquals(calls.length, 0);
});

Deno.test("execute() waits at least as long as Retry-After asks, or does not try again", async () => {
  for (const retryAfterMs of [500, 5000]) {
    const { clock, calls, start } = executor();
    const ended = start();
    calls[0]!.fail(new StatusError(429, retryAfterMs));
    await clock.advance(549);
    assertEquals(calls.length, 1);
    await clock.advance(1);
    assertEquals(calls.length, retryAfterMs === 500 ? 2 : 1);
    const failure = { kind: "status", status: 429, retryAfterMs: 5000 } as const;
    if (retryAfterMs === 5000) {
      assertEquals(ended, { outcome: { ok: false, failure, attempts: 1 }, afterMs: 0 });
    }
  }
});

Deno.test("execute() tries again for what may pass by itself, and for nothing else", async () => {
  const attempts = async (thrown: unknown) => {
    const { clock, calls, start } = executor({ draw: 0 });
    const ended = start();
    calls[0]!.fail(thrown);
    await clock.advance(0);
    calls[1]?.fail(thrown);
    await clock.settle();
    return ended.outcome?.attempts;
  };
  const twice = [408, 429, 500, 501, 502, 503, 504, 599].map((status) => new StatusError(status));
  for (const thrown of [...twice, new TypeError("fetch failed"), new Error(), "text", undefined]) {
    assertEquals(await attempts(thrown), 2, `${thrown}`);
  }
  const once = [301, 400, 401, 403, 404, 409, 410, 422].map((status) => new StatusError(status));
  for (const thrown of [...once, new BadReplyError()]) {
    assertEquals(await attempts(thrown), 1, `${thrown}`);
  }
});

Deno.test("execute() calls it a timeout or a cancellation by who aborted, whatever is thrown", async () => {
  const thrown = [
    new DOMException("x", "AbortError"),
    new DOMException("x", "TimeoutError"),
    new TypeError("fetch failed"),
    new StatusError(404),
    undefined,
  ];
  for (const each of thrown) {
    for (const kind of ["timeout", "cancelled", "network"] as const) {
      const { clock, calls, start } = executor({ deaf: true });
      const caller = new AbortController();
      const ended = start({ attempts: 1 }, caller.signal);
      if (kind === "timeout") await clock.advance(400);
      if (kind === "cancelled") caller.abort(each);
      calls[0]!.fail(each);
      await clock.settle();
      const failure = kind === "network" && each instanceof StatusError
        ? { kind: "status" as const, status: 404 }
        : { kind };
      assertEquals(ended.outcome, { ok: false, failure, attempts: 1 });
    }
  }
});

Deno.test("execute() takes no value from an operation that was told to stop", async () => {
  const { clock, calls, start } = executor({ deaf: true });
  const ended = start({ attempts: 1 });
  await clock.advance(400);
  calls[0]!.answer(null);
  await clock.settle();
  assertEquals(ended.outcome, { ok: false, failure: { kind: "timeout" }, attempts: 1 });
});

Deno.test("execute() leaves an operation behind that does not stop", async () => {
  const { clock, calls, start } = executor({ deaf: true });
  const ended = start({ attempts: 1 });
  await clock.advance(400 + STOP_MS - 1);
  assertEquals(ended.outcome, undefined);
  await clock.advance(1);
  assertEquals(ended.afterMs, 400 + STOP_MS);
  calls[0]!.fail(new Error("much later"));
  await clock.settle();
});

Deno.test("execute() does not run for a caller who is gone, and ends with one who goes", async () => {
  const cancelled = (attempts: number) =>
    ({ ok: false, failure: { kind: "cancelled" }, attempts }) as const;
  const early = executor();
  const never = early.start({}, AbortSignal.abort());
  await early.clock.settle();
  assertEquals([never.outcome, early.calls.length], [cancelled(0), 0]);

  const { clock, calls, start } = executor();
  const caller = new AbortController();
  const during = start({}, caller.signal);
  caller.abort();
  await clock.settle();
  assertEquals([during.outcome, calls[0]!.over], [cancelled(1), true]);

  const late = executor();
  const pausing = new AbortController();
  const between = late.start({}, pausing.signal);
  late.calls[0]!.fail(new StatusError(503));
  await late.clock.advance(20);
  pausing.abort();
  await late.clock.settle();
  assertEquals([between.outcome, late.calls.length], [cancelled(1), 1]);
});

Deno.test("execute() takes what an operation throws at once as it takes a rejection", async () => {
  const { execute } = executor();
  const outcome = await execute(() => {
    throw new BadReplyError();
  }, BOUNDS);
  assertEquals(outcome, { ok: false, failure: { kind: "bad_reply" }, attempts: 1 });
});

Deno.test("execute() leaves no listener on the caller's signal", async () => {
  const { clock, calls, start } = executor();
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners += 1;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners -= 1;
    removeEventListener.apply(signal, args);
  };
  start({}, signal);
  calls[0]!.fail(new StatusError(503));
  await clock.settle();
  assertEquals(listeners, 1);
  await clock.advance(50);
  calls[1]!.answer("streams");
  await clock.settle();
  assertEquals(listeners, 0);
});

Deno.test("a dependency that is down is called less than twice a request, and recovers", async () => {
  const clock = createClock();
  let up = false;
  let calls = 0;
  const { execute } = executor({ clock, draw: 0 });
  const ask = async (times: number) => {
    const before = calls;
    for (let time = 0; time < times; time++) {
      const outcome = execute(() => {
        calls += 1;
        if (!up) throw new StatusError(503);
      }, BOUNDS);
      await clock.advance(0);
      await outcome;
    }
    return calls - before;
  };
  assertEquals(await ask(100), 110);
  await clock.advance(10_000);
  assertEquals(await ask(100), 101);
  up = true;
  assertEquals(await ask(30), 30);
  up = false;
  assertEquals(await ask(10), 13);
});

Deno.test("dependencies have a retry budget each", async () => {
  const clock = createClock();
  const [gate, broker] = [executor({ clock, draw: 0 }), executor({ clock, draw: 0 })];
  const attempts = async ({ execute }: typeof gate) => {
    const outcome = execute(() => Promise.reject(new StatusError(503)), BOUNDS);
    await clock.advance(0);
    return (await outcome).attempts;
  };
  for (let time = 0; time < 10; time++) assertEquals(await attempts(gate), 2);
  assertEquals([await attempts(gate), await attempts(broker)], [1, 2]);
});
