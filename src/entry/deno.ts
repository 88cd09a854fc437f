/**
 * Weir on Deno and on Deno Deploy. With the argument `dev` it leaves out what only matters to
 * who runs it for others.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import { SETTING_NAMES } from "../setting_names.ts";
import { cannotListen, greeting } from "./greeting.ts";
import { type Served, wire } from "./wire.ts";

const FINISH_MS = 5000;

const wired = await wire({
  env: Object.fromEntries(SETTING_NAMES.map((name) => [name, Deno.env.get(name)])),
  readText: (path) => Deno.readTextFile(path),
  resolveHost: async (name) => (await lookup(name, { all: true })).map(({ address }) => address),
  print: (line) => console.log(line),
});
if (wired.ok) stopOnSignals(listen(wired));
else refuse(wired.problems);

function listen(served: Served): Deno.HttpServer {
  const { config, handle } = served;
  try {
    return Deno.serve(
      {
        port: config.port,
        onListen({ port }) {
          const lines = greeting(served, { port, dev: Deno.args.includes("dev") });
          for (const line of lines) console.log(line);
        },
      },
      (request, { remoteAddr }) =>
        handle(request, { address: "hostname" in remoteAddr ? remoteAddr.hostname : "" }),
    );
  } catch (error) {
    refuse([cannotListen(config.port, (error as { code?: unknown }).code)]);
  }
}

function refuse(problems: readonly string[]): never {
  for (const problem of problems) console.error(problem);
  Deno.exit(1);
}

/** A terminal and `deno task` may both pass one signal on: the second changes nothing. */
function stopOnSignals(server: Deno.HttpServer): void {
  let stopping = false;
  function stop(): void {
    if (stopping) return;
    stopping = true;
    setTimeout(() => Deno.exit(0), FINISH_MS);
    server.shutdown().finally(() => Deno.exit(0));
  }
  Deno.addSignalListener("SIGINT", stop);
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", stop);
}
