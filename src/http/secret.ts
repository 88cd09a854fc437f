/**
 * Keys from a secret: one for each use, so that the secret itself is never used.
 *
 * @module
 */

/** Derives the key of one `use` by HKDF-SHA-256 (RFC 5869); it cannot be read back. */
export async function deriveKey(
  secret: string,
  { use, algorithm, usages }: {
    use: string;
    algorithm: AesKeyGenParams | HmacKeyGenParams;
    usages: KeyUsage[];
  },
): Promise<CryptoKey> {
  const text = new TextEncoder();
  const root = await crypto.subtle.importKey("raw", text.encode(secret), "HKDF", false, [
    "deriveKey",
  ]);
  return await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: text.encode(use) },
    root,
    algorithm,
    false,
    usages,
  );
}

/** HMAC-SHA-256 with a key of 256 bits. */
export const HMAC: Readonly<HmacKeyGenParams> = Object.freeze({
  name: "HMAC",
  hash: "SHA-256",
  length: 256,
});
