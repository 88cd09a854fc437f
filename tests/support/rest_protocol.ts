/**
 * Upstash's REST protocol in front of anything that runs Redis commands, for tests.
 * From https://upstash.com/docs/redis/features/restapi and the client `@upstash/redis` 1.39.0.
 *
 * @module
 */

import { isRedisError, type RedisError, type Reply } from "./resp.ts";

/** One Redis command: its name, then its arguments. */
export type Command = readonly string[];

/**
 * Runs commands in order, a reply for each; `atomic`: as one transaction, or one error where
 * that is refused as a whole. Rejects where Redis cannot be reached.
 */
export type Run = (
  commands: readonly Command[],
  options: { atomic: boolean },
) => Promise<Reply[] | RedisError>;

/** One authorized request, as an {@linkcode Intercept} sees it. */
export type RestCall = {
  /** `/` carries one command, the others a list. */
  path: "/" | "/pipeline" | "/multi-exec";
  /** What was asked, as it was sent. */
  commands: readonly Command[];
};

/** Runs the commands of a call and gives the true answer, each time it is called. */
export type Next = () => Promise<Response>;

/**
 * Stands before the commands are run, and answers in their place or after them.
 * `Response.error()` as the answer drops the connection.
 */
export type Intercept = (call: RestCall, next: Next) => Response | Promise<Response>;

/** What every endpoint, double or real, shows of itself. */
export type RestSeen = {
  /** The bearer token it wants. */
  readonly token: string;
  /** How many HTTP requests came in, refused ones too. */
  readonly requests: number;
  /** Every command of every authorized request, as it was sent; each once. */
  readonly commands: Command[];
  /** Faults; may be changed at any time. */
  intercept: Intercept | undefined;
};

/** How an endpoint is set up. */
export type RestOptions = {
  /** The bearer token it wants. @default "rest-token" */
  token?: string;
  /** Faults from the start. */
  intercept?: Intercept;
  /** Whether commands are kept for {@linkcode RestSeen}; a bench asks too often. @default true */
  keep?: boolean;
};

/** Makes the handler of an endpoint over `run`. */
export function createRestEndpoint(
  run: Run,
  options: RestOptions = {},
): RestSeen & { handle(request: Request): Promise<Response> } {
  const commands: Command[] = [];
  let requests = 0;

  async function handle(request: Request): Promise<Response> {
    requests++;
    const body = await request.text().catch(() => undefined);
    if (body === undefined) return Response.error();
    if (request.headers.get("Authorization") !== `Bearer ${endpoint.token}`) {
      return refuse(401, "WRONGPASS invalid or missing auth token");
    }
    const call = readCall(new URL(request.url).pathname, body);
    if (call === undefined) return refuse(400, "ERR failed to parse command");
    if (options.keep ?? true) commands.push(...call.commands);
    const base64 = request.headers.get("Upstash-Encoding") === "base64";
    const next = () => answer(call, base64);
    return endpoint.intercept === undefined ? next() : endpoint.intercept(call, next);
  }

  async function answer(call: RestCall, base64: boolean): Promise<Response> {
    const atomic = call.path === "/multi-exec";
    const replies = await run(call.commands, { atomic }).catch(() => undefined);
    if (replies === undefined) return refuse(503, "ERR the database cannot be reached");
    if (isRedisError(replies)) return refuse(400, replies.error);
    const items = replies.map((reply) => item(reply, base64));
    if (call.path !== "/") return Response.json(items);
    return Response.json(items[0], { status: isRedisError(items[0]) ? 400 : 200 });
  }

  const endpoint = {
    token: options.token ?? "rest-token",
    get requests() {
      return requests;
    },
    commands,
    intercept: options.intercept,
    handle,
  };
  return endpoint;
}

function refuse(status: number, error: string): Response {
  return Response.json({ error }, { status });
}

function readCall(path: string, body: string): RestCall | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (path === "/") {
    const command = readCommand(parsed);
    return command && { path, commands: [command] };
  }
  if ((path !== "/pipeline" && path !== "/multi-exec") || !Array.isArray(parsed)) return undefined;
  const commands = parsed.map(readCommand);
  return commands.every((command) => command !== undefined) ? { path, commands } : undefined;
}

function readCommand(value: unknown): Command | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const plain = value.every((arg) => typeof arg === "string" || typeof arg === "number");
  return plain ? value.map(String) : undefined;
}

function item(reply: Reply, base64: boolean): { result: unknown } | RedisError {
  if (isRedisError(reply)) return reply;
  return { result: base64 && reply !== "OK" ? encode(reply) : reply };
}

/** The client takes `OK` alone as it is, and that only where it is not in a list. */
function encode(reply: Reply): unknown {
  if (typeof reply === "string") return new TextEncoder().encode(reply).toBase64();
  return Array.isArray(reply) ? reply.map(encode) : reply;
}
