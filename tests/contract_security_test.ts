// The security contract: who asks is who connects, the operator is who has the token, what is
// malformed is 404 or 405, and nothing of the inside shows in any answer or log line.

import { parseTrustProxy, type TrustProxy } from "../src/http/client.ts";
import { brokenApps, HIDDEN } from "./support/broken.ts";
import { assert, assertEquals, assertStringIncludes } from "./support/assert.ts";
import { OPERATOR_TOKEN, type TestApp, testApp } from "./support/app.ts";
import { askWhile, brokerApp, SINTEL } from "./support/ask.ts";
import { PROVOKE } from "./support/causes.ts";

type Asked = { from: string; headers?: Record<string, string> };

const FORWARDED = [
  "x-forwarded-for",
  "forwarded",
  "x-real-ip",
  "cf-connecting-ip",
  "true-client-ip",
];

/** Whom the gate and the log take a request for. */
async function viewerOf(app: TestApp, asked: Asked): Promise<unknown> {
  const response = await app.get(SINTEL, asked);
  await response.body?.cancel();
  return app.logs.findLast(({ event }) => event === "stream")?.viewer;
}

function behind(trusted: string): TestApp {
  const trustProxy: TrustProxy | undefined = parseTrustProxy(trusted);
  assert(trustProxy);
  return testApp({ trustProxy, settings: { capacity: 50 } });
}

Deno.test("a viewer is who connects: one IPv4 address, or a /64 of IPv6", async () => {
  const app = testApp({ settings: { capacity: 50 } });
  const viewer = (from: string) => viewerOf(app, { from });
  assertEquals(await viewer("203.0.113.1"), await viewer("::ffff:203.0.113.1"));
  assertEquals(await viewer("2001:db8::1"), await viewer("2001:db8::2:2:2:2"));
  const all = ["203.0.113.1", "203.0.113.2", "2001:db8::1", "2001:db8:0:1::1", ""];
  const viewers = new Set();
  for (const each of all) viewers.add(await viewer(each));
  assertEquals(viewers.size, 5);
  assertEquals((await app.gate.list()).seats.length, 5);
});

Deno.test("a forged header from a peer that is not trusted changes nothing", async () => {
  for (const app of [behind("0"), behind("loopback"), behind("private,192.0.2.0/24")]) {
    const own = await viewerOf(app, { from: "203.0.113.1" });
    for (const name of FORWARDED) {
      const headers = { [name]: "198.51.100.7", "x-forwarded-host": "evil.example" };
      assertEquals(await viewerOf(app, { from: "203.0.113.1", headers }), own, name);
    }
    assertEquals((await app.gate.list()).seats.length, 1);
  }
});

Deno.test("nobody takes a second seat, nor another's, by a forged header", async () => {
  const app = testApp({ settings: { capacity: 2 } });
  await viewerOf(app, { from: "203.0.113.2" });
  const forge = (n: number) => ({ "x-forwarded-for": `198.51.100.${n}, 203.0.113.2` });
  for (let n = 0; n < 20; n++) await viewerOf(app, { from: "203.0.113.1", headers: forge(n) });
  assertEquals((await app.gate.list()).seats.length, 2);
});

Deno.test("a trusted proxy tells who asks: the nearest that is not trusted itself", async () => {
  const app = behind("10.0.0.0/8");
  const direct = await viewerOf(app, { from: "203.0.113.1" });
  for (
    const list of [
      "203.0.113.1",
      "198.51.100.7, 203.0.113.1",
      "evil, 203.0.113.1:4711",
      "203.0.113.1, 10.9.9.9",
      "198.51.100.7,203.0.113.1,10.0.0.3 , 10.0.0.2",
    ]
  ) {
    const headers = { "x-forwarded-for": list };
    assertEquals(await viewerOf(app, { from: "10.0.0.1", headers }), direct, list);
  }
});

Deno.test("several X-Forwarded-For headers are one list", async () => {
  const app = behind("10.0.0.0/8");
  const headers = new Headers([["x-forwarded-for", "198.51.100.7"], [
    "x-forwarded-for",
    "203.0.113.1",
  ]]);
  const request = new Request(`https://weir.example${SINTEL}`, { headers });
  await (await app.handle(request, { address: "10.0.0.1" })).body?.cancel();
  const told = app.logs.at(-1)?.viewer;
  assertEquals(told, await viewerOf(app, { from: "203.0.113.1" }));
});

Deno.test("X-Forwarded-Proto and -Host count from a trusted peer alone", async () => {
  const headers = { "x-forwarded-proto": "https", "x-forwarded-host": "films.example" };
  const logoOf = async (app: TestApp, from: string) => {
    const request = new Request("http://weir.local:8000/manifest.json", { headers });
    return (await (await app.handle(request, { address: from })).json()).logo;
  };
  const own = "http://weir.local:8000/art/logo.png";
  assertEquals(
    await logoOf(behind("10.0.0.0/8"), "10.0.0.1"),
    "https://films.example/art/logo.png",
  );
  assertEquals(await logoOf(behind("10.0.0.0/8"), "203.0.113.1"), own);
  assertEquals(await logoOf(behind("0"), "10.0.0.1"), own);
  const set = testApp({ baseUrl: "https://set.example", trustProxy: { kind: "hops", hops: 1 } });
  assertEquals(await logoOf(set, "10.0.0.1"), "https://set.example/art/logo.png");
});

const OPERATOR: [path: string, method: string][] = [
  ["/operator/sessions", "GET"],
  ["/operator/sessions", "HEAD"],
  ["/operator/sessions", "POST"],
  ["/operator/sessions/tv", "DELETE"],
  ["/operator/sessions/tv", "GET"],
  ["/operator/sessions/%zz", "DELETE"],
  ["/operator/metrics", "GET"],
];

async function refused(app: TestApp, headers: Record<string, string>): Promise<unknown[]> {
  const refusals = new Set<string>();
  for (const [path, method] of OPERATOR) {
    const response = await app.get(path, { method, headers });
    assertEquals(response.headers.get("cache-control"), "no-store");
    const err = method === "HEAD" ? "" : (await response.json()).err;
    if (err !== "") refusals.add(`${response.status} ${err}`);
    else assert(response.status === 401 || response.status === 403);
  }
  assertEquals((await app.gate.list()).seats.length, 1);
  return [...refusals];
}

Deno.test("every operator route refuses whoever is not the operator, and does nothing", async () => {
  const app = testApp();
  const closed = testApp({ operatorToken: undefined });
  for (const { gate } of [app, closed]) await gate.admit({ session: "tv", viewer: "anna" });
  const right = { "x-operator-token": OPERATOR_TOKEN };
  for (const headers of [{}, right]) {
    assertEquals(await refused(closed, headers), ["401 operator_auth_unconfigured"]);
  }
  const missing = [{}, { authorization: "Basic b3A6b3A=" }, { authorization: "Bearer" }, {
    "x-operator-token": "",
  }];
  for (const headers of missing as Record<string, string>[]) {
    assertEquals(await refused(app, headers), ["401 operator_token_required"]);
  }
  const wrong = [
    "x",
    `${OPERATOR_TOKEN}x`,
    OPERATOR_TOKEN.slice(1),
    OPERATOR_TOKEN.toUpperCase(),
    "x".repeat(9999),
  ];
  for (const token of wrong) {
    for (const headers of [{ authorization: `Bearer ${token}` }, { "x-operator-token": token }]) {
      assertEquals(await refused(app, headers as Record<string, string>), [
        "403 operator_forbidden",
      ]);
    }
  }
  const query = await app.get(`/operator/sessions?token=${OPERATOR_TOKEN}`);
  assertEquals(query.status, 401);
  await query.body?.cancel();
});

Deno.test("the operator's token is taken in both headers", async () => {
  const forms = [
    { authorization: `Bearer ${OPERATOR_TOKEN}` },
    { authorization: `bearer  ${OPERATOR_TOKEN}` },
    { "x-operator-token": OPERATOR_TOKEN },
  ];
  for (const headers of forms as Record<string, string>[]) {
    const response = await testApp().get("/operator/sessions", { headers });
    assertEquals(response.status, 200);
    await response.body?.cancel();
  }
});

Deno.test("a malformed path is 404 in JSON, never 500", async () => {
  const app = testApp();
  const bad = ["%", "%zz", "%E0%A4%A", "%C3%28", "%ED%A0%80", "%00%", "a".repeat(5000)];
  const paths = bad.flatMap((each) => [
    `/stream/movie/${each}.json`,
    `/stream/${each}/weir:sintel.json`,
    `/meta/movie/${each}.json`,
    `/catalog/movie/${each}.json`,
    `/catalog/movie/films/search=${each}.json`,
    `/catalog/movie/films/${each}=1.json`,
    `/clips/${each}`,
    `/${each}`,
  ]);
  const others = ["//", "//manifest.json", "/..%2f..%2fetc/passwd", "/clips/..%2f..%2fdeno.json"];
  for (const path of [...paths, ...others, "/stream/movie/\\.json", "/.env", "/play/x"]) {
    for (const method of ["GET", "HEAD"]) {
      const response = await app.get(path, { method });
      assertEquals(response.status, 404, path.slice(0, 99));
      assertEquals(response.headers.get("content-type"), "application/json; charset=utf-8");
      if (method === "GET") assertEquals(await response.json(), { err: "not found" });
    }
  }
  for (const { level, event, status } of app.logs) {
    assertEquals([level, event, status], ["debug", "request", 404]);
  }
});

Deno.test("a method that no route takes is 405 in JSON, and its body is not read", async () => {
  const app = testApp();
  for (
    const method of ["POST", "PUT", "DELETE", "PATCH", "patch", "PROPFIND", "M-SEARCH", "__proto__"]
  ) {
    for (const path of ["/", "/manifest.json", "/clips/test-card.mp4", "/health", SINTEL]) {
      const body = JSON.stringify({ streams: [], __proto__: { admin: true } });
      const request = new Request(`https://weir.example${path}`, { method, body });
      const response = await app.handle(request, { address: "203.0.113.1" });
      assertEquals([response.status, await response.json()], [405, { err: "method not allowed" }]);
      assertEquals(response.headers.get("allow"), "GET, HEAD, OPTIONS");
      assertEquals(request.bodyUsed, false);
    }
  }
  assertEquals((await app.gate.list()).seats, []);
});

Deno.test("a Host that is not `host[:port]` is 400 on every route", async () => {
  const app = testApp();
  for (const host of ["a b", "a/b", "a@b", "a:", "a:x", "a:99999", "<script>", "[::1", "a,b", ""]) {
    for (
      const path of ["/", "/manifest.json", SINTEL, "/health", "/operator/sessions", "/nothing"]
    ) {
      const response = await app.get(path, { headers: { host } });
      assertEquals([response.status, await response.json()], [400, { err: "bad host" }], host);
    }
  }
  assertEquals((await app.get("/health", { headers: { host: "[::1]:8000" } })).status, 200);
});

Deno.test("a target that names a host of its own is 400 where that is none", async () => {
  for (
    const url of ["http://x:99999/configure", 'http://ev"il<script>/', "http://a#/b", "http://a"]
  ) {
    const app = testApp();
    // A runtime may hand a target on as it came, which `Request` itself would not take.
    const request = new Proxy(new Request("http://weir.example/"), {
      get: (target, name) => name === "url" ? url : Reflect.get(target, name, target),
    });
    const response = await app.handle(request, { address: "203.0.113.1" });
    assertEquals([response.status, await response.json()], [400, { err: "bad host" }], url);
  }
});

Deno.test("names that every object has are extras, types and ids like any other", async () => {
  const app = brokerApp(() => Response.json({ url: "https://films.example/a.mp4" }));
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    const page = await app.get(`/catalog/movie/films/${name}=1&skip=2.json`);
    assertEquals((await page.json()).metas.length, 1);
    assertEquals((await app.get(`/meta/${name}/${name}.json`)).status, 404);
    const stream = await app.get(`/stream/movie/${name}.json`);
    assertEquals((await stream.json()).notice.cause, "not_found");
  }
  assertEquals(({} as Record<string, unknown>)["1"], undefined);
});

async function assertNothingInside(app: TestApp, response: Response, what: string): Promise<void> {
  const said = [await response.text(), ...[...response.headers].flat(), JSON.stringify(app.logs)];
  for (const hidden of HIDDEN) {
    assertEquals(said.some((text) => text.includes(hidden)), false, `${hidden} in ${what}`);
  }
}

Deno.test("nothing of the inside shows in any answer or log line, whatever fails", async () => {
  const paths: [path: string, method: string][] = [
    [SINTEL, "GET"],
    [SINTEL, "HEAD"],
    ["/ready", "GET"],
    ["/health", "GET"],
    ["/clips/test-card.mp4", "GET"],
    ["/operator/sessions", "GET"],
    ["/operator/sessions/tv", "DELETE"],
    ["/operator/metrics", "GET"],
  ];
  const causes = new Set<unknown>();
  for (const app of brokenApps()) {
    for (const [path, method] of paths) {
      const headers = path.startsWith("/operator") ? { "x-operator-token": OPERATOR_TOKEN } : {};
      // An operator's answer waits for more than promises: what it waits for is let go by and by.
      let response: Response | undefined;
      const asked = askWhile(app, path, { method, headers }).then((each) => response = each);
      while (response === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        await app.clock.advance(1000);
      }
      await assertNothingInside(app, await asked, `${method} ${path}`);
    }
    causes.add(app.logs.find(({ event }) => event === "stream")?.cause);
  }
  const wanted = ["dependency_unavailable", "not_found", "internal", "stream"];
  assertEquals([...causes].sort(), wanted.sort());
});

Deno.test("the log tells of a stream request its cause, verdict, viewer, episode and time, and no more", async () => {
  const { app } = await PROVOKE.dependency_timeout();
  const [failed, line] = app.logs;
  const facts = { dependency: "broker", kind: "timeout", failures: 1 };
  assertEquals(failed as unknown, { level: "warn", event: "dependency_failed", ...facts });
  const { viewer, ...rest } = line!;
  assertEquals(rest, {
    level: "info",
    event: "stream",
    cause: "dependency_timeout",
    verdict: "new",
    episode: "weir:sintel",
    ms: 8060,
    coalesced: false,
  });
  assertEquals(String(viewer).length, 22);
  assertEquals(app.logs.length, 2);
  assertStringIncludes(JSON.stringify(line), "weir:sintel");
});
