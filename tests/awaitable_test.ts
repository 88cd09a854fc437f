import type { Awaitable } from "../src/ports.ts";
import { after, attempt, lastly } from "../src/reliability/awaitable.ts";
import { readStreams } from "./support/stremio.ts";
import { testApp } from "./support/app.ts";
import { assert, assertEquals, assertRejects } from "./support/assert.ts";

const PEER = { address: "203.0.113.1" };
const EPISODE = "https://weir.example/stream/movie/weir%3Asintel.json";

Deno.test("after() goes on at once with what is there, and later with what is not", async () => {
  const double = (value: number) => 2 * value;
  assertEquals(after<number, number>(21, double), 42);
  const later = after(Promise.resolve(21), double);
  assert(later instanceof Promise);
  assertEquals(await later, 42);
});

Deno.test("lastly() comes after the value, is waited for, and changes nothing", async () => {
  const order: string[] = [];
  const last = (): Awaitable<void> => void order.push("last");
  assertEquals(lastly("there", last), "there");
  assertEquals(order, ["last"]);
  const slow = () => Promise.resolve().then(() => void order.push("slow"));
  assertEquals(await lastly<string>("there", slow), "there");
  assertEquals(order, ["last", "slow"]);
  await assertRejects(async () => await lastly(Promise.reject(new RangeError("bug")), last));
  assertEquals(order, ["last", "slow", "last"]);
});

Deno.test("attempt() says what comes of a failure, now or later, and else gives what came", async () => {
  const failed = (error: unknown) => String(error);
  const bug = () => {
    throw new RangeError("bug");
  };
  assertEquals(attempt(() => "done", failed), "done");
  assertEquals(attempt(bug, failed), "RangeError: bug");
  assertEquals(
    await attempt(() => Promise.reject(new RangeError("late")), failed),
    "RangeError: late",
  );
});

Deno.test("a stream answer waits for nothing where neither gate nor broker can wait", async () => {
  const app = testApp();
  const ask = () => app.handle(new Request(EPISODE), PEER);
  // A viewer's id is made once, and that has to wait.
  await ask();
  const response = ask();
  assert(response instanceof Response);
  assertEquals((await readStreams(response)).streams.length, 1);
});

Deno.test("a seat is given back at once where nothing can wait and there is no stream", async () => {
  const app = testApp({ resolve: () => [] });
  for (let time = 0; time < 2; time++) {
    const { notice } = await readStreams(await app.handle(new Request(EPISODE), PEER));
    assertEquals(notice?.cause, "dependency_unavailable");
    assertEquals((await app.gate.list()).seats, []);
  }
});
