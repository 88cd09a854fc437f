import config from "../deno.json" with { type: "json" };
import { parseConfig } from "../src/config.ts";
import { SETTING_NAMES } from "../src/setting_names.ts";
import { assert, assertEquals } from "./support/assert.ts";
import { SETTINGS } from "./support/settings.ts";
import { circle, readSource, type SourceFile, sources } from "./support/sources.ts";

// What each room may import beside itself.
const LOW = ["ports", "http"];
const MIDDLE = [...LOW, "gate", "reliability", "upstream"];
const HIGH = [...MIDDLE, "addon", "delivery", "site", "operator"];
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  ports: [],
  demo: [],
  http: ["ports"],
  gate: LOW,
  reliability: LOW,
  upstream: [...LOW, "gate"],
  addon: MIDDLE,
  delivery: [...MIDDLE, "addon"],
  site: [...MIDDLE, "addon"],
  operator: [...MIDDLE, "delivery"],
  setting_names: [],
  setting: ["http", "setting_names"],
  config: [...HIGH, "setting", "setting_names"],
  app: HIGH,
  mod: [...HIGH, "app", "config"],
  entry: [...HIGH, "app", "config", "setting_names", "demo"],
};

const MAY_USE_PACKAGES: Readonly<Record<string, RegExp>> = {
  upstream: /./,
  entry: /./,
  addon: /^valibot$/,
};

const PURE = "// Pure: values in, values out.";
const IMPURE =
  /\bawait\b|\basync\b|\bDate\.now\b|\bnew Date\(\)|\bperformance\b|\bMath\.random\b|\bfetch\(|\bset(?:Timeout|Interval)\b|\bAbortSignal\.timeout\b|\bcrypto\b|\bconsole\b/;
const RUNTIME = /\bDeno\b|\bprocess\b|\bBun\b|\bglobalThis\b|\bBuffer\b|\b__dirname\b/;
const LONGEST_FILE_LINES = 300;

const files = await sources();

/** Every breach of a rule, as `path: what`; the rule is shown to find one in `breach`. */
function testRule(
  claim: string,
  breaches: (file: SourceFile, all: readonly SourceFile[]) => readonly string[],
  breach: readonly [path: string, text: string],
): void {
  Deno.test(claim, () => {
    const found = files.flatMap((file) =>
      breaches(file, files).map((each) => `${file.path}: ${each}`)
    );
    assertEquals(found, []);
    assert(breaches(readSource(...breach), files).length > 0, "the rule finds nothing");
  });
}

testRule(
  "a pure file has no clock, no chance, no I/O and no await",
  ({ text, code }) => text.startsWith(`${PURE}\n`) ? code.match(IMPURE) ?? [] : [],
  ["http/x.ts", `${PURE}\nexport const at = Date.now();\n`],
);

testRule(
  "a pure file imports only its like, and types",
  ({ text, imports }, all) =>
    text.startsWith(`${PURE}\n`)
      ? imports.filter(({ target, relative, typeOnly }) =>
        relative && !typeOnly && !isPure(target, all)
      )
        .map(({ target }) => target)
      : [],
  ["http/x.ts", `${PURE}\nimport { json } from "./respond.ts";\n`],
);

testRule(
  "imports run one way",
  ({ room, imports }) =>
    imports.filter(({ target, relative }) => relative && !isAllowed(room, target))
      .map(({ target }) => target),
  ["http/x.ts", `import { lookup } from "../addon/lookup.ts";\n`],
);

testRule(
  "bare packages are imported in upstream, entry and, for validation, addon alone",
  ({ room, imports }) =>
    imports.filter(({ target, relative }) => !relative && !MAY_USE_PACKAGES[room]?.test(target))
      .map(({ target }) => target),
  ["addon/x.ts", `import fc from "fast-check";\n`],
);

testRule(
  "runtime names stand in entry alone",
  ({ room, code, imports }) =>
    room === "entry" ? [] : [
      ...code.match(RUNTIME) ?? [],
      ...imports.filter(({ target }) => target.startsWith("node:")).map(({ target }) => target),
    ],
  ["http/x.ts", `export const home = Deno.env.get("HOME");\n`],
);

testRule(
  `no file has more than ${LONGEST_FILE_LINES} lines`,
  ({ text }) => {
    const lines = text.split("\n").length - 1;
    return lines > LONGEST_FILE_LINES ? [`${lines} lines`] : [];
  },
  ["http/x.ts", "\n".repeat(LONGEST_FILE_LINES + 1)],
);

testRule(
  "every exported symbol is documented",
  ({ text }) =>
    [...text.matchAll(/(\*\/\n)?^export (?:async )?(?:const|function|type|class) (\w+)/gm)]
      .filter(([, documented]) => documented === undefined).map(([, , name]) => name!),
  ["http/x.ts", "export const x = 1;\n"],
);

Deno.test("imports form no circle", () => {
  assertEquals(circle(files), undefined);
  const there = readSource("http/a.ts", `export { b } from "./b.ts";\n`);
  const back = readSource("http/b.ts", `import type { A } from "./a.ts";\n`);
  assertEquals(circle([there, back]), ["http/a.ts", "http/b.ts", "http/a.ts"]);
});

Deno.test("every room has its place in the order of imports", () => {
  const rooms = new Set(files.map(({ room }) => room));
  assertEquals([...rooms].filter((room) => !(room in MAY_IMPORT)), []);
});

Deno.test(".env.example names exactly the settings, all commented out", async () => {
  const lines = (await Deno.readTextFile(".env.example")).split("\n");
  assertEquals(lines.filter((line) => line !== "" && !line.startsWith("#")), []);
  const names = lines.flatMap((line) => /^#\s*([A-Z][A-Z_]+)=/.exec(line)?.[1] ?? []);
  assertEquals(names, [...SETTING_NAMES]);
});

Deno.test(".env.example shows each setting's default where it has one", async () => {
  const text = await Deno.readTextFile(".env.example");
  for (const [, explanation, name, value] of text.matchAll(/^# (.*)\n# ([A-Z_]+)=(.*)$/gm)) {
    const setting = SETTINGS[name!];
    if (setting === undefined || explanation!.includes("Not set:")) continue;
    const parsed = parseConfig({ ...setting.besides, [name!]: value });
    assertEquals(parsed.ok && setting.read(parsed.config), setting.standard, name);
  }
});

Deno.test(".env.example shows no secret that would be taken", async () => {
  const text = await Deno.readTextFile(".env.example");
  for (const name of ["VIEWER_SECRET", "VIEWER_SECRET_PREVIOUS", "OPERATOR_TOKEN"]) {
    const value = new RegExp(`^# ${name}=(.+)$`, "m").exec(text)![1]!;
    const parsed = parseConfig({ ...SETTINGS[name]?.besides, [name]: value });
    assert(!parsed.ok && parsed.problems.some((problem) => problem.includes(name)), name);
  }
});

Deno.test("every setting may be read where Weir serves", () => {
  assertEquals(config.permissions.serve.env, [...SETTING_NAMES]);
});

Deno.test("README names exactly the tasks and the settings that exist", async () => {
  const text = await Deno.readTextFile("README.md");
  const firstCells = [...text.matchAll(/^\|\s*((?:`[^`|]+`(?:,\s*|\s+and\s+)?)+)\s*\|/gm)]
    .flatMap(([, cell]) => [...cell!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
  const tasks = firstCells.flatMap((name) => /^deno task (\S+)$/.exec(name)?.[1] ?? []);
  assertEquals(tasks.sort(), Object.keys(config.tasks).sort());
  const settings = firstCells.filter((name) => /^[A-Z][A-Z_]+$/.test(name));
  assertEquals(settings.sort(), [...SETTING_NAMES].sort());
});

function isPure(path: string, all: readonly SourceFile[]): boolean {
  const file = all.find((each) => each.path === path);
  return file?.text.startsWith(`${PURE}\n`) ?? false;
}

function isAllowed(room: string, target: string): boolean {
  const other = readSource(target, "").room;
  return other === room || (MAY_IMPORT[room] ?? []).includes(other);
}
