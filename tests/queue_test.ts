import fc from "fast-check";
import { Queue, type Queued } from "../src/gate/queue.ts";
import { assert, assertEquals } from "./support/assert.ts";

interface Entry extends Queued<Entry> {}

type Step =
  | { do: "put"; id: string; time: number }
  | { do: "delete"; id: string }
  | { do: "takeDue"; time: number }
  | { do: "clear" };

const ids = "a b B _ - 0 aa a- zz Z 1 2 3 4 5 6".split(" ");
const id = fc.constantFrom(...ids);
const time = fc.integer({ min: 0, max: 9 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant("put" as const), id, time }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("delete" as const), id }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("takeDue" as const), time }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("clear" as const) }) },
);

function entryOf(id: string): Entry {
  return { id, time: 0, place: 0, before: undefined, behind: undefined };
}

/** The order of a Redis sorted set: by score, ties by bytes. */
function inOrder(model: ReadonlyMap<string, number>): [string, number][] {
  return [...model].sort(([a, aTime], [b, bTime]) => aTime - bTime || (a < b ? -1 : 1));
}

function takeDue(queue: Queue<Entry>, time: number): [string, number][] {
  const taken: [string, number][] = [];
  for (let next = queue.due(time); next; next = queue.due(time)) {
    queue.delete(next);
    taken.push([next.id, next.time]);
  }
  return taken;
}

Deno.test("a queue is what a map that is sorted each time is", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
    const queue = new Queue<Entry>();
    const entries = new Map(ids.map((id) => [id, entryOf(id)]));
    const model = new Map<string, number>();
    for (const each of steps) {
      switch (each.do) {
        case "put":
          if (model.has(each.id)) queue.delete(entries.get(each.id)!);
          queue.add(entries.get(each.id)!, each.time);
          model.set(each.id, each.time);
          break;
        case "delete":
          if (model.delete(each.id)) queue.delete(entries.get(each.id)!);
          break;
        case "takeDue": {
          const due = inOrder(model).filter(([, time]) => time <= each.time);
          for (const [id] of due) model.delete(id);
          assertEquals(takeDue(queue, each.time), due);
          break;
        }
        case "clear":
          queue.clear();
          model.clear();
      }
      const expected = inOrder(model);
      assertEquals(queue.size, model.size);
      assertEquals(queue.first()?.id, expected[0]?.[0]);
      assertEquals(queue.sorted().map(({ id, time }) => [id, time]), expected);
    }
  }));
});

/** How long it takes to let many come so, one of whom at a time comes anew, and all go in order. */
function spentMs(timeOf: (number: number) => number): number {
  const many = 50_000;
  const queue = new Queue<Entry>();
  const entries = Array.from({ length: many }, (_, number) => entryOf(`id${number}`));
  const began = performance.now();
  entries.forEach((entry, number) => queue.add(entry, timeOf(number)));
  entries.forEach((entry, number) => {
    queue.delete(entry);
    queue.add(entry, timeOf(number));
  });
  const times = takeDue(queue, Infinity).map(([, time]) => time);
  const spent = performance.now() - began;
  assertEquals(times, times.toSorted((a, b) => a - b));
  assertEquals([times.length, queue.size], [many, 0]);
  return spent;
}

Deno.test("no order in which many come makes a queue slow", () => {
  // All of them together take half a second.
  for (const [name, timeOf] of Object.entries(ORDERS)) {
    const spent = spentMs(timeOf);
    assert(spent < 10_000, `${name}: ${Math.round(spent)} ms`);
  }
});

const ORDERS: Readonly<Record<string, (number: number) => number>> = {
  "in order": (number) => number,
  "the other way round": (number) => 50_000 - number,
  "all at once": () => 0,
  "anyhow": (number) => (number * 7919) % 20_011,
  "one far ahead of the rest": (number) => number === 0 ? 1e12 : number,
};
