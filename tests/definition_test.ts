import { parseDefinition } from "../src/addon/definition.ts";
import { assert, assertEquals, assertMatch } from "./support/assert.ts";
import { sampleDefinition, sampleText } from "./support/definition.ts";
import { FAULTS } from "./support/definition_faults.ts";

const VERSION = "must be a semantic version such as 1.0.0";

function problemsOf(text: string): string[] {
  const parsed = parseDefinition(text);
  return parsed.ok ? [] : parsed.problems;
}

Deno.test("parseDefinition() reads a definition that holds, and fills in the page size", () => {
  assertEquals(problemsOf(sampleText()), []);
  assertEquals(sampleDefinition().catalogs.map(({ pageSize }) => pageSize), [2, 100, 100]);
});

for (const [claim, path, value, problem] of FAULTS) {
  Deno.test(`parseDefinition() tells of ${claim}`, () => {
    assertEquals(problemsOf(sampleText(path, value)), [problem]);
  });
}

Deno.test("parseDefinition() tells of every fault at once, of shape and of meaning", () => {
  const text = JSON.stringify({
    manifest: {
      id: 1,
      version: "1",
      name: "a",
      description: "b",
      idPrefixes: ["weir:"],
      x: 1,
      y: 2,
    },
    catalogs: [{ type: "tv", id: "a", name: "a" }],
    metas: [{ type: "movie", id: "tt1", name: "a" }],
  });
  assertEquals(problemsOf(text).map((problem) => problem.split(": ")[0]), [
    "manifest.id",
    "manifest.version",
    "manifest.x",
    "manifest.y",
    "metas[0].id",
    "catalogs[0].type",
  ]);
});

Deno.test("parseDefinition() judges no reference while an id cannot be read", () => {
  assertEquals(problemsOf(sampleText("metas/0/id", 7)), [
    "metas[0].id: must be text, current value is 7",
  ]);
});

Deno.test("parseDefinition() tells of text that is no JSON where it goes wrong, and nothing of it", () => {
  const lines = (...middle: string[]) => ["{", '  "manifest": {},', ...middle, "}"].join("\n");
  const cases: [string, RegExp][] = [
    [sampleText().slice(0, -1), /it ends too soon|line 1 or the next/],
    [lines('  "headers": { "authorization": Bearer hunter2 }'), /line 3 or the next$/],
    [lines('  "streams": {}', '  "hunter2": 1'), /line [34] or the next$/],
    [lines('  "url": "https://films.example/?hunter2'), /line [34] or the next$/],
    ["hunter2", /goes wrong/],
    ["", /it ends too soon/],
  ];
  for (const [text, told] of cases) {
    const problems = problemsOf(text);
    assertEquals(problems.length, 1);
    assert(problems[0]!.startsWith("definition: must be JSON, it "), problems[0]);
    assertMatch(problems[0]!, told);
    assertEquals(/hunter|Bearer|auth/.test(problems[0]!), false, problems[0]);
  }
});

Deno.test("parseDefinition() passes over a byte order mark", () => {
  assertEquals(problemsOf(`\uFEFF${sampleText()}`), []);
});

Deno.test("parseDefinition() refuses more than 4 MiB, counted in bytes", () => {
  const text = `"${"é".repeat(2 * 1024 * 1024)}"`;
  assertEquals(problemsOf(text), [
    "definition: must be at most 4194304 bytes, current value is 4194306",
  ]);
});

Deno.test("parseDefinition() refuses a manifest that grows over 8192 bytes by its genres", () => {
  const genres = Array.from({ length: 500 }, (_, index) => `Genre number ${index}`);
  const [problem, ...others] = problemsOf(sampleText("metas/0/genres", genres));
  assertEquals(others, []);
  assert(problem?.startsWith("manifest: must make at most 8192 bytes with the catalogs' genres, "));
});

Deno.test("parseDefinition() shows 60 characters of a value and no more", () => {
  const [problem] = problemsOf(sampleText("manifest/version", "1".repeat(1000)));
  assertEquals(problem, `manifest.version: ${VERSION}, current value is "${"1".repeat(59)}…"`);
});

Deno.test("parseDefinition() lists 100 problems and counts the rest", () => {
  const problems = problemsOf(sampleText("metas", Array.from({ length: 150 }, () => 1)));
  assertEquals(problems.length, 101);
  assertEquals(problems.at(-1), "… and 50 more");
});
