// What brokers say: every form that is a good answer, and every nonsense (README, "A broker of your own").

import { type BrokerReply, hang } from "./ask.ts";

const A = "https://films.example/a.mp4";
const B = "https://films.example/b.mkv";

/** A good answer by its form, and the URLs of its rows. */
export const GOOD_FORMS: Readonly<Record<string, readonly [reply: unknown, urls: string[]]>> = {
  "streams": [{ streams: [{ url: A }, { url: B }] }, [A, B]],
  "url": [{ url: A }, [A]],
  "streamUrl": [{ streamUrl: A }, [A]],
  "link": [{ link: A }, [A]],
  "links of texts": [{ links: [A, B] }, [A, B]],
  "links of objects": [{ links: [{ url: B }, { url: A }] }, [B, A]],
  "links of both": [{ links: [A, { url: B }] }, [A, B]],
  "streams under result": [{ result: { streams: [{ url: A }] } }, [A]],
  "url under result": [{ result: { url: A } }, [A]],
  "streamUrl under result": [{ ok: true, result: { streamUrl: A } }, [A]],
  "link under result": [{ result: { link: A } }, [A]],
  "links under result": [{ result: { links: [A, { url: B }] } }, [A, B]],
  "plain http": [{ url: "http://192.0.2.1:8080/a" }, ["http://192.0.2.1:8080/a"]],
};

/** Rows that are wrong, each of which is dropped from among good ones. */
export const WRONG_ROWS: readonly unknown[] = [
  null,
  "text",
  7,
  [],
  {},
  { url: null },
  { url: 7 },
  { url: "" },
  { url: "/a.mp4" },
  { url: "//films.example/a.mp4" },
  { url: "a.mp4" },
  { url: "https:///" },
  { url: "https:\\\\films.example\\a.mp4" },
  { url: "https://films example/a.mp4" },
  { url: "https://films.example/a b.mp4" },
  { url: " https://films.example/a.mp4" },
  { url: "ftp://films.example/a.mp4" },
  { url: "file:///etc/hostname" },
  { url: "javascript:alert(1)" },
  { url: "data:video/mp4;base64,AAAA" },
  { url: "magnet:?xt=urn:btih:0" },
  { url: ["https://films.example/a.mp4"] },
  { url: { href: "https://films.example/a.mp4" } },
];

const TEN_MB = 10_000_000;

function json(text: string, headers: Record<string, string> = {}): BrokerReply {
  return () => new Response(text, { headers: { "content-type": "application/json", ...headers } });
}

/** A body that goes on as long as somebody reads it. */
function endless(chunk: string, { pauses }: { pauses: boolean }): BrokerReply {
  return (_request, signal) => {
    const bytes = new TextEncoder().encode(chunk);
    const body = new ReadableStream({
      async pull(controller) {
        controller.enqueue(bytes);
        if (pauses) await hang(signal);
      },
    });
    return new Response(body);
  };
}

/** What is no good answer, by what it is, and the cause that the viewer is shown. */
export const NONSENSE: Readonly<
  Record<string, { reply: BrokerReply; cause: "dependency_unavailable" | "dependency_timeout" }>
> = {
  ...unavailable({
    "a page of HTML": () => new Response("<!doctype html><title>Welcome</title>"),
    "nothing": json(""),
    "half an object": json('{"streams":[{"url":"https://films'),
    "null": json("null"),
    "a text": json(`"${A}"`),
    "a list": json(`["${A}"]`),
    "an object without any": json("{}"),
    "no streams": json('{"streams":[]}'),
    "streams that are no list": json(`{"streams":{"url":"${A}"}}`),
    "streams that are texts": json(`{"streams":["${A}"]}`),
    "wrong rows alone": json(JSON.stringify({ streams: WRONG_ROWS })),
    "wrong links alone": json('{"links":[null,7,"/a.mp4",{"url":7}]}'),
    "a relative URL": json('{"url":"/a.mp4"}'),
    "a result of the wrong type": json(`{"result":["${A}"]}`),
    "a result in a result": json(`{"result":{"result":{"url":"${A}"}}}`),
    "deep nesting": json("[".repeat(60_000)),
    "bytes that are no text": () => new Response(new Uint8Array(1000).fill(0xff)),
    "10 MB with its length": json(`{"url":"${A}","x":"${"x".repeat(TEN_MB)}"}`, {
      "content-length": String(TEN_MB),
    }),
    "10 MB without": json(`{"url":"${A}","x":"${"x".repeat(TEN_MB)}"}`),
    "more than 64 KiB in a good form": json(`{"url":"${A}"}${" ".repeat(64 * 1024)}`),
    "a body that is cut short": () =>
      new Response(new ReadableStream({ pull: (body) => body.error(new TypeError("terminated")) })),
    "a body without an end": endless(" ".repeat(1000), { pauses: false }),
    "a redirect loop": () => Promise.reject(new TypeError("Fetch failed: Maximum redirects")),
    "no connection": () => Promise.reject(new TypeError("fetch failed")),
    "204": () => new Response(null, { status: 204 }),
    "401": () => new Response('{"url":"https://films.example/a.mp4"}', { status: 401 }),
    "500": () => new Response('{"url":"https://films.example/a.mp4"}', { status: 500 }),
  }),
  "a body that stalls": {
    reply: endless('{"url":', { pauses: true }),
    cause: "dependency_timeout",
  },
  "silence": { reply: (_request, signal) => hang(signal), cause: "dependency_timeout" },
};

function unavailable(
  replies: Record<string, BrokerReply>,
): Record<string, { reply: BrokerReply; cause: "dependency_unavailable" }> {
  return Object.fromEntries(
    Object.entries(replies).map((
      [what, reply],
    ) => [what, { reply, cause: "dependency_unavailable" }]),
  );
}
