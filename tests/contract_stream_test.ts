// The stream contract: whatever happens behind it, a stream answer is one that
// every Stremio client reads, and says what its cause's row of the degraded table says.

import type { Cause } from "../src/addon/degraded.ts";
import type { ClipName } from "../src/demo/mod.ts";
import { StatusError } from "../src/ports.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "./support/assert.ts";
import { BOUNDS, testApp } from "./support/app.ts";
import { askWhile, brokerApp, hang, SINTEL } from "./support/ask.ts";
import { GOOD_FORMS, NONSENSE, WRONG_ROWS } from "./support/broker_replies.ts";
import { PROVOKE } from "./support/causes.ts";
import { readStreams, type StreamRead } from "./support/stremio.ts";

const NO_STORE = "private, no-store";
const CAUSES = Object.keys(PROVOKE) as Cause[];
const openHours = { from: 20 * 60, to: 23 * 60, timeZone: "Europe/Berlin" };
const LLAMA = "/stream/series/weir:caminandes:1:1.json";

async function rowsFor(reply: unknown): Promise<StreamRead[]> {
  const app = brokerApp(() => Response.json(reply));
  return (await readStreams(await askWhile(app, SINTEL))).streams;
}

Deno.test("a stream is a row that every client reads, kept by nobody", async () => {
  const response = await testApp().get(SINTEL);
  assertEquals(response.headers.get("cache-control"), NO_STORE);
  assertEquals(await readStreams(response), {
    streams: [{
      name: "1080p",
      url: "https://films.example/sintel.mp4",
      behaviorHints: {
        notWebReady: true,
        bingeGroup: "org.weir.sample|1080p",
        filename: "sintel.mp4",
        videoSize: 123,
        proxyHeaders: { request: { Referer: "https://films.example/" } },
      },
    }],
  });
});

Deno.test("a clip of our own stands under the request's origin, and is web-ready there", async () => {
  const { streams: [row] } = await readStreams(await testApp().get(LLAMA));
  assertEquals(row?.url, "https://weir.example/clips/llama.mp4");
  assertEquals(row?.name, "Sample");
  assertEquals(row?.behaviorHints.notWebReady, false);
  const request = new Request(`http://192.168.1.9:8000${LLAMA}`);
  const plain = await testApp().handle(request, { address: "192.168.1.2" });
  assertEquals((await readStreams(plain)).streams[0]?.behaviorHints.notWebReady, false);
});

Deno.test("a stream is web-ready where it is MP4 over https, or over http on a loopback host", async () => {
  const ready: Record<string, boolean> = {
    "https://films.example/a.mp4": true,
    "https://films.example/A.MP4?token=1": true,
    "http://127.0.0.1:9000/a.mp4": true,
    "http://localhost/a.mp4": true,
    "http://[::1]/a.mp4": true,
    "http://films.example/a.mp4": false,
    "https://films.example/a.mkv": false,
    "https://films.example/play?file=a.mp4": false,
    "http://127.example/a.mp4": false,
  };
  const rows = await rowsFor({ links: Object.keys(ready) });
  assertEquals(rows.map((row) => [row.url, !row.behaviorHints.notWebReady]), Object.entries(ready));
  const named = await rowsFor({ url: "https://films.example/play/1", filename: "a.mp4" });
  assertEquals(named[0]?.behaviorHints.notWebReady, false);
});

Deno.test("the next episode starts by itself: rows of the same name have the same bingeGroup", async () => {
  const app = brokerApp(() =>
    Response.json({
      streams: ["1080p", "720p"].map((name) => ({ name, url: "https://a.example" })),
    })
  );
  const groups = async (path: string) =>
    (await readStreams(await askWhile(app, path))).streams.map((row) =>
      row.behaviorHints.bingeGroup
    );
  const first = await groups(LLAMA);
  assertEquals(await groups("/stream/series/weir:caminandes:1:2.json"), first);
  assertEquals(new Set(first).size, 2);
});

for (const [form, [reply, urls]] of Object.entries(GOOD_FORMS)) {
  Deno.test(`a broker's answer with ${form} gives a row for each URL, in its order`, async () => {
    assertEquals((await rowsFor(reply)).map(({ url }) => url), urls);
  });
}

Deno.test("what stands beside the URL is shown with each row, what is of the wrong type is left out", async () => {
  const beside = { filename: "a.mp4", title: "1080p", videoSize: 5, runtimeSec: 60, name: 7 };
  const [row] = await rowsFor({ url: "https://films.example/a.mp4", ...beside });
  assertEquals([row?.name, row?.behaviorHints.filename, row?.behaviorHints.videoSize], [
    "1080p",
    "a.mp4",
    5,
  ]);
  for (const videoSize of [-1, 1.5, "5", null, {}, 2 ** 60]) {
    const [wrong] = await rowsFor({ url: "https://films.example/a.mp4", videoSize });
    assertEquals("videoSize" in wrong!.behaviorHints, false, String(videoSize));
  }
  for (const wrong of [7, null, ["a"], { a: 1 }, " "]) {
    const fields = { name: wrong, description: wrong, filename: wrong, headers: wrong };
    const [row] = await rowsFor({ streams: [{ url: "https://films.example/a.mp4", ...fields }] });
    assertEquals([row?.name, row?.description], ["Sample", undefined]);
    assertEquals(Object.keys(row!.behaviorHints), ["notWebReady", "bingeGroup"]);
  }
});

Deno.test("a row that is wrong is dropped, and the others are shown", async () => {
  const good = { url: "https://films.example/a.mp4", name: "good" };
  for (const wrong of WRONG_ROWS) {
    const rows = await rowsFor({ streams: [wrong, good, wrong] });
    assertEquals(rows.map(({ name }) => name), ["good"], JSON.stringify(wrong));
  }
});

Deno.test("the broker is asked for the decoded episode, with its token", async () => {
  const app = brokerApp(() => Response.json({ url: "https://films.example/a.mp4" }));
  await askWhile(app, "/stream/series/weir%3Aa%2Fb%26c%3A1%3A2.json");
  const [request, ...more] = app.asked;
  assertEquals(more, []);
  const url = "https://broker.example/base/api/resolve?episode=weir%3Aa%2Fb%26c%3A1%3A2";
  assertEquals([request?.method, request?.url], ["GET", url]);
  assertEquals(request?.headers.get("authorization"), "Bearer the-token-of-the-broker");
});

for (const [what, { reply, cause }] of Object.entries(NONSENSE)) {
  Deno.test(`a broker that answers ${what} is ${cause}, within budget, and costs no seat`, async () => {
    const app = brokerApp(reply);
    const started = app.clock.now();
    let answeredAt = Infinity;
    await app.get(SINTEL, { method: "HEAD" });
    const asked = app.get(SINTEL).finally(() => answeredAt = app.clock.now());
    while (answeredAt === Infinity && app.clock.now() - started < 20_000) {
      await app.clock.advance(100);
    }
    const { notice, streams } = await readStreams(await asked);
    assertEquals([notice?.cause, streams.length], [cause, 1]);
    assert(answeredAt - started <= BOUNDS.totalTimeoutMs + 100, `${answeredAt - started} ms`);
    assertEquals((await app.gate.list()).seats, []);
  });
}

Deno.test("a broker that does not know the episode is not_found, and costs no seat", async () => {
  const app = brokerApp(() => new Response("no", { status: 404 }));
  const response = await askWhile(app, SINTEL);
  assertEquals(response.headers.get("cache-control"), "private, max-age=60");
  const { streams, notice } = await readStreams(response);
  assertEquals([streams, notice?.cause], [[], "not_found"]);
  assertEquals([app.asked.length, (await app.gate.list()).seats], [1, []]);
});

/** The clip of each cause, and whether `NOTICE=empty` leaves it out. */
const SHOWN: Record<Cause, { clip?: ClipName; unlessEmpty?: true }> = {
  capacity: { clip: "capacity", unlessEmpty: true },
  closed: { clip: "closed", unlessEmpty: true },
  dependency_timeout: { clip: "slow" },
  dependency_unavailable: { clip: "unavailable" },
  internal: { clip: "unavailable" },
  superseded: {},
  not_found: {},
};

for (const cause of CAUSES) {
  for (const notice of ["video", "empty"] as const) {
    Deno.test(`${cause} with NOTICE=${notice} is its row of the table, twice the same bytes`, async () => {
      const { response } = await PROVOKE[cause]({ notice });
      const again = await PROVOKE[cause]({ notice });
      assertEquals(await again.response.text(), await response.clone().text());
      assertEquals([...again.response.headers], [...response.headers]);
      const kept = cause === "not_found" ? "private, max-age=60" : NO_STORE;
      assertEquals(response.headers.get("cache-control"), kept);
      const body = await readStreams(response);
      const { clip, unlessEmpty } = SHOWN[cause];
      const shown = clip !== undefined && !(unlessEmpty && notice === "empty");
      assertEquals(
        body.streams.map(({ url }) => url),
        shown ? [`https://weir.example/clips/${clip}.mp4`] : [],
      );
      assertEquals(body.notice?.cause, cause);
      for (const row of body.streams) {
        assertEquals(row.description, body.notice?.message);
        assertEquals(row.behaviorHints, { notWebReady: false });
      }
    });
  }

  Deno.test(`${cause} tells when to try again where that is known, and is one line of the log`, async () => {
    const { app, response } = await PROVOKE[cause]();
    const { notice } = await readStreams(response);
    // The seat was seen 12.345 s ago and is protected for 45 s; it opens at 08:00, and it is 19:30.
    const seconds = { capacity: 33, closed: 12.5 * 3600 } as Partial<Record<Cause, number>>;
    assertEquals(notice?.retryAfterSec, seconds[cause]);
    const lines = app.logs.filter(({ event, cause: told }) => event === "stream" && told === cause);
    assertEquals(lines.length, 1);
    const bugs = app.logs.filter(({ level, event }) => level === "error" && event === "bug");
    assertEquals(bugs.length, cause === "internal" ? 1 : 0);
  });
}

Deno.test("a gate that cannot be asked shows the viewer the cause", async () => {
  const { gate } = testApp();
  const failing = { ...gate, admit: () => Promise.reject(new StatusError(500)) };
  const hanging = { ...gate, admit: (_: unknown, signal?: AbortSignal) => hang(signal!) };
  for (
    const [broken, cause] of [[failing, "dependency_unavailable"], [hanging, "dependency_timeout"]]
  ) {
    const app = testApp({ gate: broken as typeof gate, bounds: { gate: BOUNDS } });
    const { notice } = await readStreams(await askWhile(app, SINTEL));
    assertEquals(notice?.cause, cause as string);
  }
});

Deno.test("streams that cannot be shaped are none, whoever resolves, and no seat is kept", async () => {
  for (const sources of [[], [{ url: "" }], [{ url: "//films.example/a" }, { url: "no URL" }]]) {
    for (const bounds of [{}, { broker: BOUNDS }]) {
      const app = testApp({ resolve: () => sources, bounds });
      const { notice } = await readStreams(await askWhile(app, SINTEL));
      assertEquals(notice?.cause, "dependency_unavailable");
      assertEquals((await app.gate.list()).seats, []);
    }
  }
});

Deno.test("a bug on the way is internal: 200 and a notice, whatever it is", async () => {
  const bug = () => {
    throw new RangeError("a bug");
  };
  for (
    const broken of [{ hasStreams: bug }, { now: bug, openHours }, { resolve: bug, bounds: {} }]
  ) {
    const { notice } = await readStreams(await testApp(broken).get(SINTEL));
    assertEquals(notice?.cause, "internal");
  }
});

Deno.test("an episode that is not this addon's is not_found before admission", async () => {
  const app = testApp();
  for (
    const path of [
      "/stream/movie/nothing.json",
      "/stream/opera/weir:sintel.json",
      "/stream/movie/weir:elan.json",
      "/stream/movie/__proto__.json",
      "/stream/movie/weir%3A%00.json",
      `/stream/movie/weir:${"a".repeat(300)}.json`,
      `/stream/movie/${encodeURIComponent("https://u:pw@203.0.113.9/?token=abc")}.json`,
    ]
  ) {
    const { streams, notice } = await readStreams(await app.get(path));
    assertEquals([streams, notice?.cause], [[], "not_found"], path);
    const line = app.logs.at(-1)!;
    assertEquals([line.event, line.cause, line.episode], ["stream", "not_found", undefined], path);
  }
  assertEquals((await app.gate.list()).seats, []);
  assertEquals(app.metrics.text({ name: "", capacity: 1, occupied: 0 }).includes("kind="), false);
});

Deno.test("an id of more than 256 bytes is no episode, also where a broker knows every id", async () => {
  const app = brokerApp(() => Response.json({ url: "https://films.example/a.mp4" }));
  for (const [letter, most] of [["a", 251], ["ä", 125], ["€", 83]] as const) {
    for (const [count, cause] of [[most, undefined], [most + 1, "not_found"]] as const) {
      const id = encodeURIComponent(`weir:${letter.repeat(count)}`);
      const { notice } = await readStreams(await askWhile(app, `/stream/movie/${id}.json`));
      assertEquals(notice?.cause, cause, `${letter} ${count}`);
    }
  }
  assertEquals(app.asked.length, 3);
});

Deno.test("rows that are given again name the origin under which each was asked", async () => {
  const app = testApp();
  for (const origin of ["http://one.example", "http://two.example", "http://one.example"]) {
    const response = await app.handle(new Request(origin + LLAMA), { address: "192.0.2.1" });
    const { streams: [row] } = await readStreams(response);
    assertEquals(row?.url, `${origin}/clips/llama.mp4`);
  }
});

Deno.test("HEAD has the headers of a stream answer, and takes no seat", async () => {
  const app = brokerApp(() => Response.json({ url: "https://films.example/a.mp4" }));
  const head = await app.get(SINTEL, { method: "HEAD" });
  assertEquals([head.status, await head.text()], [200, ""]);
  const got = await askWhile(app, SINTEL, { from: "203.0.113.2" });
  for (const [name, value] of got.headers) assertEquals(head.headers.get(name), value, name);
  assertEquals((await app.gate.list()).seats.length, 1);
  assertEquals(app.asked.length, 1);
});

Deno.test("opening hours are told in the notice; what is open is a stream, what is closed takes no seat", async () => {
  const app = testApp({ openHours });
  assertEquals((await readStreams(await app.get(SINTEL))).notice, undefined);
  await app.clock.advance(3 * 3_600_000);
  const { streams: [row], notice } = await readStreams(
    await app.get(SINTEL, { from: "192.0.2.9" }),
  );
  assertStringIncludes(row!.description!, "20:00");
  assertEquals([notice?.cause, notice?.retryAfterSec], ["closed", 20.5 * 3600]);
  assertEquals((await app.gate.list()).seats, []);
  assertMatch(row!.url, /\/clips\/closed\.mp4$/);
});
