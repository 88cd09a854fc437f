import fc from "fast-check";
import { createSortedSet, type Scored } from "../src/gate/sorted_set.ts";
import { assertEquals } from "./support/assert.ts";

type Step =
  | { do: "set"; id: string; score: number }
  | { do: "delete"; id: string }
  | { do: "takeUpTo"; score: number }
  | { do: "clear" };

const id = fc.constantFrom(
  "a",
  "b",
  "B",
  "_",
  "-",
  "0",
  "aa",
  "a-",
  "zz",
  "Z",
  "1",
  "2",
  "3",
  "4",
  "5",
  "6",
);
const score = fc.integer({ min: 0, max: 9 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant("set" as const), id, score }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("delete" as const), id }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("takeUpTo" as const), score }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("clear" as const) }) },
);

/** The order of a Redis sorted set: by score, ties by bytes. */
function inOrder(model: ReadonlyMap<string, number>): Scored[] {
  return [...model].map(([id, score]) => ({ id, score }))
    .sort((a, b) => a.score - b.score || (a.id < b.id ? -1 : 1));
}

function plain(scored: readonly Scored[]): Scored[] {
  return scored.map(({ id, score }) => ({ id, score }));
}

Deno.test("a sorted set is what a map that is sorted each time is", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
    const set = createSortedSet();
    const model = new Map<string, number>();
    for (const each of steps) {
      switch (each.do) {
        case "set":
          set.set(each.id, each.score);
          model.set(each.id, each.score);
          break;
        case "delete":
          assertEquals(set.delete(each.id), model.delete(each.id));
          break;
        case "takeUpTo": {
          const taken = inOrder(model).filter(({ score }) => score <= each.score);
          for (const { id } of taken) model.delete(id);
          assertEquals(plain(set.takeUpTo(each.score)), taken);
          break;
        }
        case "clear":
          set.clear();
          model.clear();
      }
      const expected = inOrder(model);
      assertEquals(set.size(), model.size);
      assertEquals(plain([set.first() ?? []].flat()), expected.slice(0, 1));
      assertEquals(plain(set.sorted()), expected);
      for (const { id, score } of expected) assertEquals(set.score(id), score);
      assertEquals(set.score("never"), undefined);
    }
  }));
});

Deno.test("a sorted set of many ids gives them up in their order", () => {
  const set = createSortedSet();
  for (let n = 0; n < 20_000; n++) set.set(`id${n}`, (n * 7919) % 20_011);
  const taken = set.takeUpTo(Infinity).map(({ score }) => score);
  assertEquals(taken, taken.toSorted((a, b) => a - b));
  assertEquals([taken.length, set.size()], [20_000, 0]);
});
