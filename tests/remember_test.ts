import { remember } from "../src/http/remember.ts";
import { assertEquals } from "./support/assert.ts";

function counting(most: number) {
  const made: string[] = [];
  const of = remember(most, (text) => (made.push(text), text === "" ? undefined : text.length));
  return { made, of };
}

Deno.test("remember() makes once what it is asked for again", () => {
  const { made, of } = counting(2);
  assertEquals(["one", "three", "one"].map(of), [3, 5, 3]);
  assertEquals(made, ["one", "three"]);
});

Deno.test("remember() never keeps more than it may", () => {
  const { made, of } = counting(2);
  for (const text of ["a", "b", "c", "c", "a"]) of(text);
  assertEquals(made, ["a", "b", "c", "a"]);
});

Deno.test("remember() keeps no long text, and nothing of what came to nothing", () => {
  const { made, of } = counting(2);
  const long = "x".repeat(513);
  for (const text of [long, long, "", ""]) of(text);
  assertEquals(made, [long, long, "", ""]);
  assertEquals([of("a"), of("b"), of(""), of(long), of("a"), of("b")].length, 6);
  assertEquals(made.filter((text) => text.length === 1), ["a", "b"]);
});
