/**
 * Weir on Deno and on Deno Deploy. With the argument `dev` it leaves out what only matters to
 * who runs it for others.
 *
 * @module
 */

import { SETTING_NAMES } from "../config.ts";
import { greeting } from "./greeting.ts";
import { wire } from "./wire.ts";

const FINISH_MS = 5000;

const wired = await wire({
  env: Object.fromEntries(SETTING_NAMES.map((name) => [name, Deno.env.get(name)])),
  readText: (path) => Deno.readTextFile(path),
  print: (line) => console.log(line),
});
if (!wired.ok) {
  for (const problem of wired.problems) console.error(problem);
  Deno.exit(1);
}

const server = Deno.serve(
  {
    port: wired.config.port,
    onListen({ port }) {
      const lines = greeting(wired, { port, dev: Deno.args.includes("dev") });
      for (const line of lines) console.log(line);
    },
  },
  (request, { remoteAddr }) =>
    wired.handle(request, { address: "hostname" in remoteAddr ? remoteAddr.hostname : "" }),
);

function stop(): void {
  setTimeout(() => Deno.exit(0), FINISH_MS);
  server.shutdown().finally(() => Deno.exit(0));
}

Deno.addSignalListener("SIGINT", stop);
if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", stop);
