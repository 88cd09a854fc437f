import { assert, assertEquals, assertMatch } from "./support/assert.ts";
import { filmSource } from "./support/film_source.ts";
import { originBytes } from "./support/origin_bytes.ts";
import { assertClip, type PlayApp, playApp } from "./support/playing.ts";

const HIDDEN = "hidden-host.example";
const HERE = `https://${HIDDEN}/show/film`;
const PARTS = Array.from({ length: 8 }, (_, part) => `#EXTINF:4,\nhttps://${HIDDEN}/${part}.ts`);
const PLAYLIST = `#EXTM3U\n# by https://${HIDDEN}/maker\n# ${"-".repeat(1500)}\n${
  PARTS.join("\n")
}\n`;

/** How a source serves a file, whatever it is. */
type Served = {
  /** @default "video/mp4" */
  type?: string;
  /** Of so many bytes each.
   * @default one */
  chunks?: number;
  /** Answers a part without saying which. */
  hidesRange?: boolean;
};

/** A source that serves some bytes, as files are served, and honours ranges. */
function serving(file: Uint8Array, { type = "video/mp4", chunks, hidesRange }: Served = {}) {
  return filmSource((request) => {
    const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.get("range") ?? "");
    const [, first = "0", last = ""] = range ?? [];
    const from = first === "" ? Math.max(0, file.length - Number(last)) : Number(first);
    const to = first === "" || last === "" ? file.length : Math.min(file.length, Number(last) + 1);
    const headers = new Headers({ "content-type": type, "content-length": `${to - from}` });
    if (range && !hidesRange) {
      headers.set("content-range", `bytes ${from}-${to - 1}/${file.length}`);
    }
    const body = streamOf(file.subarray(from, to), chunks ?? file.length);
    return new Response(body, { status: range ? 206 : 200, headers });
  });
}

function streamOf(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at += size));
    },
  }, { highWaterMark: 0 });
}

function appOf(text: string | Uint8Array, served?: Served): PlayApp {
  const file = typeof text === "string" ? new TextEncoder().encode(text) : text;
  return playApp("proxy", {
    rows: () => [{ url: HERE, headers: { "x-key": "hidden-header" } }],
    film: serving(file, served),
  });
}

async function opened(
  app: PlayApp,
  range?: string,
  path?: string,
): Promise<{ status: number; text: string }> {
  const headers: Record<string, string> = range === undefined ? {} : { range };
  const answer = await app.open(path ?? await app.path(), { headers });
  const text = await answer.text();
  assert(!`${JSON.stringify([...answer.headers])}${text}`.includes("hidden"), `${range}: ${text}`);
  return { status: answer.status, text };
}

/** Ranges of all kinds: from everywhere, of every length, from the end, several at once. */
function ranges(size: number): string[] {
  const offsets = [0, 1, 6, 7, 8, 10, 63, 64, 300, size - 300, size - 20, size - 1];
  return [
    ...offsets.flatMap((from) => [
      `bytes=${from}-`,
      ...[2, 7, 100, 1000].map((length) => `bytes=${from}-${from + length - 1}`),
    ]),
    ...[1, 20, 300, size - 1, size].map((length) => `bytes=-${length}`),
    "bytes=0-1,10-",
    "bytes=10-20,30-40",
    `bytes=${"0".repeat(20)}10-`,
    "Bytes=10-",
    "bytes = 10-",
  ];
}

Deno.test("a playlist that is said to be something else is written anew, in whatever part it is wanted", async () => {
  const kinds: [string, Served][] = [
    [PLAYLIST, {}],
    [PLAYLIST, { type: "application/octet-stream" }],
    [`\uFEFF\r\n\r\n ${PLAYLIST}`, { type: "text/plain" }],
    [`${PLAYLIST}\0`, {}],
  ];
  for (const [text, served] of kinds) {
    const size = new TextEncoder().encode(text).length;
    const app = appOf(text, served);
    const path = await app.path();
    for (const range of [undefined, ...ranges(size)]) {
      const answer = await opened(app, range, path);
      // A few bytes of the beginning tell nothing, of either kind.
      if (/^bytes=0-[16]$/.test(range ?? "")) continue;
      assertEquals(answer.status, 200, range);
      assertMatch(
        answer.text,
        /^#EXTM3U\n# by \/play\/.*\n# -{1500}\n(?:#EXTINF:4,\n\/play\/.*\n){8}/,
        range,
      );
    }
  }
});

Deno.test("a part of nobody knows what is looked at as if it were from the middle", async () => {
  for (
    const [text, status] of [[PLAYLIST, 302], [originBytes(5, { from: 0, to: 9000 }), 206]] as const
  ) {
    for (const range of ["bytes=0-", "bytes=10-", "bytes=-400"]) {
      assertEquals((await opened(appOf(text, { hidesRange: true }), range)).status, status, range);
    }
  }
});

Deno.test("a playlist is known however its first bytes are split", async () => {
  for (const front of ["", "\uFEFF", "\n\n"]) {
    for (const chunks of [1, 2, 3, 5, 7, 9]) {
      const { status, text } = await opened(appOf(front + PLAYLIST, { chunks }));
      assertEquals([status, text.includes("/play/")], [200, true], `${chunks}`);
    }
  }
});

Deno.test("what is found to be a playlist plays in pieces, and keeps its seat between them", async () => {
  const app = appOf(PLAYLIST);
  const { text } = await opened(app, "bytes=100-");
  await app.clock.advance(20_000);
  assertEquals((await app.seated()).map(({ state }) => state), ["standing"]);
  const [, part] = text.match(/\/play\/\S+\.ts/g) ?? [];
  await (await app.open(part!)).body!.cancel();
  assertEquals(app.film.requests.at(-1)!.url, `https://${HIDDEN}/0.ts`);
});

Deno.test("what else names places is not available, whatever part of it is wanted", async () => {
  const lines = (line: string) => Array.from({ length: 60 }, () => line).join("\n");
  const texts = [
    `<?xml version="1.0"?>\n<MPD>\n${lines(`<BaseURL>https://${HIDDEN}/</BaseURL>`)}</MPD>`,
    `\n<!DOCTYPE html>${lines(`<a href="https://${HIDDEN}/a.mp4">`)}`,
    `{"ASSETS": [${lines(`{"URI":"https://${HIDDEN}/a.m3u8"},`)}null]}`,
    `[playlist]\n${lines(`File1=https://${HIDDEN}/a.mp3`)}`,
    lines(`https://${HIDDEN}/a.mp4`),
    `${"\n".repeat(3000)}${PLAYLIST}`,
  ];
  for (const text of texts) {
    for (const range of [undefined, "bytes=0-", "bytes=50-", "bytes=600-", "bytes=-40"]) {
      const app = appOf(text);
      assertEquals((await opened(app, range)).status, 302, `${range} of ${text.slice(0, 40)}`);
      assertEquals(await app.seated(), []);
    }
  }
});

Deno.test("several parts in one answer are not looked at, and not available", async () => {
  const app = playApp("proxy", {
    film: filmSource(() =>
      new Response(`--x\r\ncontent-range: bytes 10-20/1000\r\n\r\nhttps://${HIDDEN}/`, {
        status: 206,
        headers: { "content-type": "multipart/byteranges; boundary=x" },
      })
    ),
  });
  assertClip(
    await app.open(await app.path(), { headers: { range: "bytes=10-20" } }),
    "unavailable",
  );
  assertEquals(await app.seated(), []);
});

Deno.test("media are asked for once, from wherever they are wanted", async () => {
  const file = originBytes(5, { from: 0, to: 200_000 });
  for (const chunks of [1000, 65_536, 200_000]) {
    for (
      const range of [undefined, "bytes=0-1", "bytes=777-", "bytes=100000-100999", "bytes=-5000"]
    ) {
      const app = appOf(file, { chunks });
      const headers: Record<string, string> = range === undefined ? {} : { range };
      const answer = await app.open(await app.path(), { headers });
      const [, from = "0", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
      const expected = range === "bytes=-5000"
        ? file.subarray(-5000)
        : file.subarray(Number(from), to === "" ? file.length : Number(to) + 1);
      assertEquals(new Uint8Array(await answer.arrayBuffer()), expected);
      assertEquals(app.film.requests.length, 1, range);
    }
  }
});

Deno.test("a connection that breaks before the bytes tell is resumed where they tell then", async () => {
  const film = originBytes(5, { from: 0, to: 200_000 });
  film[0] = 0xef;
  for (const file of [film, new TextEncoder().encode(PLAYLIST)]) {
    const app = appOf(file);
    const serve = app.film.reply;
    let asked = 0;
    app.film.reply = async (request, signal) => {
      const { status, headers } = (await serve(request, signal))!;
      headers.set("etag", '"a"');
      headers.set("accept-ranges", "bytes");
      const whole = (await serve(request, signal))!.body!;
      const breaks = new ReadableStream({
        start(controller) {
          controller.enqueue(file.slice(0, 1));
        },
        pull: (controller) => controller.error(new TypeError("connection reset")),
      }, { highWaterMark: 0 });
      return new Response(asked++ === 0 ? breaks : whole, { status, headers });
    };
    const answer = await app.open(await app.path());
    const bytes = new Uint8Array(await answer.arrayBuffer());
    assertEquals(answer.status, 200);
    if (file === film) assertEquals(bytes, film);
    else assert(!new TextDecoder().decode(bytes).includes("hidden"));
  }
});

Deno.test("text that is no playlist comes as it is, its beginning looked at", async () => {
  const text = `WEBVTT\n\n${"00:00:01.000 --> 00:00:02.000\nHello.\n\n".repeat(100)}`;
  for (const range of [undefined, "bytes=500-", "bytes=500-510", "bytes=-30"]) {
    const app = appOf(text, { type: "text/vtt" });
    const { status, text: got } = await opened(app, range);
    assertEquals([status, text.includes(got)], [range === undefined ? 200 : 206, true]);
    const asked = app.film.requests.map(({ headers }) => headers.get("range"));
    assertEquals(asked, range === undefined ? [null] : [range, "bytes=0-1023"]);
  }
});
