/**
 * Pseudonymous ids: a text becomes an id that tells nothing of it.
 *
 * @module
 */

import type { Awaitable } from "../ports.ts";
import { toBase64url } from "./base64url.ts";
import { deriveKey, HMAC } from "./secret.ts";

/** Gives the id of a text, from `[A-Za-z0-9_-]{22}`; the same text has the same id. */
export type IdOf = (text: string) => Awaitable<string>;

const REMEMBERED = 10_000;
const ID_BYTES = 16;

/**
 * Makes ids by HMAC-SHA-256 with a key that HKDF derives from `secret` for one `use`, so that they
 * are the same wherever the secret is. Those of the last 10 000 texts are remembered: an HMAC
 * costs more than a whole bare request.
 */
export function createPseudonyms({ secret, use }: { secret: string; use: string }): IdOf {
  let key: Promise<CryptoKey> | undefined;
  const known = new Map<string, Awaitable<string>>();

  return function idOf(text) {
    const found = known.get(text);
    if (found !== undefined) {
      known.delete(text);
      known.set(text, found);
      return found;
    }
    key ??= deriveKey(secret, { use, algorithm: HMAC, usages: ["sign"] });
    const made = key.then((hmac) => sign(hmac, text)).then((id) => {
      if (known.has(text)) known.set(text, id);
      return id;
    });
    known.set(text, made);
    if (known.size > REMEMBERED) known.delete(known.keys().next().value!);
    return made;
  };
}

async function sign(key: CryptoKey, text: string): Promise<string> {
  const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text));
  return toBase64url(new Uint8Array(signature).subarray(0, ID_BYTES));
}
