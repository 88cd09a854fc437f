import {
  type AskSource,
  createAskSource,
  type SourceAsk,
  SourceRefusedError,
} from "../src/delivery/source.ts";
import { parseRange } from "../src/http/address.ts";
import { assert, assertEquals, assertRejects } from "./support/assert.ts";
import { startOrigin } from "./support/origin.ts";

const FILM = "https://films.example/a.mp4";
const NEVER = new AbortController().signal;

/** A source made of redirects: where each URL leads; all others answer with bytes. */
function sourceOf(leads: Record<string, string>, options: {
  allow?: string[];
  hosts?: Record<string, string[]>;
} = {}): { ask: AskSource; asked: Request[]; discarded: string[] } {
  const asked: Request[] = [];
  const discarded: string[] = [];
  const { hosts } = options;
  const ask = createAskSource({
    fetch(request) {
      asked.push(request);
      const location = leads[request.url];
      const body = new ReadableStream({ cancel: () => void discarded.push(request.url) });
      const init = location === undefined ? {} : { status: 302, headers: { location } };
      return Promise.resolve(new Response(body, init));
    },
    allowPrivate: (options.allow ?? []).map((text) => parseRange(text)!),
    ...(hosts && { resolveHost: (name: string) => Promise.resolve(hosts[name] ?? []) }),
  });
  return { ask, asked, discarded };
}

function askFor(url: string, more: Partial<SourceAsk> = {}): SourceAsk {
  return { url, method: "GET", headers: {}, wanted: {}, ...more };
}

async function isRefused(ask: AskSource, url: string): Promise<void> {
  await assertRejects(() => ask(askFor(url), NEVER), SourceRefusedError, "", url);
}

function headersOf(request: Request | undefined): Record<string, string> {
  return Object.fromEntries(request!.headers);
}

Deno.test("askSource() asks as the client does, for plain bytes", async () => {
  const { ask, asked } = sourceOf({});
  const wanted = { range: "bytes=5-", "if-range": '"a"', "user-agent": "Player/1" };
  const { url } = await ask(askFor(FILM, { method: "HEAD", wanted }), NEVER);
  assertEquals([url, asked[0]!.method, asked[0]!.redirect], [FILM, "HEAD", "manual"]);
  assertEquals(headersOf(asked[0]), { ...wanted, "accept-encoding": "identity" });
});

Deno.test("askSource() sends the row's headers, in whatever case, over the client's", async () => {
  const { ask, asked } = sourceOf({});
  const headers = { "User-Agent": "Row/1", Referer: "https://x.example/", "Accept-Encoding": "br" };
  await ask(askFor(FILM, { headers, wanted: { "user-agent": "Player/1" } }), NEVER);
  assertEquals(headersOf(asked[0]), {
    "user-agent": "Row/1",
    referer: "https://x.example/",
    "accept-encoding": "identity",
  });
});

Deno.test("askSource() leaves range and connection to those whose they are", async () => {
  const { ask, asked } = sourceOf({});
  const headers = {
    Range: "bytes=0-",
    "If-Range": '"row"',
    Connection: "keep-alive",
    "Transfer-Encoding": "chunked",
    "Content-Length": "7",
    Expect: "100-continue",
    Trailer: "x-own",
    "Proxy-Connection": "keep-alive",
    "X-Own": "1",
  };
  await ask(askFor(FILM, { headers, wanted: { range: "bytes=5-" } }), NEVER);
  await ask(askFor(FILM, { headers }), NEVER);
  assertEquals(headersOf(asked[0]), {
    range: "bytes=5-",
    "x-own": "1",
    "accept-encoding": "identity",
  });
  assertEquals(asked[1]!.headers.get("range"), null);
});

Deno.test("askSource() sends a URL's name and password as a header", async () => {
  const { ask, asked } = sourceOf({});
  const { url } = await ask(askFor("https://an%40na:p%C3%A4ss@films.example/a.mp4"), NEVER);
  assertEquals(asked[0]!.url, FILM);
  const sent = asked[0]!.headers.get("authorization")!.replace("Basic ", "");
  assertEquals(
    Uint8Array.from(atob(sent), (it) => it.charCodeAt(0)),
    new TextEncoder().encode("an@na:päss"),
  );
  assertEquals(new URL("b.ts", url).username, "an%40na");
  await ask(askFor("https://100%:5%zz%ff@films.example/a.mp4"), NEVER);
  assertEquals(atob(asked[1]!.headers.get("authorization")!.slice(6)), "100%:5%zz\xff");
  const headers = { authorization: "Bearer x" };
  await ask(askFor("https://anna:x@films.example/", { headers }), NEVER);
  assertEquals(asked[2]!.headers.get("authorization"), "Bearer x");
});

Deno.test("askSource() follows five redirects, relative ones too, and no sixth", async () => {
  const leads: Record<string, string> = {
    [FILM]: "/1",
    "https://films.example/1": "2?x=1#y",
    "https://films.example/2?x=1#y": "//cdn.example/3",
    "https://cdn.example/3#y": "https://films.example/4#z",
    "https://films.example/4#z": "./5",
  };
  const { ask, asked, discarded } = sourceOf(leads);
  const { url, response } = await ask(askFor(FILM), NEVER);
  assertEquals(url, "https://films.example/5#z");
  assertEquals([response.status, asked.length], [200, 6]);
  assertEquals(discarded, asked.slice(0, 5).map((request) => request.url));

  const longer = sourceOf({ ...leads, "https://films.example/5#z": "/6" });
  await isRefused(longer.ask, FILM);
  assertEquals([longer.asked.length, longer.discarded.length], [6, 6]);
});

Deno.test("askSource() refuses a circle, and redirects that lead to no web address", async () => {
  await isRefused(sourceOf({ [FILM]: FILM }).ask, FILM);
  for (const location of ["file:///etc/passwd", "ftp://films.example/", "data:,x", "http://", ""]) {
    const { ask, asked } = sourceOf({ [FILM]: location });
    await isRefused(ask, FILM);
    assert(asked.every((request) => request.url === FILM), location);
  }
});

Deno.test("askSource() gives an answer of 3xx that leads nowhere as it is", async () => {
  const ask = createAskSource({
    fetch: () => Promise.resolve(new Response(null, { status: 304 })),
    allowPrivate: [],
  });
  assertEquals((await ask(askFor(FILM), NEVER)).response.status, 304);
});

Deno.test("askSource() keeps what is secret from other origins", async () => {
  const headers = {
    Authorization: "Bearer x",
    COOKIE: "a=b",
    "Proxy-Authorization": "Basic x",
    Host: "films.example",
    "X-Own": "1",
  };
  const others = [
    "https://cdn.example/a.mp4",
    "http://films.example/a.mp4",
    "https://films.example:8443/a.mp4",
  ];
  for (const other of others) {
    const { ask, asked } = sourceOf({ [FILM]: other });
    await ask(askFor(FILM, { headers }), NEVER);
    assertEquals(asked[0]!.headers.get("authorization"), "Bearer x");
    assertEquals(asked[0]!.headers.get("cookie"), "a=b");
    assertEquals(headersOf(asked[1]), { "x-own": "1", "accept-encoding": "identity" }, other);

    const part = sourceOf({});
    await part.ask(askFor(other, { headers, home: FILM }), NEVER);
    assertEquals(headersOf(part.asked[0]), { "x-own": "1", "accept-encoding": "identity" }, other);
  }
  const { ask, asked } = sourceOf({ [FILM]: "/b.mp4" });
  await ask(askFor(FILM, { headers }), NEVER);
  assertEquals(asked[1]!.headers.get("cookie"), "a=b");
});

Deno.test("askSource() asks no private address, however it is written", async () => {
  const hosts = [
    "127.0.0.1",
    "127.1",
    "0x7f.1",
    "0177.0.0.1",
    "2130706433",
    "127.0.0.1.",
    "１２７.0.0.1",
    "0",
    "0.0.0.0",
    "10.0.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.1",
    "198.19.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:0a00:0001]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[::ffff:0:a00:1]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b:1::a00:1]",
    "[2002:7f00:1::]",
    "[2001:0:1::1]",
    "[fc00::1]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[100::1]",
    "[2001:2::1]",
    "[5f00::1]",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "a.localhost.",
  ];
  for (const host of hosts) {
    const direct = sourceOf({});
    await isRefused(direct.ask, `http://${host}:8080/a.mp4`);
    assertEquals(direct.asked, [], host);
    const location = `//${host.replaceAll(/[^ -~]/g, encodeURIComponent)}/`;
    const hop = sourceOf({ [FILM]: location });
    await isRefused(hop.ask, FILM);
    assertEquals([hop.asked.length, hop.discarded.length], [1, 1], host);
  }
});

Deno.test("askSource() asks public addresses, and names that are nothing like localhost", async () => {
  for (
    const host of [
      "9.9.9.9",
      "172.32.0.1",
      "192.167.1.1",
      "[2606:4700::1111]",
      "notlocalhost",
      "localhost.example",
    ]
  ) {
    const { ask, asked } = sourceOf({});
    await ask(askFor(`http://${host}/`), NEVER);
    assertEquals(asked.length, 1, host);
  }
});

Deno.test("askSource() judges names by all of their addresses, where they are known", async () => {
  const hosts = {
    "films.example": ["9.9.9.9", "2606:4700::1111"],
    "inside.example": ["192.168.1.7"],
    "both.example": ["9.9.9.9", "::1"],
    "odd.example": ["nonsense"],
    "none.example": [],
  };
  const { ask } = sourceOf({}, { hosts });
  assertEquals((await ask(askFor(FILM), NEVER)).response.status, 200);
  for (const name of ["inside", "both", "odd", "none"]) {
    await isRefused(ask, `https://${name}.example/`);
    const hop = sourceOf({ [FILM]: `https://${name}.example/` }, { hosts });
    await isRefused(hop.ask, FILM);
    assertEquals(hop.asked.length, 1, name);
  }
});

Deno.test("askSource() asks the private networks that are allowed, and no others", async () => {
  const hosts = { "nas.home": ["192.168.1.7"], "both.home": ["192.168.1.7", "10.0.0.1"] };
  const { ask } = sourceOf({}, { hosts, allow: ["192.168.1.0/24", "127.0.0.1"] });
  for (
    const url of [
      "http://192.168.1.9/",
      "http://nas.home/",
      "http://127.0.0.1:8080/",
      "http://[::ffff:192.168.1.9]/",
      "http://localhost/",
    ]
  ) assertEquals((await ask(askFor(url), NEVER)).response.status, 200, url);
  for (const host of ["192.168.2.9", "127.0.0.2", "both.home", "10.0.0.1"]) {
    await isRefused(ask, `http://${host}/`);
  }
});

Deno.test("askSource() asks nobody once it is not wanted any more", async () => {
  await using origin = startOrigin();
  const ask = createAskSource({ fetch, allowPrivate: [parseRange("127.0.0.0/8")!] });
  await assertRejects(() => ask(askFor(`${origin.url}/file/1/10/a`), AbortSignal.abort()));
  assertEquals(origin.requests, []);
});

Deno.test("askSource() follows a real source from hop to hop, its fragment kept to itself", async () => {
  await using origin = startOrigin();
  const ask = createAskSource({ fetch, allowPrivate: [parseRange("127.0.0.0/8")!] });
  const headers = { authorization: "Bearer x" };
  const target = `${origin.url}/hop/2/away/file/1/10/a.mp4#x=1`;
  const { response, url } = await ask(askFor(target, { headers }), NEVER);
  assertEquals(url, `${origin.otherUrl}/file/1/10/a.mp4#x=1`);
  assertEquals((await response.arrayBuffer()).byteLength, 10);
  assertEquals(origin.requests.map(({ headers }) => headers.get("authorization")), [
    "Bearer x",
    "Bearer x",
    "Bearer x",
    null,
  ]);
  await isRefused(ask, `${origin.url}/circle/`);
});
