/**
 * Pseudonymous ids: a text becomes an id that tells nothing of it.
 *
 * @module
 */

import type { Awaitable } from "../ports.ts";

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
    key ??= deriveKey(secret, use);
    const made = key.then((hmac) => sign(hmac, text)).then((id) => {
      if (known.has(text)) known.set(text, id);
      return id;
    });
    known.set(text, made);
    if (known.size > REMEMBERED) known.delete(known.keys().next().value!);
    return made;
  };
}

async function deriveKey(secret: string, use: string): Promise<CryptoKey> {
  const text = new TextEncoder();
  const root = await crypto.subtle.importKey("raw", text.encode(secret), "HKDF", false, [
    "deriveKey",
  ]);
  return await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: text.encode(use) },
    root,
    { name: "HMAC", hash: "SHA-256", length: 256 },
    false,
    ["sign"],
  );
}

async function sign(key: CryptoKey, text: string): Promise<string> {
  const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text));
  return toBase64url(new Uint8Array(signature).subarray(0, ID_BYTES));
}

function toBase64url(bytes: Uint8Array): string {
  const text = String.fromCharCode(...bytes);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
