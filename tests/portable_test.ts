import { assertEquals } from "./support/assert.ts";
import { buildDist } from "./support/entries.ts";

const CONFIG = "tests/support/portable.json";

/** The free identifiers of a built module that neither ECMAScript nor ECMA-429 has. */
async function strangers(text: string): Promise<string[]> {
  const file = await Deno.makeTempFile({ dir: "/tmp", prefix: "weir-", suffix: ".js" });
  try {
    await Deno.writeTextFile(file, text);
    const args = ["check", "--quiet", "--config", CONFIG, file];
    const env = { NO_COLOR: "1" };
    const { stderr } = await new Deno.Command("deno", { args, env }).output();
    const said = new TextDecoder().decode(stderr);
    return [...new Set([...said.matchAll(/Cannot find name '([^']+)'/g)].map(([, name]) => name!))];
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("dist/weir.js uses nothing outside ECMAScript and the Minimum Common Web API", async () => {
  await buildDist();
  const text = await Deno.readTextFile("dist/weir.js");
  assertEquals(await strangers(text), []);
  const slipped = ["Buffer", "Deno", "__dirname", "document", "process", "require", "setImmediate"];
  assertEquals((await strangers(`${text}\n[${slipped}];`)).sort(), slipped);
});

Deno.test("dist/weir.js imports nothing", async () => {
  await buildDist();
  const text = await Deno.readTextFile("dist/weir.js");
  assertEquals(text.match(/^import .*|\bimport\(.*/gm) ?? [], []);
});
