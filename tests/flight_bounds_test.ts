import { StatusError } from "../src/ports.ts";
import { createMemoryGate } from "../src/gate/memory.ts";
import { DEFAULT_SETTINGS } from "../src/gate/policy.ts";
import { assertEquals } from "./support/assert.ts";
import { BROKER_BOUNDS, cameTo, GATE_BOUNDS, streamsOf, testBoarding } from "./support/boarding.ts";
import { createClock } from "./support/clock.ts";

/** So long an operation that was told to stop may take to end. */
const STOP_MS = 50;

Deno.test("a gate that hangs is given its bounds and no more", async () => {
  for (const gateOnFailure of ["block", "admit"] as const) {
    const { board, broker, clock, operations } = testBoarding({ gateOnFailure });
    const asked = board("anna", "weir:a");
    await clock.advance(1799);
    assertEquals([cameTo(asked), operations.length, broker.calls.length], ["waiting", 2, 0]);
    await clock.advance(1);
    assertEquals(cameTo(asked), gateOnFailure === "block" ? "dependency_timeout" : "waiting");
    assertEquals(broker.calls.length, gateOnFailure === "block" ? 0 : 1);
  }
});

Deno.test("a broker that hangs is given two attempts and the pause between them", async () => {
  const { board, broker, clock, near, operations } = testBoarding();
  const asked = board("anna", "weir:a");
  await clock.settle();
  operations[0]!.answer();
  await clock.advance(8059);
  assertEquals([cameTo(asked), broker.calls.length], ["waiting", 2]);
  await clock.advance(1);
  operations[1]!.answer();
  await clock.settle();
  assertEquals(cameTo(asked), "dependency_timeout");
  assertEquals(near.list().seats, []);
});

Deno.test("a broker that does not listen is left behind within its bounds", async () => {
  const { board, clock, operations } = testBoarding({ deafBroker: true });
  const asked = board("anna", "weir:a");
  await clock.settle();
  operations[0]!.answer();
  await clock.advance(9000 + STOP_MS);
  operations[1]!.answer();
  await clock.settle();
  assertEquals(cameTo(asked), "dependency_timeout");
});

Deno.test("STREAM_TOTAL stands over gate and broker together", async () => {
  const { board, broker, clock, near, operations } = testBoarding({ streamTotalTimeoutMs: 5000 });
  const asked = board("anna", "weir:a");
  await clock.advance(800);
  operations[0]!.answer();
  await clock.advance(4199);
  assertEquals([cameTo(asked), broker.calls.at(-1)!.over], ["waiting", false]);
  await clock.advance(1);
  assertEquals(broker.calls.at(-1)!.over, true);
  assertEquals(operations.length, 2);
  await clock.advance(0);
  assertEquals(cameTo(asked), "dependency_timeout");
  operations[1]!.answer();
  assertEquals(near.list().seats, []);
});

Deno.test("STREAM_TOTAL bounds a gate that hangs for longer", async () => {
  const { board, clock, operations } = testBoarding({ streamTotalTimeoutMs: 300 });
  const asked = board("anna", "weir:a");
  await clock.advance(299);
  assertEquals(cameTo(asked), "waiting");
  await clock.advance(1);
  assertEquals([cameTo(asked), operations.length], ["dependency_timeout", 1]);
});

Deno.test("a shared resolve outlives the deadline of one who waits on it", async () => {
  const { board, broker, clock, operations } = testBoarding({ streamTotalTimeoutMs: 4500 });
  const first = board("anna", "weir:a");
  await clock.advance(600);
  operations[0]!.answer();
  await clock.settle();
  const second = board("ben", "weir:a");
  await clock.settle();
  operations[1]!.answer();
  await clock.advance(3900);
  operations[2]!.answer();
  await clock.settle();
  assertEquals([cameTo(first), cameTo(second)], ["dependency_timeout", "waiting"]);
  await clock.advance(50);
  broker.calls.at(-1)!.answer(streamsOf("weir:a"));
  await clock.settle();
  assertEquals(cameTo(second), "stream");
});

Deno.test("a release that hangs holds an answer up for its one attempt at most", async () => {
  const { board, broker, clock, operations } = testBoarding();
  const asked = board("anna", "weir:a");
  await clock.settle();
  operations[0]!.answer();
  await clock.settle();
  broker.calls[0]!.fail(new StatusError(404));
  await clock.advance(GATE_BOUNDS.attemptTimeoutMs - 1);
  assertEquals(cameTo(asked), "waiting");
  await clock.advance(1);
  assertEquals([cameTo(asked), operations.length], ["not_found", 2]);
});

Deno.test("a bug of the gate is thrown to whoever asked, and the next ask is well", async () => {
  const clock = createClock();
  const memory = createMemoryGate({ settings: DEFAULT_SETTINGS, now: clock.now });
  let bugs = 0;
  const { board, broker } = testBoarding({
    gate: {
      ...memory,
      admit(ask) {
        if (bugs-- > 0) throw new TypeError("a bug");
        return memory.admit(ask);
      },
    },
    bounds: { broker: BROKER_BOUNDS },
  });
  bugs = 1;
  const [one, two] = [board("anna", "weir:a"), board("anna", "weir:a")];
  await clock.settle();
  assertEquals([one, two].map(cameTo), ["threw", "threw"]);
  const again = board("anna", "weir:a");
  await clock.settle();
  broker.calls[0]!.answer(streamsOf("weir:a"));
  await clock.settle();
  assertEquals(cameTo(again), "stream");
});

Deno.test("a newer request that meets a bug gives back what the older took", async () => {
  const clock = createClock();
  const memory = createMemoryGate({ settings: DEFAULT_SETTINGS, now: clock.now });
  let admissions = 0;
  const { board } = testBoarding({
    gate: {
      ...memory,
      admit(ask) {
        admissions += 1;
        if (admissions === 2) throw new TypeError("a bug");
        return memory.admit(ask);
      },
    },
    bounds: { broker: BROKER_BOUNDS },
  });
  const older = board("anna", "weir:a");
  await clock.settle();
  assertEquals(memory.list().seats.length, 1);
  const newer = board("anna", "weir:b");
  await clock.settle();
  assertEquals([older, newer].map(cameTo), ["superseded", "threw"]);
  assertEquals(memory.list().seats, []);
});

Deno.test("a bug of an embedded broker gives the seat back and is thrown", async () => {
  const clock = createClock();
  const memory = createMemoryGate({ settings: DEFAULT_SETTINGS, now: clock.now });
  const { board } = testBoarding({
    gate: memory,
    resolve: () => {
      throw new TypeError("a bug");
    },
    bounds: {},
  });
  const asked = board("anna", "weir:a");
  await clock.settle();
  assertEquals(cameTo(asked), "threw");
  assertEquals(memory.list().seats, []);
});

Deno.test("a bug of a release changes no answer, nor the next one", async () => {
  const clock = createClock();
  const memory = createMemoryGate({ settings: DEFAULT_SETTINGS, now: clock.now });
  const { board, broker } = testBoarding({
    gate: {
      ...memory,
      release: () => {
        throw new TypeError("a bug");
      },
    },
    bounds: { broker: BROKER_BOUNDS },
  });
  const asked = board("anna", "weir:a");
  await clock.settle();
  broker.calls[0]!.fail(new StatusError(404));
  await clock.settle();
  assertEquals(cameTo(asked), "not_found");
});
