/**
 * Weir on Node, by srvx.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import process from "node:process";
import { serve } from "srvx/node";
import { greeting } from "./greeting.ts";
import { wire } from "./wire.ts";

const FINISH_MS = 5000;

const wired = await wire({
  env: process.env,
  readText: (path) => readFile(path, "utf8"),
  print: (line) => console.log(line),
});
if (!wired.ok) {
  for (const problem of wired.problems) console.error(problem);
  process.exit(1);
}

const server = serve({
  port: wired.config.port,
  silent: true,
  gracefulShutdown: false,
  fetch: (request) => wired.handle(request, { address: request.ip ?? "" }),
});
await server.ready();
const { port } = new URL(server.url!);
for (
  const line of greeting(wired, {
    port: Number(port) || wired.config.port,
    dev: process.argv.includes("dev"),
  })
) {
  console.log(line);
}

function stop(): void {
  setTimeout(() => process.exit(0), FINISH_MS).unref();
  server.close().finally(() => process.exit(0));
}

process.once("SIGINT", stop);
process.once("SIGTERM", stop);
