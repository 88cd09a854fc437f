import type { Awaitable } from "../src/ports.ts";
import { createFlights, type Joined, startFlight } from "../src/reliability/inflight.ts";
import { assert, assertEquals, assertRejects, assertStrictEquals } from "./support/assert.ts";
import { createClock } from "./support/clock.ts";

const { settle } = createClock();

/** A piece of work that a test ends. */
function work() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const signals: AbortSignal[] = [];
  const run = (signal: AbortSignal) => (signals.push(signal), promise);
  return { run, resolve, reject, signals };
}

function flights(share = true) {
  let joins = 0;
  return {
    ...createFlights<string>({ share, onJoin: () => joins++ }),
    joins: () => joins,
  };
}

Deno.test("join() gives what the flight lands with to all who wait", async () => {
  const { run, resolve } = work();
  const flight = startFlight(run);
  const joined = [flight.join(), flight.join(new AbortController().signal)];
  resolve("streams");
  assertEquals(await Promise.all(joined), [
    { kind: "landed", value: "streams" },
    { kind: "landed", value: "streams" },
  ]);
  assertEquals(await flight.join(), { kind: "landed", value: "streams" });
  assertEquals(flight.signal.aborted, false);
});

Deno.test("work that is done at once is no flight in progress, and is shared with nobody", () => {
  const { join, size, joins } = flights();
  const flight = startFlight(() => "streams", () => assert(false, "there was nothing to end"));
  assertEquals(flight.join(AbortSignal.abort()), { kind: "landed", value: "streams" });
  assertEquals(flight.inProgress, false);
  assertEquals(startFlight(work().run).inProgress, true);
  assertEquals(join("a", () => "first"), { kind: "landed", value: "first" });
  assertEquals(join("a", () => "second"), { kind: "landed", value: "second" });
  assertEquals([size(), joins()], [0, 0]);
});

Deno.test("join() ends for the one who leaves, and the flight goes on for the others", async () => {
  const { run, resolve } = work();
  const flight = startFlight(run);
  const leader = new AbortController();
  const [first, second] = [flight.join(leader.signal), flight.join()];
  leader.abort();
  assertEquals(await first, { kind: "left" });
  assertEquals(flight.signal.aborted, false);
  resolve("streams");
  assertEquals(await second, { kind: "landed", value: "streams" });
});

Deno.test("join() ends with any one of several signals", async () => {
  const flight = startFlight(work().run);
  const [a, b] = [new AbortController(), new AbortController()];
  const joined = flight.join(a.signal, b.signal);
  b.abort();
  assertEquals(await joined, { kind: "left" });
});

Deno.test("a flight is cancelled with the last who leaves, and tells nobody of its failure", async () => {
  const { run, reject } = work();
  const flight = startFlight(run);
  const [a, b] = [new AbortController(), new AbortController()];
  const joined = [flight.join(a.signal), flight.join(b.signal)];
  a.abort();
  await settle();
  assertEquals(flight.signal.aborted, false);
  b.abort();
  await settle();
  assertEquals(flight.signal.aborted, true);
  reject(new Error("stopped"));
  assertEquals(await Promise.all(joined), [{ kind: "left" }, { kind: "left" }]);
});

Deno.test("a flight goes on where one joins in the turn in which the last leaves", async () => {
  const { run, resolve } = work();
  const flight = startFlight(run);
  const leader = new AbortController();
  const left = flight.join(leader.signal);
  leader.abort();
  const joined = flight.join();
  await settle();
  assertEquals(flight.signal.aborted, false);
  resolve("streams");
  assertEquals([await left, await joined], [{ kind: "left" }, {
    kind: "landed",
    value: "streams",
  }]);
});

Deno.test("join() by one who is gone already leaves at once", async () => {
  const flight = startFlight(work().run);
  assertEquals(await flight.join(AbortSignal.abort()), { kind: "left" });
  assertEquals(flight.signal.aborted, true);
});

Deno.test("a flight that has landed is not cancelled by those who leave later", async () => {
  const { run, resolve } = work();
  const flight = startFlight(run);
  const leader = new AbortController();
  const joined = flight.join(leader.signal);
  resolve("streams");
  await joined;
  leader.abort();
  await settle();
  assertEquals(flight.signal.aborted, false);
});

Deno.test("cancel() answers all who wait at once, whatever the work does", async () => {
  const flight = startFlight(work().run);
  const joined = [flight.join(), flight.join()];
  flight.cancel();
  assertEquals(await Promise.all(joined), [{ kind: "left" }, { kind: "left" }]);
  assertEquals(await flight.join(), { kind: "left" });
});

Deno.test("a flight that fails before anybody waits is no unhandled failure", async () => {
  const { run, reject } = work();
  const flight = startFlight(run);
  reject(new RangeError("a bug"));
  // The runtime looks for failures that nobody handles at the end of its turn.
  await new Promise((resolve) => setTimeout(resolve));
  await assertRejects(async () => await flight.join(), RangeError);
});

Deno.test("a failure reaches everyone who waits", async () => {
  const { run, reject } = work();
  const flight = startFlight(run);
  const joined = [flight.join(), flight.join()];
  const failure = new RangeError("a bug");
  reject(failure);
  for (const each of joined) {
    assertStrictEquals(await assertRejects(async () => await each), failure);
  }
});

Deno.test("flights of one key are one, and leave the map when they land", async () => {
  const { join, size, joins } = flights();
  const { run, resolve, signals } = work();
  const joined = [join("a", run), join("a", run), join("b", run)];
  assertEquals([signals.length, size(), joins()], [2, 2, 1]);
  resolve("streams");
  await Promise.all(joined);
  assertEquals(size(), 0);
  join("a", run);
  assertEquals(signals.length, 3);
});

Deno.test("flights leave the map when they fail, later or at once", async () => {
  const { join, size } = flights();
  const failing: ((signal: AbortSignal) => Promise<string>)[] = [
    () => Promise.reject(new RangeError("a bug")),
    () => {
      throw new RangeError("a bug");
    },
  ];
  for (const run of failing) {
    await assertRejects(async () => await join("a", run), RangeError, "a bug");
    await settle();
    assertEquals(size(), 0);
  }
});

Deno.test("who asks after a flight was cancelled starts anew, and the old one takes nothing away", async () => {
  const { join, size } = flights();
  const [old, fresh] = [work(), work()];
  const leader = new AbortController();
  const left = join("a", old.run, leader.signal);
  leader.abort();
  await left;
  const joined = join("a", fresh.run);
  assertEquals(fresh.signals.length, 1);
  old.resolve("late");
  await settle();
  assertEquals(size(), 1);
  fresh.resolve("streams");
  assertEquals(await joined, { kind: "landed", value: "streams" });
  assertEquals(size(), 0);
});

Deno.test("flights are not shared where that is not wanted", async () => {
  const { join, size, joins } = flights(false);
  const { run, resolve, signals } = work();
  const joined: Awaitable<Joined<string>>[] = [join("a", run), join("a", run)];
  assertEquals([signals.length, size(), joins()], [2, 0, 0]);
  resolve("streams");
  await Promise.all(joined);
});
