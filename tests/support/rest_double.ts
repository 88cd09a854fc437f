/**
 * Upstash's REST protocol without Redis and without a socket.
 *
 * @module
 */

import type { Reply } from "./resp.ts";
import {
  type Command,
  createRestEndpoint,
  type RestOptions,
  type RestSeen,
} from "./rest_protocol.ts";
import {
  acceptKeyLocking,
  KEY_LOCKING_LINE,
  NO_SCRIPT,
  sha1,
  UNEXPECTED_FLAG,
} from "./rest_scripts.ts";

/** Stands in for Lua: what a script does with its keys and arguments, at once. */
export type RunScript = (
  text: string,
  keys: readonly string[],
  args: readonly string[],
) => Reply;

/** A double of the endpoint. */
export type RestDouble = RestSeen & {
  /** Takes the place of `fetch`; the origin of the request does not matter. */
  fetch(request: Request, init?: { signal?: AbortSignal }): Promise<Response>;
  /** Forgets every script, as a restarted Redis has. */
  forgetScripts(): void;
};

/**
 * Makes a double that knows EVAL, EVALSHA and PING, and runs scripts by `runScript`. With
 * `upstash` it takes scripts that begin with the key-locking line; without, it refuses them as
 * plain Redis does.
 *
 * @example
 * ```ts ignore
 * const double = createRestDouble((_text, keys) => keys.length);
 * const response = await double.fetch(request); // { "result": 1 }
 * ```
 */
export function createRestDouble(
  runScript: RunScript,
  options: RestOptions & { upstash?: boolean } = {},
): RestDouble {
  const scripts = new Map<string, string>();

  async function runOne(command: Command): Promise<Reply> {
    const [name = "", script = "", keyCount, ...rest] = command;
    const keys = rest.splice(0, Number(keyCount));
    switch (name.toUpperCase()) {
      case "PING":
        return "PONG";
      case "EVAL":
        if (script.startsWith(KEY_LOCKING_LINE)) return { error: UNEXPECTED_FLAG };
        scripts.set(await sha1(script), script);
        return runScript(script, keys, rest);
      case "EVALSHA": {
        const text = scripts.get(script.toLowerCase());
        return text === undefined ? { error: NO_SCRIPT } : runScript(text, keys, rest);
      }
      default:
        return { error: `ERR unknown command '${name}'` };
    }
  }

  async function runAll(commands: readonly Command[]): Promise<Reply[]> {
    const replies: Reply[] = [];
    for (const command of commands) replies.push(await runOne(command));
    return replies;
  }

  const endpoint = createRestEndpoint(options.upstash ? acceptKeyLocking(runAll) : runAll, options);

  async function fetch(request: Request, init?: { signal?: AbortSignal }): Promise<Response> {
    const sent = init === undefined ? request : new Request(request, init);
    const response = await untilAborted(endpoint.handle(sent), sent.signal);
    if (response.type === "error") throw new TypeError("fetch failed");
    const body = response.body?.pipeThrough(new TransformStream(), { signal: sent.signal });
    return new Response(body ?? null, response);
  }

  return Object.assign(endpoint, { fetch, forgetScripts: () => scripts.clear() });
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
