// The cors contract: every answer that an addon's client may read carries
// `Access-Control-Allow-Origin: *` exactly once, whatever it is; the operator's never do.

import type { Cause } from "../src/addon/degraded.ts";
import { type Route, route } from "../src/http/route.ts";
import { assert, assertEquals } from "./support/assert.ts";
import { BOUNDS, type GetOptions, OPERATOR_TOKEN, type TestApp, testApp } from "./support/app.ts";
import { SINTEL } from "./support/ask.ts";
import { PROVOKE } from "./support/causes.ts";

const PANEL = "https://panel.example";
const ORIGINS = [undefined, "https://web.stremio.com", PANEL, "null"];
const TOKEN = { authorization: `Bearer ${OPERATOR_TOKEN}` };

/** Every route that is open to all. */
const OPEN: Record<Exclude<Route["kind"], "sessions" | "session" | "metrics">, string[]> = {
  manifest: ["/manifest.json", "/cfg/manifest.json"],
  catalog: ["/catalog/movie/films.json", "/catalog/movie/films/skip=9.json", "/catalog/a/b.json"],
  meta: ["/meta/movie/weir:sintel.json", "/meta/movie/nothing.json"],
  stream: [SINTEL, "/stream/movie/nothing.json", "/cfg/stream/movie/weir%3Asintel.json"],
  page: ["/", "/configure", "/cfg/configure"],
  health: ["/health"],
  ready: ["/ready"],
  file: ["/clips/test-card.mp4", "/clips/nothing.mp4", "/art/nothing.png"],
  play: ["/play/no-ticket/film.mp4"],
  not_found: ["/nothing", "/stream/movie/%zz.json", `/${"a".repeat(5000)}`, "/stream/movie/a"],
};

const OPERATOR = {
  sessions: "/operator/sessions",
  session: "/operator/sessions/tv",
  metrics: "/operator/metrics",
};

function asked(origin: string | undefined, headers: Record<string, string> = {}): GetOptions {
  return { headers: origin === undefined ? headers : { ...headers, origin } };
}

/** The header's values as they stand in the answer: a second one would be joined to the first. */
function allowed(response: Response): string[] {
  return [...response.headers].filter(([name]) => name === "access-control-allow-origin")
    .map(([, value]) => value);
}

async function assertOpen(response: Response, what: string): Promise<void> {
  assertEquals(allowed(response), ["*"], what);
  assertEquals(response.headers.has("access-control-allow-credentials"), false, what);
  await response.body?.cancel();
}

Deno.test("the table of open routes names each by its kind", () => {
  for (const [kind, paths] of Object.entries(OPEN)) {
    for (const path of paths) assertEquals(route(path).kind, kind as Route["kind"], path);
  }
  for (const [kind, path] of Object.entries(OPERATOR)) {
    assertEquals(route(path).kind, kind as Route["kind"]);
  }
});

for (const [kind, paths] of Object.entries(OPEN)) {
  for (const method of ["GET", "HEAD", "OPTIONS", "POST", "DELETE", "PROPFIND"]) {
    Deno.test(`${method} of ${kind} is open to every page, with and without Origin`, async () => {
      const app = testApp();
      for (const path of paths) {
        const answers = [];
        for (const origin of ORIGINS) {
          const response = await app.get(path, { ...asked(origin), method });
          answers.push([response.status, response.headers.get("vary")]);
          await assertOpen(response, `${method} ${path} from ${origin}`);
        }
        assertEquals(new Set(answers.map(String)).size, 1, "Origin changes nothing");
      }
    });
  }
}

Deno.test("a preflight is answered 204, for every path and whatever a page wants to send", async () => {
  const app = testApp();
  const wants = {
    "access-control-request-method": "GET",
    "access-control-request-headers": "x-anything",
  };
  for (const path of Object.values(OPEN).flat()) {
    const response = await app.get(path, { ...asked(PANEL, wants), method: "OPTIONS" });
    assertEquals([response.status, response.body], [204, null], path);
    assertEquals(response.headers.get("access-control-allow-methods"), "GET, HEAD, OPTIONS");
    assertEquals(response.headers.get("access-control-allow-headers"), "*");
  }
});

Deno.test("304, 206, 416, 400 and 500 are open to every page", async () => {
  const app = testApp();
  const cases: [string, Record<string, string>, number][] = [
    ["/manifest.json", { "if-none-match": "*" }, 304],
    ["/catalog/movie/films.json", { "if-none-match": "*" }, 304],
    ["/meta/movie/weir:sintel.json", { "if-none-match": "*" }, 304],
    ["/clips/test-card.mp4", { "if-none-match": "*" }, 304],
    ["/clips/test-card.mp4", { range: "bytes=0-1" }, 206],
    ["/clips/test-card.mp4", { range: "bytes=9999-" }, 416],
    ["/manifest.json", { host: "no host" }, 400],
    [SINTEL, { host: "a@b" }, 400],
  ];
  for (const [path, headers, status] of cases) {
    for (const origin of ORIGINS) {
      const response = await app.get(path, asked(origin, headers));
      assertEquals(response.status, status, path);
      await assertOpen(response, `${status} ${path}`);
    }
  }
  const clips = new Proxy(new Map(), { get: () => () => assert(false, "a bug") });
  const response = await testApp({ files: clips }).get("/clips/test-card.mp4");
  assertEquals(response.status, 500);
  await assertOpen(response, "500");
});

Deno.test("a page may read of a clip what a player needs", async () => {
  const response = await testApp().get("/clips/test-card.mp4", asked(PANEL));
  const exposed = response.headers.get("access-control-expose-headers")!.split(", ");
  for (const name of ["accept-ranges", "content-length", "content-range"]) {
    assert(exposed.includes(name), name);
  }
  await response.body?.cancel();
});

for (const [cause, provoke] of Object.entries(PROVOKE)) {
  Deno.test(`a stream answer is open to every page when it is ${cause as Cause}`, async () => {
    await assertOpen((await provoke()).response, cause);
  });
}

/** Every answer that the operator's routes give, by its status. */
const ANSWERS: [number, string, Options][] = [
  [401, "missing token", { headers: {} }],
  [403, "wrong token", { headers: { "x-operator-token": "wrong" } }],
  [200, "sessions", { headers: TOKEN }],
  [200, "metrics", { headers: TOKEN, path: OPERATOR.metrics }],
  [200, "HEAD", { headers: TOKEN, method: "HEAD" }],
  [200, "evicted", { headers: TOKEN, method: "DELETE", path: OPERATOR.session }],
  [404, "no session", { headers: TOKEN, method: "DELETE", path: "/operator/sessions/none" }],
  [404, "no id", { headers: TOKEN, method: "DELETE", path: "/operator/sessions/%zz" }],
  [401, "no id, no token", { headers: {}, method: "DELETE", path: "/operator/sessions/%zz" }],
  [405, "other method", { headers: TOKEN, method: "POST" }],
  [204, "preflight", { headers: {}, method: "OPTIONS" }],
];
type Options = { headers: Record<string, string>; method?: string; path?: string };

async function operatorAnswer(app: TestApp, options: Options, origin: string | undefined) {
  await app.gate.admit({ session: "tv", viewer: "anna" });
  const { path = OPERATOR.sessions, headers, method = "GET" } = options;
  return await app.get(path, { ...asked(origin, headers), method });
}

for (const [status, what, options] of ANSWERS) {
  Deno.test(`the operator's ${status} (${what}) is open to the listed origins alone, never to *`, async () => {
    for (const origin of [...ORIGINS, "https://panel.example.evil", "https://PANEL.example", "*"]) {
      const response = await operatorAnswer(testApp(), options, origin);
      assertEquals(response.status, status);
      assertEquals(allowed(response), origin === PANEL ? [PANEL] : [], origin);
      assertEquals(response.headers.get("vary"), "Origin");
      await response.body?.cancel();
    }
  });
}

Deno.test("the operator's 401, 503 and 500 are never open to * either", async () => {
  const fail = () => Promise.reject(new TypeError("a bug"));
  const gate = { ...testApp().gate, list: fail, evict: fail };
  const apps: [number, TestApp][] = [
    [401, testApp({ operatorToken: undefined })],
    [503, testApp({ gate, bounds: { gate: { ...BOUNDS, totalTimeoutMs: 1 } } })],
    [500, testApp({ gate })],
  ];
  for (const [status, app] of apps) {
    for (
      const [path, method] of [[OPERATOR.sessions, "GET"], [OPERATOR.session, "DELETE"]] as const
    ) {
      for (const origin of [undefined, PANEL, "https://other.example"]) {
        const response = await app.get(path, { ...asked(origin, TOKEN), method });
        assertEquals(response.status, status, path);
        assertEquals(allowed(response), origin === PANEL ? [PANEL] : [], `${status} ${origin}`);
        await response.body?.cancel();
      }
    }
  }
});

Deno.test("the operator's preflight names the methods of the route and the headers of the token", async () => {
  const methods = {
    sessions: "GET, HEAD, OPTIONS",
    session: "DELETE, OPTIONS",
    metrics: "GET, HEAD, OPTIONS",
  };
  for (const [kind, path] of Object.entries(OPERATOR)) {
    const { headers } = await testApp().get(path, { ...asked(PANEL), method: "OPTIONS" });
    assertEquals(
      headers.get("access-control-allow-methods"),
      methods[kind as keyof typeof methods],
    );
    assertEquals(headers.get("access-control-allow-headers"), "authorization, x-operator-token");
  }
});
