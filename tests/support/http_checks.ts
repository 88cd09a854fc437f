/**
 * What every server says over HTTP, whatever runtime it runs on: one list, run against each.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "./assert.ts";
import { films } from "../../src/demo/mod.ts";
import { sendRaw } from "./raw_http.ts";

/** A Weir that serves the open films from memory, one seat, and what it was started with. */
export type Place = { origin: string; port: number };

/** One claim about a server. */
export type HttpCheck = { claim: string; run(place: Place): Promise<void> };

/** The settings under which {@linkcode PLAIN_CHECKS} hold. */
export const PLAIN_ENV = { MAX_SESSIONS: "1" };

/** The operator's token of {@linkcode PROXIED_CHECKS}. */
export const TOKEN = "the-operator-of-these-tests";

/** The settings under which {@linkcode PROXIED_CHECKS} hold. */
export const PROXIED_ENV = {
  MAX_SESSIONS: "1",
  TRUST_PROXY: "loopback",
  OPERATOR_TOKEN: TOKEN,
  CORS_ALLOW_ORIGINS: "https://panel.example",
};

const CARD = "/stream/movie/weir:test-card.json";
const CLIP = "/clips/test-card.mp4";

/** Who connects is the viewer; nobody is the operator. In this order. */
export const PLAIN_CHECKS: readonly HttpCheck[] = [
  check("the manifest is the open films', for every client", async (get) => {
    const response = await get("/manifest.json");
    assertEquals(response.status, 200);
    assertOpen(response);
    assertMatch(response.headers.get("content-type")!, /^application\/json/);
    assertMatch(response.headers.get("cache-control")!, /^public, max-age=300/);
    const { id, logo } = await response.json();
    assertEquals(id, JSON.parse(films).manifest.id);
    assertStringIncludes(logo, "http://127.0.0.1:");
  }),
  check("a body that the client has is not sent again", async (get) => {
    const first = await get("/manifest.json");
    await first.body?.cancel();
    const headers = { "if-none-match": first.headers.get("etag")! };
    const again = await get("/manifest.json", { headers });
    assertEquals([again.status, await again.text()], [304, ""]);
    assertOpen(again);
  }),
  check("a catalog is searched, by words as they arrive encoded", async (get) => {
    const { metas } = await (await get("/catalog/movie/weir-films/search=big%20BUCK.json")).json();
    assertEquals(metas.map((meta: { id: string }) => meta.id), ["weir:big-buck-bunny"]);
  }),
  check("a meta is found, and an unknown one is 404", async (get) => {
    const { meta } = await (await get("/meta/series/weir%3Acaminandes.json")).json();
    assertEquals(meta.videos.length, 3);
    await assertError(await get("/meta/series/weir:nothing.json"), 404, "not found");
  }),
  check("a stream is given for a raw and for an encoded colon", async (get) => {
    for (const id of ["weir:test-card", "weir%3Atest-card"]) {
      const response = await get(`/stream/movie/${id}.json`);
      assertOpen(response);
      assertEquals(response.headers.get("cache-control"), "private, no-store");
      const { streams } = await response.json();
      assert(streams[0].url.endsWith(CLIP), streams[0].url);
    }
  }),
  check("a HEAD has the headers of the answer and no body", async (get) => {
    for (const path of ["/manifest.json", CLIP, CARD, "/", "/health"]) {
      const response = await get(path, { method: "HEAD" });
      assertEquals([response.status, await response.text()], [200, ""], path);
      assertOpen(response);
    }
  }),
  check(
    "an answer is the same each time, also to several at once and after a HEAD",
    async (get) => {
      for (const path of ["/manifest.json", CARD]) {
        await (await get(path, { method: "HEAD" })).text();
        const answers = await Promise.all([1, 2, 3].map(() => get(path)));
        answers.push(await get(path));
        const told = await Promise.all(answers.map(async (answer) => {
          const headers = [...answer.headers].filter(([name]) => name !== "date");
          return JSON.stringify([answer.status, headers, await answer.text()]);
        }));
        assertEquals(new Set(told).size, 1, told.join("\n"));
        assert(JSON.parse(told[0]!)[2].startsWith("{"), told[0]);
      }
    },
  ),
  check("a HEAD of a file tells its length", async (get) => {
    const whole = (await (await get(CLIP)).arrayBuffer()).byteLength;
    const response = await get(CLIP, { method: "HEAD" });
    await response.body?.cancel();
    assertEquals(response.headers.get("content-length"), `${whole}`);
  }),
  check("a clip is read by ranges", async (get) => {
    const whole = new Uint8Array(await (await get(CLIP)).arrayBuffer());
    const part = await get(CLIP, { headers: { range: "bytes=4-7" } });
    assertEquals(part.status, 206);
    assertEquals(part.headers.get("content-range"), `bytes 4-7/${whole.length}`);
    assertEquals(new Uint8Array(await part.arrayBuffer()), whole.slice(4, 8));
    const tail = await get(CLIP, { headers: { range: "bytes=-3" } });
    assertEquals(new Uint8Array(await tail.arrayBuffer()), whole.slice(-3));
    const beyond = await get(CLIP, { headers: { range: `bytes=${whole.length}-` } });
    assertEquals([beyond.status, await beyond.text()], [416, ""]);
    assertEquals(beyond.headers.get("content-range"), `bytes */${whole.length}`);
  }),
  check("a preflight is answered", async (get) => {
    const response = await get(CARD, { method: "OPTIONS" });
    assertEquals([response.status, await response.text()], [204, ""]);
    assertOpen(response);
    assertEquals(response.headers.get("access-control-allow-methods"), "GET, HEAD, OPTIONS");
  }),
  check("an unknown path is 404 and another method 405, as JSON", async (get) => {
    await assertError(await get("/nothing"), 404, "not found");
    const refused = await get(CARD, { method: "POST", body: "{}" });
    assertEquals(refused.headers.get("allow"), "GET, HEAD, OPTIONS");
    await assertError(refused, 405, "method not allowed");
  }),
  check("a malformed percent is 404", async (_, place) => {
    const { status, body } = await sendRaw(place.port, [
      "GET /stream/movie/weir%ZZ.json HTTP/1.1",
      "Host: 127.0.0.1",
    ]);
    assertEquals(status, 404);
    assertStringIncludes(body, '{"err":"not found"}');
  }),
  check("a Host that is no host is 400", async (_, place) => {
    for (const host of ["a b", "weir.example/path", "user@weir.example", "weir.example:port"]) {
      const { status, head } = await sendRaw(place.port, [
        "GET /manifest.json HTTP/1.1",
        `Host: ${host}`,
      ]);
      assertEquals(status, 400, `${host}: ${head}`);
    }
  }),
  check("the page shows how to install, at / and at /configure", async (get) => {
    for (const path of ["/", "/configure"]) {
      const response = await get(path);
      assertMatch(response.headers.get("content-type")!, /^text\/html/);
      assertMatch(await response.text(), /stremio:\/\/127\.0\.0\.1:\d+\/manifest\.json/);
    }
  }),
  check("it is alive and ready", async (get) => {
    assertEquals(await (await get("/health")).json(), { ok: true });
    assertEquals(await (await get("/ready")).json(), { ready: true });
  }),
  check("the operator's routes are closed without a token set", async (get) => {
    const err = "operator_auth_unconfigured";
    await assertError(await get("/operator/sessions"), 401, err, { open: false });
  }),
  check("a forwarded address changes nothing, and who could be hidden is told", async (get) => {
    for (const name of ["198.51.100.1", "198.51.100.2"]) {
      const response = await get(CARD, { headers: { "x-forwarded-for": name } });
      assert((await response.json()).notice === undefined, name);
    }
    const ready = await get("/ready");
    assertEquals([ready.status, (await ready.json()).ready], [503, false]);
  }),
];

/** A trusted proxy stands in front; there is an operator. In this order. */
export const PROXIED_CHECKS: readonly HttpCheck[] = [
  check("a forwarded address is the viewer, and two want one seat", async (get) => {
    const ask = async (address: string) =>
      (await get(CARD, { headers: { "x-forwarded-for": address } })).json();
    assertEquals((await ask("198.51.100.1")).notice, undefined);
    const second = await ask("198.51.100.2");
    assertEquals(second.notice.cause, "capacity");
    assert(second.streams[0].url.endsWith("/clips/capacity.mp4"), second.streams[0].url);
    assertEquals((await ask("198.51.100.1")).notice, undefined);
  }),
  check("a forwarded host and scheme are the origin", async (get) => {
    const headers = {
      "x-forwarded-for": "198.51.100.1",
      "x-forwarded-host": "films.example",
      "x-forwarded-proto": "https",
    };
    const { logo } = await (await get("/manifest.json", { headers })).json();
    assertMatch(logo, /^https:\/\/films\.example\//);
  }),
  check("the operator's token is asked for, checked, and taken either way", async (get) => {
    const path = "/operator/sessions";
    await assertError(await get(path), 401, "operator_token_required", { open: false });
    const wrong = { "x-operator-token": `${TOKEN}x` };
    await assertError(await get(path, { headers: wrong }), 403, "operator_forbidden", {
      open: false,
    });
    for (
      const headers of [{ "x-operator-token": TOKEN }, { authorization: `Bearer ${TOKEN}` }]
    ) {
      const response = await get(path, { headers: headers as HeadersInit });
      const { sessions } = await response.json();
      assertEquals(sessions.length, 1);
      assertEquals(sessions[0].episode, "weir:test-card");
    }
  }),
  check("the operator's answers are read from named origins alone", async (get) => {
    for (
      const [origin, allowed] of [["https://panel.example", true], ["https://x.example", false]]
    ) {
      const response = await get("/operator/metrics", {
        headers: { origin: `${origin}`, "x-operator-token": TOKEN },
      });
      assertStringIncludes(await response.text(), "weir_seats_occupied");
      const answer = response.headers.get("access-control-allow-origin");
      assertEquals(answer, allowed ? `${origin}` : null);
      assertEquals(response.headers.get("vary"), "Origin");
    }
  }),
  check("the operator evicts a session, and its seat is free", async (get) => {
    const headers = { "x-operator-token": TOKEN };
    const listed = await (await get("/operator/sessions", { headers })).json();
    const path = `/operator/sessions/${listed.sessions[0].id}`;
    const evicted = await get(path, { method: "DELETE", headers });
    assertEquals([evicted.status, await evicted.json()], [200, { evicted: listed.sessions[0].id }]);
    const next = await get(CARD, { headers: { "x-forwarded-for": "198.51.100.2" } });
    assertEquals((await next.json()).notice, undefined);
  }),
];

type Get = (path: string, init?: RequestInit) => Promise<Response>;

function check(claim: string, run: (get: Get, place: Place) => Promise<void>): HttpCheck {
  return {
    claim,
    run: (place) => run((path, init) => fetch(place.origin + path, init), place),
  };
}

function assertOpen(response: Response): void {
  assertEquals(response.headers.get("access-control-allow-origin"), "*");
}

async function assertError(
  response: Response,
  status: number,
  err: string,
  { open } = { open: true },
): Promise<void> {
  assertEquals([response.status, await response.json()], [status, { err }]);
  if (open) assertOpen(response);
}
