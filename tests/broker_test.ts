import { BadReplyError, StatusError } from "../src/ports.ts";
import { createBrokerProbe, createHttpBroker, readSources } from "../src/upstream/broker.ts";
import { assertEquals, assertRejects, assertThrows } from "./support/assert.ts";

const URL_A = "https://films.example/a.mp4";
const URL_B = "http://10.0.0.7:8080/b.mkv?t=1#x";
const { signal } = new AbortController();

/** A broker that answers `respond`, and the requests that reached it. */
function broker(respond: (request: Request) => Response | Promise<Response>, token?: string) {
  const requests: Request[] = [];
  const resolve = createHttpBroker({
    url: "https://broker.example/base/",
    ...(token === undefined ? {} : { token }),
    fetch: (request, init) => {
      requests.push(new Request(request, init));
      return Promise.resolve(respond(request));
    },
  });
  return { resolve: async (episode = "weir:a:1:2") => await resolve(episode, signal), requests };
}

Deno.test("resolve() asks GET {BROKER_URL}/api/resolve?episode=<id>, with the token where there is one", async () => {
  const { resolve, requests } = broker(() => Response.json({ url: URL_A }), "secret");
  await resolve("weir:a/b&c=é 1");
  const [request] = requests;
  assertEquals(request!.method, "GET");
  assertEquals(
    request!.url,
    "https://broker.example/base/api/resolve?episode=weir%3Aa%2Fb%26c%3D%C3%A9%201",
  );
  assertEquals(request!.headers.get("authorization"), "Bearer secret");
  const plain = broker(() => Response.json({ url: URL_A }));
  await plain.resolve();
  assertEquals(plain.requests[0]!.headers.has("authorization"), false);
});

Deno.test("readSources() reads every form of an answer", () => {
  const one = [{ url: URL_A }];
  const both = [{ url: URL_A }, { url: URL_B }];
  const forms: [unknown, unknown][] = [
    [{ streams: [{ url: URL_A }, { url: URL_B }] }, both],
    [{ url: URL_A }, one],
    [{ streamUrl: URL_A }, one],
    [{ link: URL_A }, one],
    [{ links: [URL_A, { url: URL_B }] }, both],
  ];
  for (const [form, sources] of forms) {
    assertEquals(readSources(form), sources as never);
    assertEquals(readSources({ result: form }), sources as never);
    assertEquals(readSources({ url: null, link: null, result: form }), sources as never);
  }
});

Deno.test("readSources() keeps what stands beside a URL", () => {
  const beside = { filename: "a.mp4", title: "1080p", videoSize: 123, runtimeSec: 60.5 };
  const source = { url: URL_A, filename: "a.mp4", name: "1080p", videoSize: 123, runtimeSec: 60.5 };
  assertEquals(readSources({ streamUrl: URL_A, ...beside }), [source]);
  assertEquals(readSources({ links: [URL_A, { url: URL_B, title: "720p" }], ...beside }), [
    source,
    { ...source, url: URL_B, name: "720p" },
  ]);
  const headers = { Referer: "https://films.example/", "X-A": "1" };
  const row = { name: "4K", title: "unused", description: "HDR", headers };
  assertEquals(readSources({ streams: [{ url: URL_A, ...row }] }), [
    { url: URL_A, name: "4K", description: "HDR", headers },
  ]);
});

Deno.test("readSources() leaves out a wrong field, and drops a wrong row", () => {
  const wrong = {
    name: 7,
    description: ["x"],
    filename: " ",
    videoSize: 1.5,
    runtimeSec: -1,
    headers: { "bad name": "x", ok: "line\nbreak", n: 1 },
  };
  assertEquals(readSources({ streams: [{ url: URL_A, ...wrong }] }), [{ url: URL_A }]);
  for (const runtimeSec of [Infinity, 1e15, 86_401]) {
    assertEquals(readSources({ url: URL_A, runtimeSec }), [{ url: URL_A }]);
  }
  const rows = ["/a.mp4", "//films.example/a.mp4", "ftp://films.example/a", "javascript:1", "", 7];
  const streams = [...rows.map((url) => ({ url })), null, "x", [], {}, { url: URL_B }];
  assertEquals(readSources({ streams }), [{ url: URL_B }]);
});

Deno.test("readSources() takes an answer without a row for nonsense", () => {
  const nonsense = [
    null,
    7,
    "https://films.example/a.mp4",
    [],
    [{ url: URL_A }],
    {},
    { streams: [] },
    { streams: [{ url: "/a.mp4" }] },
    { links: [] },
    { url: 7 },
    { result: { result: { url: URL_A } } },
    { result: URL_A },
  ];
  for (const each of nonsense) assertThrows(() => readSources(each), BadReplyError);
});

Deno.test("resolve() throws the status of an answer that is no success, its body cancelled", async () => {
  for (const status of [404, 429, 500, 503]) {
    let cancelled = false;
    const body = new ReadableStream({ cancel: () => void (cancelled = true) });
    const headers = { "retry-after": "3" };
    const { resolve } = broker(() => new Response(body, { status, headers }));
    const error = await assertRejects(() => resolve(), StatusError);
    assertEquals([error.status, error.retryAfterMs, cancelled], [status, 3000, true]);
  }
});

Deno.test("resolve() reads Retry-After in seconds alone", async () => {
  for (const given of ["Wed, 21 Oct 2026 07:28:00 GMT", "-1", "1.5", "", "99999999999"]) {
    const { resolve } = broker(() =>
      new Response("", { status: 503, headers: { "retry-after": given } })
    );
    assertEquals((await assertRejects(() => resolve(), StatusError)).retryAfterMs, undefined);
  }
});

Deno.test("resolve() takes what is no JSON for nonsense", async () => {
  for (const body of ["<html>", "", '{"url":', "\u0000", null]) {
    const { resolve } = broker(() => new Response(body));
    await assertRejects(() => resolve(), BadReplyError);
  }
});

Deno.test("resolve() reads at most 64 KiB, announced or not", async () => {
  const text = JSON.stringify({ url: URL_A });
  const padded = (size: number) => text.padEnd(size, " ");
  assertEquals(await broker(() => new Response(padded(65_536))).resolve(), [{ url: URL_A }]);
  await assertRejects(() => broker(() => new Response(padded(65_537))).resolve(), BadReplyError);

  let pulled = 0;
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      pulled += 16_384;
      controller.enqueue(new Uint8Array(16_384));
    },
    cancel: () => void (cancelled = true),
  });
  await assertRejects(() => broker(() => new Response(endless)).resolve(), BadReplyError);
  assertEquals([pulled <= 7 * 16_384, cancelled], [true, true]);

  let read = false;
  const announced = new ReadableStream({ pull: () => void (read = true) }, { highWaterMark: 0 });
  const headers = { "content-length": "10000000" };
  const { resolve } = broker(() => new Response(announced, { headers }));
  await assertRejects(() => resolve(), BadReplyError);
  assertEquals(read, false);
});

Deno.test("resolve() reads texts that are cut anywhere between chunks", async () => {
  const bytes = new TextEncoder().encode(JSON.stringify({ url: URL_A, title: "Élan €" }));
  const { resolve } = broker(() =>
    new Response(ReadableStream.from([...bytes].map((byte) => Uint8Array.of(byte))))
  );
  assertEquals(await resolve(), [{ url: URL_A, name: "Élan €" }]);
});

Deno.test("probe() is content with any answer but that of a gateway which reaches nothing", async () => {
  const probe = async (status: number) => {
    const fetch = () => Promise.resolve(new Response("x", { status }));
    await createBrokerProbe({ url: "https://broker.example", fetch })(signal);
  };
  for (const status of [200, 401, 404, 500]) await probe(status);
  for (const status of [502, 503, 504]) await assertRejects(() => probe(status), StatusError);
});
