/**
 * Builds `dist/weir.js`, the portable module, and `dist/node.js`, one file for plain Node, and says
 * how long they are.
 *
 * @module
 */

import { build, type BuildOptions, type Plugin, stop } from "esbuild";
import importMap from "../import_map.json" with { type: "json" };

const ROOT = new URL("..", import.meta.url).pathname;

/** esbuild reads no import map: its names are looked up here, in the one list of packages. */
const packages: Plugin = {
  name: "import_map",
  setup({ onResolve, resolve }) {
    for (const [name, target] of Object.entries(importMap.imports)) {
      const inNodeModules = target.replace(/^npm:((?:@[^/]+\/)?[^@/]+)@[^/]+/, "$1");
      onResolve(
        { filter: new RegExp(`^${name}$`) },
        ({ kind, pluginData }) =>
          pluginData === packages.name
            ? undefined
            : resolve(inNodeModules, { kind, resolveDir: ROOT, pluginData: packages.name }),
      );
    }
  },
};

const SHARED: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "eof",
  logLevel: "warning",
  plugins: [packages],
};

const PORTABLE: BuildOptions = {
  ...SHARED,
  entryPoints: ["src/mod.ts"],
  outfile: "dist/weir.js",
  platform: "neutral",
};

const NODE: BuildOptions = {
  ...SHARED,
  entryPoints: ["src/entry/node.ts"],
  format: "cjs",
  outfile: "dist/node.js",
  platform: "node",
  target: "node20",
};

try {
  for (const options of [PORTABLE, NODE]) {
    await build(options);
    const { size } = await Deno.stat(`${ROOT}${options.outfile}`);
    console.log(`${options.outfile}  ${Math.ceil(size / 1024)} KiB`);
  }
} finally {
  await stop();
}
