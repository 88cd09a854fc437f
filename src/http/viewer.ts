/**
 * Who asks: an address becomes a viewer's pseudonymous id.
 *
 * @module
 */

import type { Awaitable } from "../ports.ts";
import { type Address, household } from "./address.ts";

/** Gives the viewer id of a household, from `[A-Za-z0-9_-]{22}`. */
export type ViewerOf = (address: Address | undefined) => Awaitable<string>;

const REMEMBERED = 10_000;
const ID_BYTES = 16;

/**
 * Makes ids by HMAC-SHA-256 with a key that HKDF derives from `secret`, so that they tell nothing
 * of the address and are the same wherever the secret is. Those of the last 10 000 households are
 * remembered: an HMAC costs more than a whole bare request.
 */
export function createViewerIds(secret: string): ViewerOf {
  let key: Promise<CryptoKey> | undefined;
  const known = new Map<string, Awaitable<string>>();

  return function viewerOf(address) {
    const name = address === undefined ? "unknown" : household(address);
    const found = known.get(name);
    if (found !== undefined) {
      known.delete(name);
      known.set(name, found);
      return found;
    }
    key ??= deriveKey(secret);
    const made = key.then((hmac) => sign(hmac, name)).then((id) => {
      if (known.has(name)) known.set(name, id);
      return id;
    });
    known.set(name, made);
    if (known.size > REMEMBERED) known.delete(known.keys().next().value!);
    return made;
  };
}

async function deriveKey(secret: string): Promise<CryptoKey> {
  const text = new TextEncoder();
  const root = await crypto.subtle.importKey("raw", text.encode(secret), "HKDF", false, [
    "deriveKey",
  ]);
  return await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: text.encode("weir viewer id") },
    root,
    { name: "HMAC", hash: "SHA-256", length: 256 },
    false,
    ["sign"],
  );
}

async function sign(key: CryptoKey, name: string): Promise<string> {
  const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(name));
  const text = String.fromCharCode(...new Uint8Array(signature).subarray(0, ID_BYTES));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
