import { OPERATOR_TOKEN } from "./support/app.ts";
import { assert, assertEquals } from "./support/assert.ts";
import { filmSource } from "./support/film_source.ts";
import { PLAYLISTS } from "./support/playlists.ts";
import { pathOf, type PlayApp, playApp } from "./support/playing.ts";
import { streamPath } from "./support/viewers.ts";

/** What nobody may ever see: each a text that stands nowhere else. */
const SEEDS = [
  "hidden-host",
  "hidden-path",
  "hidden-file",
  "hidden-query",
  "hidden-header",
  "hidden-name",
  "hidden-word",
];
const FILE = "https://hidden-name:hidden-word@hidden-host.example/hidden-path/hidden-file";
const QUERY = "?token=hidden-query";
const HEADERS = { "x-key": "hidden-header" };

/** Everything that left the process, as texts. */
type Left = { [where: string]: string };

async function said(response: Response): Promise<string> {
  const headers = JSON.stringify([...response.headers]);
  const body = await response.text().catch((error) => String(error?.stack ?? error));
  return `${response.status} ${headers}\n${body}`;
}

/** A text, and what its base64url words hold. */
function readable(text: string): string {
  const words = text.match(/[A-Za-z0-9_-]{16,}/g) ?? [];
  const decoded = words.flatMap((word) => {
    try {
      return atob(word.replaceAll("-", "+").replaceAll("_", "/"));
    } catch {
      return [];
    }
  });
  return [text, decodeURIComponent(text.replaceAll(/%(?![\da-f]{2})/gi, "%25")), ...decoded]
    .join("\n").toLowerCase();
}

function assertHidden(left: Left): void {
  for (const [where, text] of Object.entries(left)) {
    const found = SEEDS.filter((seed) => readable(text).includes(seed));
    assertEquals(found, [], `${where}: ${text.slice(0, 2000)}`);
  }
}

async function around(app: PlayApp): Promise<Left> {
  const headers = { "x-operator-token": OPERATOR_TOKEN };
  return {
    logs: JSON.stringify(app.logs),
    sessions: await said(await app.get("/operator/sessions", { headers })),
    metrics: await said(await app.get("/operator/metrics", { headers })),
    ready: await said(await app.get("/ready")),
    page: await said(await app.get("/")),
  };
}

function hiddenApp(extension: string, reply: (request: Request) => Response): PlayApp {
  return playApp("proxy", {
    film: filmSource(reply),
    rows: () => [{ url: `${FILE}.${extension}${QUERY}`, headers: HEADERS, runtimeSec: 60 }],
  });
}

/** Lists, opens by every method, and follows whatever is named. */
async function journey(app: PlayApp): Promise<Left> {
  const left: Left = {};
  const listed = await app.get(streamPath("weir:a"));
  left.list = await said(listed.clone());
  const { streams } = await listed.json();
  const queue = [pathOf(streams[0])];
  for (const path of queue) {
    for (const method of ["HEAD", "GET"]) {
      left[`${method} ${queue.indexOf(path)}`] = await said(await app.open(path, { method }));
    }
    const headers = { accept: "application/json", range: "bytes=5-" };
    const part = await said(await app.open(path, { headers }));
    left[`part ${queue.indexOf(path)}`] = part;
    if (queue.length < 12) queue.push(...part.match(/\/play\/[\w-]+\/[\w.-]+/g) ?? []);
  }
  return { ...left, ...await around(app) };
}

const FAULTS: Record<string, (request: Request) => Response> = {
  "an error": ({ url }) => {
    throw new TypeError(`error sending request for url (${url})`, { cause: new Error(url) });
  },
  "an error's page": ({ url }) => new Response(`no ${url}`, { status: 500 }),
  "a refusal with headers": ({ url }) =>
    new Response("no", { status: 403, headers: { "link": url, "content-location": url } }),
  "headers of its own": ({ url }) =>
    new Response("0123456789", {
      headers: {
        "content-type": "video/mp4",
        "content-length": "10",
        "content-location": url,
        "link": `<${url}>`,
        "refresh": `0;url=${url}`,
        "x-source": url,
      },
    }),
  "a redirect into a private network": ({ url }) =>
    new Response(null, { status: 302, headers: { location: `http://10.0.0.1/?from=${url}` } }),
  "a redirect that is none": ({ url }) =>
    new Response(null, { status: 302, headers: { location: `https://[${url}` } }),
  "a circle": ({ url }) => new Response(null, { status: 302, headers: { location: url } }),
  "an answer that means nothing": () => new Response(null, { status: 204 }),
  "416": ({ url }) =>
    new Response(url, { status: 416, headers: { "content-range": "bytes */1000", "link": url } }),
  "a body that breaks": ({ url }) =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new Uint8Array(5));
          controller.error(new TypeError(`error reading a body from ${url}`));
        },
      }),
      { headers: { "content-type": "video/mp4", "content-length": "10" } },
    ),
  "DASH": ({ url }) =>
    new Response(`<MPD><BaseURL>${url}</BaseURL></MPD>`, {
      headers: { "content-type": "application/dash+xml" },
    }),
  "a list of assets": ({ url }) => Response.json({ ASSETS: [{ URI: url }] }),
  "a playlist that says to be a film": ({ url }) =>
    new Response(`#EXTM3U\n${url}\n`, { headers: { "content-type": "video/mp4" } }),
  "a playlist that is encoded": ({ url }) =>
    new Response(`#EXTM3U\n${url}\n`, {
      headers: { "content-type": "video/mp4", "content-encoding": "x-own" },
    }),
};

for (const [fault, reply] of Object.entries(FAULTS)) {
  Deno.test(`proxy: nobody learns of the source from ${fault}`, async () => {
    for (const extension of ["mp4", "m3u8"]) {
      const app = hiddenApp(extension, reply);
      const left = await journey(app);
      assert(app.film.requests.length > 0);
      assertHidden(left);
    }
  });
}

Deno.test("proxy: nobody learns of the source from a playlist of any kind", async () => {
  const home = "https://hidden-host.example/hidden-path";
  for (const [kind, text] of Object.entries(PLAYLISTS)) {
    const written = text.replaceAll(/https?:\/\/[\w.:]+/g, home).replace(
      "#EXTM3U",
      `#EXTM3U\n# by ${home}/maker${QUERY}\n#EXT-X-SESSION-DATA:DATA-ID="a",VALUE="${home}/"`,
    );
    const app = hiddenApp(
      "m3u8",
      ({ url }) =>
        new Response(/film\.m3u8|\.m3u8/.test(url) ? written : "0123456789", {
          headers: {
            "content-type": url.includes(".m3u8") ? "application/x-mpegURL" : "video/mp2t",
          },
        }),
    );
    const left = await journey(app);
    assert(left["GET 0"]!.includes("/play/"), kind);
    assertHidden(left);
  }
});

Deno.test("proxy: nobody learns of the source from a broker that fails", async () => {
  const app = playApp("proxy", {
    delivery: { resolveAt: "play" },
    bounds: {},
    rows: () => {
      throw new RangeError(`cannot read ${FILE}.mp4${QUERY}`);
    },
  });
  assertHidden(await journey(app));
  assert(app.logs.some(({ level }) => level === "error"));
});

Deno.test("redirect: neither log, metrics nor operator learn of the source", async () => {
  const app = playApp("redirect", {
    rows: () => [{ url: `${FILE}.mp4${QUERY}`, headers: HEADERS }],
  });
  const { location } = Object.fromEntries((await app.open(await app.path())).headers);
  assertEquals(location, `${FILE}.mp4${QUERY}`);
  assertHidden(await around(app));
});

Deno.test("no ticket tells its viewer's address, and no line of the log a ticket", async () => {
  const app = playApp("proxy");
  const path = await app.path();
  await (await app.open(path)).body!.cancel();
  const [, , ticket = ""] = path.split("/");
  const logs = JSON.stringify(app.logs);
  assert(app.logs.length >= 2 && !logs.includes(ticket.slice(0, 20)) && !logs.includes("203.0."));
  for (const known of ["203.0.113.1", "weir:a", "play-"]) {
    assert(!readable(path).includes(known), known);
  }
});
