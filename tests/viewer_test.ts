import { parseAddress } from "../src/http/address.ts";
import { createViewerIds } from "../src/http/viewer.ts";
import { isId } from "../src/gate/ask.ts";
import { assert, assertEquals, assertMatch, assertNotEquals } from "./support/assert.ts";

const SECRET = "a secret of thirty-two characters or more";

async function idOf(address: string, secret = SECRET): Promise<string> {
  return await createViewerIds(secret)(parseAddress(address));
}

/** The id by RFC 5869 and RFC 2104 step by step, each HMAC with a key of raw bytes. */
async function idByHand(household: string): Promise<string> {
  const text = new TextEncoder();
  const pseudorandom = await hmac(new Uint8Array(32), text.encode(SECRET));
  const key = await hmac(pseudorandom, text.encode("weir viewer id\x01"));
  const signature = await hmac(key, text.encode(household));
  return btoa(String.fromCharCode(...signature.subarray(0, 16)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

type Bytes = Uint8Array<ArrayBuffer>;

async function hmac(key: Bytes, message: Bytes): Promise<Bytes> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
}

Deno.test("a viewer's id is one that the gate takes, and tells nothing of the address", async () => {
  for (const address of ["192.0.2.1", "2001:db8::1"]) {
    const id = await idOf(address);
    assert(isId(id));
    assertMatch(id, /^[\w-]{22}$/);
    assertEquals(id.includes(address), false);
  }
});

Deno.test("a viewer's id is an HMAC under a key derived from the secret, never the secret itself", async () => {
  assertEquals(await idOf("192.0.2.1"), await idByHand("4:c0000201"));
  assertEquals(await idOf("2001:db8:1:2::9"), await idByHand("6:20010db800010002"));
});

Deno.test("a viewer has the same id wherever the secret is the same, and another where it is not", async () => {
  assertEquals(await idOf("192.0.2.1"), await idOf("192.0.2.1"));
  assertNotEquals(await idOf("192.0.2.1"), await idOf("192.0.2.1", `${SECRET}!`));
});

Deno.test("a viewer is a household: one IPv4 address, or a whole /64", async () => {
  assertEquals(await idOf("2001:db8:1:2::1"), await idOf("2001:db8:1:2:a:b:c:d"));
  assertEquals(await idOf("::ffff:192.0.2.1"), await idOf("192.0.2.1"));
  assertNotEquals(await idOf("2001:db8:1:2::1"), await idOf("2001:db8:1:3::1"));
  assertNotEquals(await idOf("192.0.2.1"), await idOf("192.0.2.2"));
});

Deno.test("peers without an address are one viewer of their own", async () => {
  const viewerOf = createViewerIds(SECRET);
  assertEquals(await viewerOf(undefined), await viewerOf(undefined));
  assertNotEquals(await viewerOf(undefined), await viewerOf(parseAddress("0.0.0.0")));
});

Deno.test("a viewer's id is remembered, and one in the making is made once", async () => {
  const { subtle } = crypto;
  const sign = subtle.sign;
  let signed = 0;
  subtle.sign = (...asked: Parameters<typeof sign>) => (signed += 1, sign.apply(subtle, asked));
  try {
    const viewerOf = createViewerIds(SECRET);
    const address = parseAddress("192.0.2.1");
    const ids = await Promise.all([viewerOf(address), viewerOf(address)]);
    assertEquals(signed, 1);
    assertEquals(viewerOf(address), ids[0]);
    assertEquals(signed, 1);
  } finally {
    subtle.sign = sign;
  }
});

Deno.test("the last 10 000 households are remembered, and those before them made anew", async () => {
  const viewerOf = createViewerIds(SECRET);
  const address = (value: number) => ({ bits: 32, value: BigInt(value) }) as const;
  const isKept = (value: number) => typeof viewerOf(address(value)) === "string";
  const ids = await Promise.all(Array.from({ length: 10_000 }, (_, i) => viewerOf(address(i))));
  assert(isKept(0));
  await viewerOf(address(10_000));
  assert(isKept(0), "seen again, so that it is not the oldest");
  assert(isKept(10_000));
  const again = viewerOf(address(1));
  assertEquals(typeof again === "string", false);
  assertEquals(await again, ids[1]);
});
