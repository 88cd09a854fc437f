/**
 * Replies of dependencies over HTTP: the status judged, the body read within a bound.
 *
 * @module
 */

import { BadReplyError, StatusError } from "../ports.ts";

/**
 * Reads the JSON of a successful reply. Throws `StatusError` where the status is no success, and
 * `BadReplyError` where the body is no JSON or longer than `maxBytes`; a body that is thrown away
 * is cancelled.
 */
export async function readJson(response: Response, maxBytes: number): Promise<unknown> {
  if (!response.ok) {
    await discard(response);
    throw new StatusError(response.status, retryAfterMs(response));
  }
  const text = await readText(response, maxBytes);
  try {
    return JSON.parse(text);
  } catch {
    throw new BadReplyError();
  }
}

/** Reads a body of at most `maxBytes` as text; one that is broken off by `signal` is none. */
export async function readText(
  response: Response,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<string> {
  const { headers } = response;
  const length = headers.get("content-length");
  if (Number(length ?? 0) > maxBytes) {
    await discard(response);
    throw new BadReplyError();
  }
  // HTTP itself holds a body to its length, and to read it piece by piece takes longer.
  if (signal === undefined && isHeldToLength(headers)) return await response.text();
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  const stop = () => void reader?.cancel().catch(() => {});
  signal?.addEventListener("abort", stop, { once: true });
  let text = "";
  let size = 0;
  try {
    for (;;) {
      const chunk = await reader?.read();
      if (signal?.aborted) throw new BadReplyError();
      if (chunk?.value === undefined) return text + decoder.decode();
      size += chunk.value.byteLength;
      if (size > maxBytes) throw new BadReplyError();
      text += decoder.decode(chunk.value, { stream: true });
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    stop();
  }
}

/** A coding makes more of a body than was sent, and chunks go before a length that is sent with them. */
function isHeldToLength(headers: Headers): boolean {
  const frees = headers.has("content-encoding") || headers.has("transfer-encoding");
  return /^\d+$/.test(headers.get("content-length") ?? "") && !frees;
}

/** Cancels a body that nobody reads; that it was broken already changes nothing. */
export async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => {});
}

/** What `Retry-After` asks for where it is in seconds; a date would need a clock both agree on. */
export function retryAfterMs(response: Response): number | undefined {
  const header = response.headers.get("retry-after")?.trim() ?? "";
  return /^\d{1,9}$/.test(header) ? Number(header) * 1000 : undefined;
}
