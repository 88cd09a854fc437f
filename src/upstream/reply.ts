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

/** Reads a body of at most `maxBytes` as text. */
export async function readText(response: Response, maxBytes: number): Promise<string> {
  if (Number(response.headers.get("content-length") ?? 0) > maxBytes) {
    await discard(response);
    throw new BadReplyError();
  }
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the body.
    if (size > maxBytes) throw new BadReplyError();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
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
