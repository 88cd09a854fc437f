import fc from "fast-check";
import { findClient, parseTrustProxy } from "../src/http/client.ts";
import { createReception, type Reception } from "../src/http/reception.ts";
import { assertEquals, assertStrictEquals } from "./support/assert.ts";

function receptionOf(trust: string): Reception {
  return createReception({
    baseUrl: undefined,
    trustProxy: parseTrustProxy(trust)!,
    monotonic: () => 0,
    log: () => {},
  });
}

function asked(forwardedFor: string | null): Request {
  const headers = forwardedFor === null ? {} : { "x-forwarded-for": forwardedFor };
  return new Request("http://weir.example/manifest.json", { headers });
}

Deno.test("addressOf() tells whom findClient() finds, however often it is asked", () => {
  const address = fc.constantFrom("127.0.0.1", "10.0.0.7", "203.0.113.9", "2001:db8::1", "odd", "");
  const forwardedFor = fc.option(
    fc.array(address, { minLength: 1, maxLength: 4 }).map((chain) => chain.join(", ")),
  );
  const trusts = ["0", "1", "2", "loopback", "loopback, private"];
  for (const trust of trusts) {
    const reception = receptionOf(trust);
    fc.assert(fc.property(address, forwardedFor, (peer, words) => {
      const found = findClient(peer, words, parseTrustProxy(trust)!);
      for (let time = 1; time <= 2; time++) {
        assertEquals(reception.addressOf(asked(words), { address: peer }), found.address);
      }
    }));
  }
});

Deno.test("addressOf() gives the same address for the same words, also behind a proxy", () => {
  const reception = receptionOf("loopback");
  const at = (words: string) => reception.addressOf(asked(words), { address: "127.0.0.1" });
  assertStrictEquals(at("203.0.113.9"), at("203.0.113.9"));
  assertEquals(at("203.0.113.9") === at("203.0.113.10"), false);
});
