/**
 * Weir on Deno and on Deno Deploy. With the argument `dev` it leaves out what only matters to
 * who runs it for others.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import { SETTING_NAMES } from "../setting_names.ts";
import { cannotListen, greeting } from "./greeting.ts";
import { createGulps } from "./gulps.ts";
import { createLines } from "./log.ts";
import { AskedPeer } from "./peer.ts";
import { type Served, wire } from "./wire.ts";

const FINISH_MS = 5000;

const lines = createLines((text) => {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let sent = 0; sent < bytes.length;) sent += Deno.stdout.writeSync(bytes.subarray(sent));
  } catch {
    // Whoever read the log has gone, or its disk is full: viewers are served all the same.
  }
});

const wired = await wire({
  env: Object.fromEntries(SETTING_NAMES.map((name) => [name, Deno.env.get(name)])),
  readText: (path) => Deno.readTextFile(path),
  repeat(text, headers) {
    // Deno readies a `Response` with several headers for sending as it is made, and watches whether
    // it is thrown away; a clone is spared both (ext/fetch/23_response.js).
    const first = new Response(text, { headers });
    return () => first.clone();
  },
  resolveHost: async (name) => (await lookup(name, { all: true })).map(({ address }) => address),
  openReader: createGulps({ monotonic: () => performance.now() }),
  print: lines.print,
});
if (wired.ok) stopOnSignals(listen(wired));
else refuse(wired.problems);

function listen(served: Served): Deno.HttpServer {
  const { config, handle, onError } = served;
  try {
    return Deno.serve(
      {
        port: config.port,
        // Without it Deno prints whatever broke, among the lines of the log.
        onError,
        onListen({ port }) {
          const told = greeting(served, { port, dev: Deno.args.includes("dev") });
          for (const line of told) lines.print(line);
        },
      },
      (request, info) => handle(request, new AskedPeer(() => addressOf(info))),
    );
  } catch (error) {
    refuse([cannotListen(config.port, (error as { code?: unknown }).code)]);
  }
}

function addressOf({ remoteAddr }: Deno.ServeHandlerInfo): string {
  return "hostname" in remoteAddr ? remoteAddr.hostname : "";
}

function refuse(problems: readonly string[]): never {
  for (const problem of problems) console.error(problem);
  Deno.exit(1);
}

/** A terminal and `deno task` may both pass one signal on: the second changes nothing. */
function stopOnSignals(server: Deno.HttpServer): void {
  let stopping = false;
  function end(): void {
    lines.flush();
    Deno.exit(0);
  }
  function stop(): void {
    if (stopping) return;
    stopping = true;
    setTimeout(end, FINISH_MS);
    server.shutdown().finally(end);
  }
  Deno.addSignalListener("SIGINT", stop);
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", stop);
}
