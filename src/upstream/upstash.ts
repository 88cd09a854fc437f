/**
 * Redis over REST (Upstash, or anything that speaks its protocol), by `@upstash/redis`.
 *
 * @module
 */

import { Redis } from "@upstash/redis";
import { BadReplyError, type Fetch, StatusError } from "../ports.ts";
import type { RunScript } from "../gate/redis.ts";
import { RefusedError } from "./refused.ts";
import { discard, readText, retryAfterMs } from "./reply.ts";

/** A list of many seats is the longest reply. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/**
 * Upstash takes a database-wide lock for a script that does not begin with this line; plain Redis
 * does not know it.
 */
const SHEBANG = "#!lua flags=allow-key-locking\n";

/** A script as it is sent, and the SHA-1 by which Redis knows it. */
type Sent = { text: string; sha: string };

/**
 * Makes the function that runs the gate's scripts: EVALSHA first, EVAL where the server does not
 * have the script; one delivery per attempt.
 */
export function createRestScripts(options: {
  url: string;
  token: string;
  fetch: Fetch;
}): RunScript {
  /** By their own texts the scripts as they are sent: to join and hash them takes long. */
  const sent = new Map<string, Promise<Sent>>();
  let shebang = SHEBANG;

  return async function run(script, keys, args, signal) {
    const flagged = shebang !== "";
    try {
      return await evaluate(script, keys, args, signal);
    } catch (error) {
      if (!isRefused(error, "Unexpected flag in script shebang") || !flagged) throw error;
      shebang = "";
      sent.clear();
      return await evaluate(script, keys, args, signal);
    }
  };

  async function evaluate(
    script: string,
    keys: readonly string[],
    args: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const redis = client(signal);
    let whole = sent.get(script);
    if (whole === undefined) sent.set(script, whole = toSend(shebang + script));
    const { sha, text } = await whole;
    try {
      return await redis.evalsha(sha, [...keys], [...args]);
    } catch (error) {
      if (!isRefused(error, "NOSCRIPT")) throw error;
      return await redis.eval(text, [...keys], [...args]);
    }
  }

  /**
   * A client for one attempt: its own requester would retry by itself, hide the status and put
   * scripts and arguments into its errors (`@upstash/redis` 1, `HttpClient`), so that ours stands
   * in its place.
   */
  function client(signal: AbortSignal | undefined): Redis {
    const { url, token, fetch } = options;
    const redis = new Redis({
      url,
      token,
      automaticDeserialization: false,
      enableAutoPipelining: false,
      enableTelemetry: false,
    });
    redis.use(async ({ body }) => {
      const request = new Request(url, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return { result: await readResult(await fetch(request, signal ? { signal } : {})) };
    });
    return redis;
  }
}

/** Reads `{ result }`; Redis' own refusals come as 400 `{ error }`. */
async function readResult(response: Response): Promise<unknown> {
  if (!response.ok && response.status !== 400) {
    await discard(response);
    throw new StatusError(response.status, retryAfterMs(response));
  }
  const text = await readText(response, MAX_BODY_BYTES);
  let reply: { result?: unknown; error?: unknown } | null;
  try {
    reply = JSON.parse(text);
  } catch {
    throw new BadReplyError();
  }
  if (typeof reply?.error === "string") throw new RefusedError(reply.error);
  if (!response.ok || (reply?.error ?? null) !== null) throw new BadReplyError();
  if (reply?.result === undefined) throw new BadReplyError();
  return reply.result;
}

function isRefused(error: unknown, prefix: string): boolean {
  return error instanceof RefusedError && error.reason.includes(prefix);
}

async function toSend(text: string): Promise<Sent> {
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
  const bytes = [...new Uint8Array(digest)];
  return { text, sha: bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("") };
}
