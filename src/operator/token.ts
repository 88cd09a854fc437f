/**
 * The operator's boundary: who runs the server is known by a token.
 *
 * @module
 */

/** Why somebody is not the operator, as the answer's `err`. */
export type Refusal =
  | { status: 401; err: "operator_auth_unconfigured" | "operator_token_required" }
  | { status: 403; err: "operator_forbidden" };

/**
 * Makes the function that tells whether a request comes from the operator: the token in
 * `Authorization: Bearer` or `X-Operator-Token`. Both sides are compared as HMACs under a key of
 * this process, so that the time taken tells nothing of the token, its length included.
 */
export function createOperatorCheck(
  token: string | undefined,
): (headers: Headers) => Promise<Refusal | undefined> {
  if (token === undefined) {
    return () => Promise.resolve({ status: 401, err: "operator_auth_unconfigured" });
  }
  let key: Promise<CryptoKey> | undefined;

  async function sign(text: string): Promise<Uint8Array> {
    const bytes = new TextEncoder().encode(text);
    return new Uint8Array(await crypto.subtle.sign("HMAC", await (key ??= makeKey()), bytes));
  }

  return async function refusal(headers) {
    const given = givenToken(headers);
    if (given === undefined) return { status: 401, err: "operator_token_required" };
    const [expected, actual] = await Promise.all([sign(token), sign(given)]);
    let difference = 0;
    for (let i = 0; i < expected.length; i++) difference |= expected[i]! ^ actual[i]!;
    return difference === 0 ? undefined : { status: 403, err: "operator_forbidden" };
  };
}

function makeKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

function givenToken(headers: Headers): string | undefined {
  const bearer = /^Bearer +(.+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  return bearer ?? (headers.get("x-operator-token") || undefined);
}
