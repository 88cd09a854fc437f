import { household, isWithin, parseAddress, parseRange } from "../src/http/address.ts";
import {
  findClient,
  findOrigin,
  hidesOthers,
  isHost,
  parseTrustProxy,
  type TrustProxy,
} from "../src/http/client.ts";
import { assert, assertEquals, assertNotEquals } from "./support/assert.ts";

function trust(text: string): TrustProxy {
  const parsed = parseTrustProxy(text);
  assert(parsed, text);
  return parsed;
}

function sameAddress(a: string, b: string): void {
  const address = parseAddress(a);
  assert(address, a);
  assertEquals(address, parseAddress(b), `${a} and ${b}`);
}

function clientOf(peer: string, forwardedFor: string | null, trusted: string): string | undefined {
  const { address } = findClient(peer, forwardedFor, trust(trusted));
  return address && household(address);
}

function homeOf(address: string): string {
  return household(parseAddress(address)!);
}

Deno.test("parseAddress() reads an address with port, brackets, zone and space around it", () => {
  for (const text of ["192.0.2.7:80", " 192.0.2.7 ", "::ffff:192.0.2.7", "[::ffff:c000:207]:443"]) {
    sameAddress(text, "192.0.2.7");
  }
  for (
    const text of [
      "[2001:db8::1]",
      "[2001:db8::1]:65535",
      "2001:DB8:0:0:0:0:0:1",
      "2001:db8::1%en0",
    ]
  ) sameAddress(text, "2001:db8::1");
  sameAddress("64:ff9b::192.0.2.7", "64:ff9b::c000:207");
  assertNotEquals(parseAddress("::192.0.2.7"), parseAddress("192.0.2.7"));
});

Deno.test("parseAddress() gives nothing for what is no address", () => {
  for (
    const text of [
      "",
      "unknown",
      "_hidden",
      "localhost",
      "1.2.3",
      "1.2.3.4.5",
      "1.2.3.256",
      "01.2.3.4",
      "0x7f.0.0.1",
      "2130706433",
      "1.2.3.4:",
      "1.2.3.4:123456",
      "1.2.3.4/8",
      ":",
      ":::",
      "1::2::3",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7:8::",
      "12345::",
      "g::1",
      "::1.2.3.400",
      "[::1",
      "[1.2.3.4]x",
      "::1]",
    ]
  ) assertEquals(parseAddress(text), undefined, text);
});

Deno.test("parseRange() reads CIDRs and single addresses; an address lies in one or not", () => {
  const inside: [string, string, boolean][] = [
    ["10.0.0.0/8", "10.255.0.1", true],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["10.1.2.3/8", "10.200.0.1", true],
    ["0.0.0.0/0", "203.0.113.9", true],
    ["0.0.0.0/0", "2001:db8::1", false],
    ["192.0.2.7", "192.0.2.7", true],
    ["192.0.2.7/32", "192.0.2.6", false],
    ["::ffff:10.0.0.0/104", "10.9.9.9", true],
    ["2001:db8::/32", "2001:db8:ffff::1", true],
    ["2001:db8::/33", "2001:db8:8000::1", false],
    ["::/0", "2001:db8::1", true],
    ["::1", "::1", true],
  ];
  for (const [range, address, wanted] of inside) {
    assertEquals(
      isWithin(parseAddress(address)!, parseRange(range)!),
      wanted,
      `${address} ${range}`,
    );
  }
  for (
    const bad of ["", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::/129", "10.0.0.0/8/8"]
  ) {
    assertEquals(parseRange(bad), undefined, bad);
  }
});

Deno.test("household() is an IPv4 address, or the /64 of an IPv6 one", () => {
  assertEquals(homeOf("2001:db8:1:2::1"), homeOf("2001:db8:1:2:ffff:ffff:ffff:ffff"));
  assertNotEquals(homeOf("2001:db8:1:2::1"), homeOf("2001:db8:1:3::1"));
  assertNotEquals(homeOf("192.0.2.1"), homeOf("192.0.2.2"));
  assertEquals(homeOf("::ffff:192.0.2.1"), homeOf("192.0.2.1"));
  assertNotEquals(homeOf("0.0.0.1"), homeOf("0:0:0:1::"));
});

Deno.test("parseTrustProxy() reads a hop count, ranges and their names, and nothing else", () => {
  assertEquals(trust("0"), { kind: "none" });
  assertEquals(trust(" 2 "), { kind: "hops", hops: 2 });
  assertEquals(trust("32"), { kind: "hops", hops: 32 });
  assertEquals(trust("10.0.0.0/8"), { kind: "ranges", ranges: [parseRange("10.0.0.0/8")!] });
  assertEquals(clientOf("127.9.9.9", "192.0.2.1", "loopback, 10.0.0.1"), homeOf("192.0.2.1"));
  assertEquals(clientOf("10.0.0.1", "192.0.2.1", "loopback 10.0.0.1"), homeOf("192.0.2.1"));
  for (const bad of ["33", "-1", "1.5", "everyone", "true", "10.0.0.0/8,x", ","]) {
    assertEquals(parseTrustProxy(bad), undefined, bad);
  }
});

Deno.test("parseTrustProxy() names all loopback and all private ranges", () => {
  const named: Record<string, string[]> = {
    loopback: ["127.0.0.1", "127.255.0.1", "::1", "::ffff:127.0.0.1"],
    private: [
      "10.1.1.1",
      "172.16.0.1",
      "172.31.9.9",
      "192.168.1.1",
      "169.254.1.1",
      "fd00::1",
      "fe80::1",
    ],
  };
  for (const [name, addresses] of Object.entries(named)) {
    for (const peer of addresses) {
      assertEquals(clientOf(peer, "198.51.100.1", name), homeOf("198.51.100.1"), peer);
    }
    for (const peer of ["8.8.8.8", "172.32.0.1", "192.169.0.1", "2001:db8::1", "fec0::1"]) {
      assertEquals(clientOf(peer, "198.51.100.1", name), homeOf(peer), peer);
    }
  }
});

Deno.test("findClient() walks from the right for as long as who speaks is trusted", () => {
  const walks: [string, string, string | null, string, number][] = [
    // trust, peer, X-Forwarded-For, client, trusted hops
    ["0", "10.0.0.1", "192.0.2.1", "10.0.0.1", 0],
    ["private", "192.0.2.9", "192.0.2.1", "192.0.2.9", 0],
    ["private", "10.0.0.1", null, "10.0.0.1", 1],
    ["private", "10.0.0.1", "", "10.0.0.1", 1],
    ["private", "10.0.0.1", "192.0.2.1", "192.0.2.1", 1],
    ["private", "10.0.0.1", "198.51.100.9, 192.0.2.1", "192.0.2.1", 1],
    ["private", "10.0.0.1", "198.51.100.9, 192.0.2.1, 10.0.0.2", "192.0.2.1", 2],
    ["private", "10.0.0.1", "192.0.2.1:4711, [fd00::2]:80", "192.0.2.1", 2],
    ["private", "10.0.0.1", "192.0.2.1, unknown, 10.0.0.2", "10.0.0.2", 2],
    ["private", "10.0.0.1", "192.0.2.1,,10.0.0.2", "10.0.0.2", 2],
    ["private", "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3", 3],
    ["1", "203.0.113.5", "198.51.100.9, 192.0.2.1", "192.0.2.1", 1],
    ["2", "203.0.113.5", "198.51.100.9, 192.0.2.1", "198.51.100.9", 2],
    ["3", "203.0.113.5", "198.51.100.9, 192.0.2.1", "198.51.100.9", 3],
    ["2", "203.0.113.5", "192.0.2.1, evil", "203.0.113.5", 1],
    ["1", "", "192.0.2.1", "192.0.2.1", 1],
  ];
  for (const [trusted, peer, forwarded, client, hops] of walks) {
    const found = findClient(peer, forwarded, trust(trusted));
    assertEquals(
      found,
      { address: parseAddress(client), hops },
      `${trusted}: ${peer} ${forwarded}`,
    );
  }
});

Deno.test("hidesOthers() tells of a near proxy that nobody trusts", () => {
  const none: TrustProxy = { kind: "none" };
  for (const peer of ["127.0.0.1", "::1", "10.0.0.1", "fd00::1", "::ffff:192.168.1.1"]) {
    assertEquals(hidesOthers(peer, "192.0.2.1", none), true, peer);
    assertEquals(hidesOthers(peer, null, none), false, peer);
    assertEquals(hidesOthers(peer, "192.0.2.1", trust("loopback")), false, peer);
  }
  for (const peer of ["203.0.113.5", "2001:db8::1", ""]) {
    assertEquals(hidesOthers(peer, "192.0.2.1", none), false, peer);
  }
});

Deno.test("findOrigin() is the request's own, but for what trusted proxies were told", () => {
  const own = "http://weir.local:8000";
  const origins: [string | null, string | null, number, string][] = [
    // X-Forwarded-Proto, X-Forwarded-Host, trusted hops, origin
    ["https", "weir.example", 0, own],
    [null, null, 1, own],
    ["https", null, 1, "https://weir.local:8000"],
    ["https", "Weir.Example:8443", 1, "https://weir.example:8443"],
    [" HTTPS ", " weir.example ", 1, "https://weir.example"],
    ["ftp", "weir.example", 1, "http://weir.example"],
    ["javascript:", "a b", 1, own],
    ["", "", 1, own],
    [null, "evil/path", 1, own],
    [null, "user@evil.example", 1, own],
    ["https, http", "forged.example, weir.example", 1, "http://weir.example"],
    ["https, http", "weir.example, inner.example", 2, "https://weir.example"],
    ["https", "weir.example", 2, "https://weir.example"],
  ];
  for (const [proto, host, hops, wanted] of origins) {
    assertEquals(findOrigin(own, { proto, host }, hops), wanted, `${proto} ${host} ${hops}`);
  }
});

Deno.test("isHost() takes `host[:port]` and nothing else", () => {
  for (
    const good of [
      "a",
      "weir.example",
      "weir.example.:80",
      "my_box:8000",
      "127.0.0.1:1",
      "[::1]:65535",
      "[::1]",
    ]
  ) assertEquals(isHost(good), true, good);
  for (
    const bad of [
      "",
      " ",
      "a b",
      "a/b",
      "a?b",
      "a#b",
      "a@b",
      "a\\b",
      "a:",
      "a:65536",
      "a:x",
      ":80",
      "-a",
      ".a",
      "a-",
      "::1",
      "[::1",
      "[::zz]",
      "256.256.256.256",
      "a,b",
      "<a>",
      "é.example",
      `${"a".repeat(256)}`,
    ]
  ) assertEquals(isHost(bad), false, bad);
});
