/**
 * Weir on Node, by srvx.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import type { Server as HttpServer } from "node:http";
import process from "node:process";
import { serve } from "srvx/node";
import { cannotListen, greeting } from "./greeting.ts";
import { createLines } from "./log.ts";
import { AskedPeer } from "./peer.ts";
import { type Served, wire } from "./wire.ts";

const FINISH_MS = 5000;

const lines = createLines((text) => process.stdout.write(text));
// Whoever read the log has gone, or its disk is full: viewers are served all the same.
process.stdout.on("error", () => {});

/** A function, for `dist/node.js` is CommonJS, which every `node` runs wherever the file lies. */
async function main(): Promise<void> {
  const wired = await wire({
    env: process.env,
    readText: (path) => readFile(path, "utf8"),
    resolveHost: async (name) => (await lookup(name, { all: true })).map(({ address }) => address),
    print: lines.print,
  });
  if (!wired.ok) return refuse(wired.problems);
  const { port } = wired.config;
  const server = serve({
    port,
    silent: true,
    gracefulShutdown: false,
    fetch: (request) => wired.handle(request, new AskedPeer(() => request.ip ?? "")),
  });
  try {
    await server.ready();
  } catch (error) {
    return refuse([cannotListen(port, (error as { code?: unknown }).code)]);
  }
  greet(wired, Number(new URL(server.url!).port) || port);
  stopOnSignals(server.node!.server as HttpServer);
}

/**
 * Ends when the last answer is sent: connections that are kept alive, or have asked nothing yet,
 * would hold up the end. A terminal and a parent process may both pass one signal on: the second
 * changes nothing.
 */
function stopOnSignals(server: HttpServer): void {
  let inFlight = 0;
  let stopping = false;
  server.on("request", (_, response) => {
    inFlight += 1;
    response.once("close", () => {
      inFlight -= 1;
      endIfDone();
    });
  });
  function end(): void {
    lines.flush();
    process.exit(0);
  }
  function endIfDone(): void {
    if (stopping && inFlight === 0) end();
  }
  function stop(): void {
    if (stopping) return;
    stopping = true;
    setTimeout(end, FINISH_MS);
    server.close();
    endIfDone();
  }
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}

function refuse(problems: readonly string[]): void {
  for (const problem of problems) console.error(problem);
  process.exitCode = 1;
}

function greet(served: Served, port: number): void {
  const told = greeting(served, { port, dev: process.argv.includes("dev") });
  for (const line of told) lines.print(line);
}

void main();
