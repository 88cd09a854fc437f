import { StatusError } from "../src/ports.ts";
import { assertEquals } from "./support/assert.ts";
import { cameTo, streamsOf, testBoarding } from "./support/boarding.ts";

const NO_STREAM = new StatusError(404);

Deno.test("board() asks the gate and the broker once for all who ask the same", async () => {
  const { board, broker, clock, counted, operations } = testBoarding();
  const asked = Array.from({ length: 200 }, () => board("anna", "weir:a"));
  await clock.settle();
  operations[0]!.answer();
  await clock.settle();
  broker.calls[0]!.answer(streamsOf("weir:a"));
  await clock.settle();
  assertEquals(new Set(asked.map(cameTo)), new Set(["stream"]));
  assertEquals([operations.length, broker.calls.length], [1, 1]);
  assertEquals(counted.of("coalesced", "request"), 199);
});

Deno.test("board() shares the resolve between viewers, and not the admission", async () => {
  const { board, broker, clock, counted, operations } = testBoarding();
  const asked = [board("anna", "weir:a"), board("ben", "weir:a")];
  await clock.settle();
  for (const operation of operations) operation.answer();
  await clock.settle();
  assertEquals(operations.map(({ session }) => session), ["anna", "ben"]);
  assertEquals(broker.calls.length, 1);
  assertEquals(counted.of("coalesced", "resolve"), 1);
  broker.calls[0]!.answer(streamsOf("weir:a"));
  await clock.settle();
  assertEquals(asked.map(cameTo), ["stream", "stream"]);
});

Deno.test("board() shares nothing where flights are not shared", async () => {
  const { board, broker, clock, operations } = testBoarding({ shareFlights: false });
  const asked = [board("anna", "weir:a"), board("anna", "weir:a"), board("anna", "weir:b")];
  await clock.settle();
  for (const operation of operations) operation.answer();
  await clock.settle();
  for (const call of broker.calls) call.answer(streamsOf(call.asked));
  await clock.settle();
  assertEquals(asked.map(cameTo), ["stream", "stream", "stream"]);
  assertEquals([operations.length, broker.calls.length], [3, 3]);
});

Deno.test("a flight goes on when the first asker leaves, and ends when all have left", async () => {
  const { board, broker, clock, near, operations } = testBoarding();
  const [first, second] = [board("anna", "weir:a"), board("anna", "weir:a")];
  await clock.settle();
  operations[0]!.answer();
  await clock.settle();
  first.leave();
  await clock.settle();
  assertEquals([cameTo(first), cameTo(second)], ["gone", "waiting"]);
  assertEquals(broker.calls[0]!.over, false);
  second.leave();
  await clock.settle();
  assertEquals([cameTo(second), broker.calls[0]!.over], ["gone", true]);
  operations[1]!.answer();
  assertEquals(near.list().seats, []);
});

Deno.test("a newer request answers the older at once and inherits its seat", async () => {
  const { board, broker, clock, near, operations } = testBoarding();
  const older = board("anna", "weir:a");
  await clock.settle();
  operations[0]!.answer();
  await clock.settle();
  const newer = board("anna", "weir:b");
  await clock.settle();
  assertEquals([cameTo(older), cameTo(newer)], ["superseded", "waiting"]);
  assertEquals(broker.calls[0]!.over, true);
  assertEquals(operations[1]!.answer(), {
    kind: "continued",
    at: clock.now(),
    expiresAt: clock.now() + 1_200_000,
  });
  await clock.settle();
  broker.calls[1]!.fail(NO_STREAM);
  await clock.settle();
  assertEquals(operations.map(({ name }) => name), ["admit", "admit", "release"]);
  operations[2]!.answer();
  await clock.settle();
  assertEquals(cameTo(newer), "not_found");
  assertEquals(near.list().seats, []);
});

Deno.test("a superseded flight leaves the broker's call to another viewer who waits on it", async () => {
  const { board, broker, clock, operations } = testBoarding();
  const asked = [board("anna", "weir:a"), board("ben", "weir:a")];
  await clock.settle();
  for (const operation of operations) operation.answer();
  await clock.settle();
  board("anna", "weir:b");
  await clock.settle();
  assertEquals(broker.calls[0]!.over, false);
  broker.calls[0]!.answer(streamsOf("weir:a"));
  await clock.settle();
  assertEquals(asked.map(cameTo), ["superseded", "stream"]);
});

Deno.test("the newer request inherits also where the older's admission is answered last", async () => {
  const { board, broker, clock, near, operations } = testBoarding();
  board("anna", "weir:a");
  await clock.settle();
  operations[0]!.arrive();
  await clock.advance(3);
  const newer = board("anna", "weir:b");
  await clock.settle();
  assertEquals((operations[1]!.answer() as { kind: string }).kind, "continued");
  await clock.settle();
  broker.calls[0]!.fail(NO_STREAM);
  await clock.settle();
  assertEquals(operations.length, 2);
  operations[0]!.answer();
  await clock.settle();
  operations[2]!.answer();
  await clock.settle();
  assertEquals(cameTo(newer), "not_found");
  assertEquals(near.list().seats, []);
});

Deno.test("nobody is admitted for a viewer while a release of theirs is under way", async () => {
  const { board, broker, clock, near, operations } = testBoarding();
  const first = board("anna", "weir:a");
  await clock.settle();
  operations[0]!.answer();
  await clock.settle();
  broker.calls[0]!.fail(NO_STREAM);
  await clock.settle();
  const second = board("anna", "weir:b");
  await clock.settle();
  const third = board("anna", "weir:c");
  await clock.settle();
  assertEquals(operations.map(({ name }) => name), ["admit", "release"]);
  operations[1]!.answer();
  await clock.settle();
  for (const operation of operations.slice(2)) operation.answer();
  await clock.settle();
  broker.calls.at(-1)!.answer(streamsOf("weir:c"));
  await clock.settle();
  assertEquals([first, second, third].map(cameTo), ["superseded", "superseded", "stream"]);
  assertEquals(near.list().seats.map(({ note }) => note), ["weir:c"]);
});

Deno.test("who asks again while a cancelled flight ends gets a flight of their own", async () => {
  const { board, broker, clock, near, operations } = testBoarding();
  const first = board("anna", "weir:a");
  await clock.settle();
  operations[0]!.answer();
  await clock.settle();
  first.leave();
  await clock.settle();
  const again = board("anna", "weir:a");
  await clock.settle();
  assertEquals(operations.map(({ name }) => name), ["admit", "release"]);
  operations[1]!.answer();
  await clock.settle();
  operations[2]!.answer();
  await clock.settle();
  broker.calls[1]!.answer(streamsOf("weir:a"));
  await clock.settle();
  assertEquals([cameTo(first), cameTo(again)], ["gone", "stream"]);
  assertEquals(near.list().seats.length, 1);
});

Deno.test("streams that come when the last asker has left are dropped, and the seat is free", async () => {
  const { board, broker, clock, near, operations } = testBoarding({ deafBroker: true });
  const asked = board("anna", "weir:a");
  await clock.settle();
  operations[0]!.answer();
  await clock.settle();
  asked.leave();
  broker.calls[0]!.answer(streamsOf("weir:a"));
  await clock.settle();
  operations[1]!.answer();
  assertEquals(cameTo(asked), "gone");
  assertEquals(near.list().seats, []);
});

Deno.test("a flight without streams releases once, and its failure changes no answer", async () => {
  for (const failure of [new StatusError(404), new StatusError(403)]) {
    const { board, broker, clock, counted, operations } = testBoarding();
    const asked = board("anna", "weir:a");
    await clock.settle();
    operations[0]!.answer();
    await clock.settle();
    broker.calls[0]!.fail(failure);
    await clock.settle();
    operations[1]!.fail(new TypeError("fetch failed"));
    await clock.settle();
    assertEquals(cameTo(asked), failure.status === 404 ? "not_found" : "dependency_unavailable");
    assertEquals(operations.length, 2);
    assertEquals(counted.of("attempts", "gate"), 2);
  }
});

Deno.test("a flight that took no seat of its own releases none", async () => {
  const { board, broker, clock, near, operations } = testBoarding();
  near.admit({ session: "anna", viewer: "anna" });
  const asked = board("anna", "weir:a");
  await clock.settle();
  operations[0]!.answer();
  await clock.settle();
  broker.calls[0]!.fail(NO_STREAM);
  await clock.settle();
  assertEquals(cameTo(asked), "not_found");
  assertEquals(operations.length, 1);
});

Deno.test("an ungated flight releases nothing, and a gated one's failure blocks", async () => {
  for (const gateOnFailure of ["admit", "block"] as const) {
    const { board, broker, clock, counted, operations } = testBoarding({ gateOnFailure });
    const asked = board("anna", "weir:a");
    await clock.settle();
    operations[0]!.fail(new StatusError(401));
    await clock.settle();
    broker.calls[0]?.fail(NO_STREAM);
    await clock.settle();
    const blocks = gateOnFailure === "block";
    assertEquals(cameTo(asked), blocks ? "dependency_unavailable" : "not_found");
    assertEquals(broker.calls.length, blocks ? 0 : 1);
    assertEquals(operations.length, 1);
    assertEquals(counted.of("ungated"), blocks ? 0 : 1);
  }
});

Deno.test("an ungated flight releases nothing of what it inherits", async () => {
  const { board, broker, clock, operations } = testBoarding({ gateOnFailure: "admit" });
  board("anna", "weir:a");
  await clock.settle();
  operations[0]!.answer();
  await clock.settle();
  const newer = board("anna", "weir:b");
  await clock.settle();
  operations[1]!.fail(new StatusError(401));
  await clock.settle();
  broker.calls[1]!.fail(NO_STREAM);
  await clock.settle();
  assertEquals([cameTo(newer), operations.length], ["not_found", 2]);
});

Deno.test("a newer request that the gate fails gives back what the older took", async () => {
  const { board, clock, near, operations } = testBoarding();
  board("anna", "weir:a");
  await clock.settle();
  operations[0]!.answer();
  await clock.settle();
  const newer = board("anna", "weir:b");
  await clock.settle();
  operations[1]!.fail(new StatusError(401));
  await clock.settle();
  operations[2]!.answer();
  await clock.settle();
  assertEquals(cameTo(newer), "dependency_unavailable");
  assertEquals(near.list().seats, []);
});
