import { assert, assertEquals, assertRejects } from "./support/assert.ts";
import { startOrigin } from "./support/origin.ts";
import { originBytes } from "./support/origin_bytes.ts";

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

/** Reads until the body ends or breaks. */
async function readOn(response: Response): Promise<{ size: number; broke: boolean }> {
  let size = 0;
  try {
    for await (const chunk of response.body!) size += chunk.byteLength;
    return { size, broke: false };
  } catch {
    return { size, broke: true };
  }
}

Deno.test("originBytes() gives a range as it stands in the whole, each seed its own", () => {
  const whole = originBytes(7, { from: 0, to: 1000 });
  for (const [from, to] of [[0, 1], [1, 2], [3, 997], [4, 8], [999, 1000], [5, 5]] as const) {
    assertEquals(originBytes(7, { from, to }), whole.slice(from, to));
  }
  const other = originBytes(8, { from: 0, to: 1000 });
  assert(whole.filter((byte, index) => byte === other[index]).length < 30);
  assertEquals(new Set(whole).size > 200, true);
});

Deno.test("the origin serves files whole, in ranges and by HEAD, and minds If-Range", async () => {
  await using origin = startOrigin();
  const url = `${origin.url}/file/3/200001/film.mp4`;
  const whole = await fetch(url);
  assertEquals(whole.headers.get("content-length"), "200001");
  const etag = whole.headers.get("etag")!;
  assertEquals(await bytesOf(whole), originBytes(3, { from: 0, to: 200_001 }));

  const asked: [string, Record<string, string>, number, string | null][] = [
    ["bytes=70001-70002", {}, 206, "bytes 70001-70002/200001"],
    ["bytes=200000-", {}, 206, "bytes 200000-200000/200001"],
    ["bytes=-5", { "if-range": etag }, 206, "bytes 199996-200000/200001"],
    ["bytes=-5", { "if-range": '"other"' }, 200, null],
    ["bytes=200001-", {}, 416, "bytes */200001"],
  ];
  for (const [range, more, status, contentRange] of asked) {
    const answer = await fetch(url, { headers: { range, ...more } });
    assertEquals([answer.status, answer.headers.get("content-range")], [status, contentRange]);
    await answer.body?.cancel();
  }
  const head = await fetch(url, { method: "HEAD" });
  assertEquals([head.headers.get("content-length"), head.body], ["200001", null]);
  assertEquals(origin.requests.at(-1)!.method, "HEAD");
  assertEquals(origin.requests[1]!.headers.get("range"), "bytes=70001-70002");
});

Deno.test("the origin breaks off where it is told to, with a length and without", async () => {
  await using origin = startOrigin();
  for (const more of ["", "&length=off"]) {
    const answer = await fetch(`${origin.url}/file/3/300000/film.mp4?reset=100000${more}`);
    const { size, broke } = await readOn(answer);
    assert(broke && size <= 100_000, `${size} bytes${more}`);
  }
  const short = await fetch(`${origin.url}/file/3/1000/film.mp4?lie=10`);
  assertEquals(short.headers.get("content-length"), "1010");
  assertEquals((await readOn(short)).broke, true);
});

Deno.test("the origin misbehaves only for as many requests as it is told to", async () => {
  await using origin = startOrigin();
  const url = `${origin.url}/file/3/10/film.mp4?status=503&times=1`;
  const statuses = [];
  for (let time = 0; time < 3; time++) {
    const answer = await fetch(url);
    statuses.push(answer.status);
    await answer.body?.cancel();
  }
  assertEquals(statuses, [503, 200, 200]);
});

Deno.test("the origin stalls until it is released, and sees a client that goes", async () => {
  await using origin = startOrigin();
  const url = `${origin.url}/file/3/5000/film.mp4?stall=1000`;
  const gone = await fetch(url);
  const stays = await fetch(url);
  assertEquals(origin.open(), 2);
  await gone.body!.cancel();
  await origin.openIs(1);
  const reader = stays.body!.getReader();
  assertEquals((await reader.read()).value?.byteLength, 1000);
  origin.release();
  assertEquals((await reader.read()).value?.byteLength, 4000);
  assertEquals((await reader.read()).done, true);
  await origin.openIs(0);
});

Deno.test("the origin changes its validators, its ranges and its encoding as it is told to", async () => {
  await using origin = startOrigin();
  const get = async (query: string, range?: string) => {
    const headers = range === undefined ? {} : { range };
    const answer = await fetch(`${origin.url}/file/5/1000/film.mp4?${query}`, { headers });
    return { answer, bytes: await bytesOf(answer) };
  };
  const changing = "etag=changing";
  const tags = [await get(changing), await get(changing)].map(({ answer }) =>
    answer.headers.get("etag")
  );
  assertEquals(new Set(tags).size, 2);
  assertEquals((await get("etag=weak")).answer.headers.get("etag"), 'W/"5-1000"');
  const bare = (await get("etag=none&modified=off")).answer.headers;
  assertEquals([bare.get("etag"), bare.get("last-modified")], [null, null]);
  assertEquals((await get("ranges=off", "bytes=5-9")).answer.status, 200);
  const wrong = (await get("contentRange=wrong", "bytes=5-9")).answer.headers;
  assertEquals(wrong.get("content-range"), "bytes 6-10/1000");
  assertEquals((await get("encoding=gzip")).bytes, originBytes(5, { from: 0, to: 1000 }));
});

Deno.test("the origin redirects n times, to another origin, and in a circle", async () => {
  await using origin = startOrigin();
  const hops = await fetch(`${origin.url}/hop/3/file/3/10/film.mp4?etag=weak`);
  assertEquals(hops.url, `${origin.url}/file/3/10/film.mp4?etag=weak`);
  await hops.body?.cancel();
  assertEquals(origin.requests.length, 4);
  const away = await fetch(`${origin.url}/away/file/3/10/film.mp4`);
  assertEquals(away.url, `${origin.otherUrl}/file/3/10/film.mp4`);
  await away.body?.cancel();
  await assertRejects(() => fetch(`${origin.url}/circle/x`));
});

Deno.test("the origin's playlists name parts that it has, and the live one moves on", async () => {
  await using origin = startOrigin();
  const live = () => fetch(`${origin.url}/hls/live.m3u8`).then((answer) => answer.text());
  const before = await live();
  origin.moveOn();
  const after = await live();
  assert(before.includes("/0.ts") && !after.includes("/0.ts") && after.includes("/4.ts"));
  for (const name of ["master", "media", "ranges", "audio", "subtitles"]) {
    const base = `${origin.url}/hls/${name}.m3u8`;
    const text = await (await fetch(base)).text();
    const named = [...text.matchAll(/URI="([^"]+)"|^([^#\n].*)$/gm)];
    assert(named.length > 0, name);
    for (const [, quoted, plain] of named) {
      const part = await fetch(new URL(quoted ?? plain!, base), { method: "HEAD" });
      assertEquals(part.status, 200, `${name}: ${quoted ?? plain}`);
    }
  }
});

Deno.test("the origin's hook answers before it does", async () => {
  await using origin = startOrigin({
    hook: ({ url }) => url.endsWith("/own") ? new Response("own") : undefined,
  });
  assertEquals(await (await fetch(`${origin.url}/own`)).text(), "own");
  const other = await fetch(`${origin.url}/else`);
  assertEquals([other.status, await other.text()], [404, ""]);
});
