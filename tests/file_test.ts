import { createFiles, parseRange } from "../src/http/file.ts";
import { assert, assertEquals, assertMatch, assertNotEquals } from "./support/assert.ts";

const BYTES = Uint8Array.from({ length: 10 }, (_, index) => index);
const FILES = createFiles(
  new Map([
    ["/clips/ten.mp4", { bytes: BYTES, type: "video/mp4" }],
    ["/clips/nine.mp4", { bytes: BYTES.slice(1), type: "video/mp4" }],
    ["/clips/none.mp4", { bytes: new Uint8Array(), type: "video/mp4" }],
  ]),
);

async function ask(
  headers: Record<string, string> = {},
  { method = "GET", path = "/clips/ten.mp4" } = {},
): Promise<Response> {
  const request = new Request(`https://weir.example${path}`, { headers, method });
  const response = await FILES(request, path);
  assert(response);
  return response;
}

async function bytesOf(response: Response): Promise<number[]> {
  return [...new Uint8Array(await response.arrayBuffer())];
}

async function etagOf(path = "/clips/ten.mp4"): Promise<string> {
  return (await ask({}, { method: "HEAD", path })).headers.get("etag")!;
}

Deno.test("a file is answered whole, with its type, its length, and that it may be kept a day", async () => {
  const response = await ask();
  assertEquals(response.status, 200);
  assertEquals(await bytesOf(response), [...BYTES]);
  const { headers } = response;
  assertEquals(headers.get("content-type"), "video/mp4");
  assertEquals(headers.get("content-length"), "10");
  assertEquals(headers.get("accept-ranges"), "bytes");
  assertEquals(headers.get("cache-control"), "public, max-age=86400");
  assertEquals(headers.get("access-control-allow-origin"), "*");
  assertMatch(headers.get("etag")!, /^"[\da-f]{24}"$/);
});

Deno.test("a file that is not there is not answered", async () => {
  for (const path of ["/clips/other.mp4", "/clips/", "/clips/%74en.mp4", "__proto__"]) {
    assertEquals(await FILES(new Request("https://weir.example/"), path), undefined, path);
  }
});

Deno.test("a file's ETag tells its bytes", async () => {
  assertEquals(await etagOf(), await etagOf());
  assertNotEquals(await etagOf(), await etagOf("/clips/nine.mp4"));
});

Deno.test("HEAD of a file has the headers of GET and no body", async () => {
  const [got, head] = [await ask(), await ask({}, { method: "HEAD" })];
  assertEquals(head.status, 200);
  assertEquals(head.body, null);
  assertEquals([...head.headers], [...got.headers]);
});

Deno.test("HEAD of a file takes no range: it is defined for GET alone (RFC 9110, 14.2)", async () => {
  for (const range of ["bytes=0-3", "bytes=99-"]) {
    const head = await ask({ range }, { method: "HEAD" });
    assertEquals(head.status, 200);
    assertEquals(head.headers.get("content-length"), "10");
    assertEquals(head.headers.get("content-range"), null);
  }
});

Deno.test("a single range is answered 206 with its part", async () => {
  const parts: [string, number, number][] = [
    ["bytes=0-3", 0, 3],
    ["bytes=0-0", 0, 0],
    ["bytes=3-", 3, 9],
    ["bytes=9-", 9, 9],
    ["bytes=-3", 7, 9],
    ["bytes=-99", 0, 9],
    ["bytes=5-99999999999999999999", 5, 9],
    ["BYTES= 2 - 4", 2, 4],
  ];
  for (const [range, first, last] of parts) {
    const response = await ask({ range });
    assertEquals(response.status, 206, range);
    assertEquals(response.headers.get("content-range"), `bytes ${first}-${last}/10`, range);
    assertEquals(response.headers.get("content-length"), String(last - first + 1), range);
    assertEquals(response.headers.get("content-type"), "video/mp4", range);
    assertEquals(await bytesOf(response), [...BYTES.slice(first, last + 1)], range);
  }
});

Deno.test("a range beyond the end is answered 416 with the length", async () => {
  for (const range of ["bytes=10-", "bytes=10-20", "bytes=99999999999999999999-", "bytes=-0"]) {
    const response = await ask({ range });
    assertEquals(response.status, 416, range);
    assertEquals(response.headers.get("content-range"), "bytes */10", range);
    assertEquals(response.headers.get("access-control-allow-origin"), "*", range);
    assertEquals(await bytesOf(response), [], range);
  }
  assertEquals((await ask({ range: "bytes=0-" }, { path: "/clips/none.mp4" })).status, 416);
});

Deno.test("several ranges, another unit or a malformed range are answered with the whole", async () => {
  for (
    const range of ["bytes=0-1,3-4", "bytes=5-2", "bytes=-", "bytes=a-b", "bytes", "items=0-1", ""]
  ) {
    const response = await ask({ range });
    assertEquals(response.status, 200, range);
    assertEquals(await bytesOf(response), [...BYTES], range);
  }
});

Deno.test("If-Range keeps the range where it is the ETag, and gives the whole otherwise", async () => {
  const etag = await etagOf();
  const ifRanges: [string, number][] = [
    [etag, 206],
    ['"another"', 200],
    [`W/${etag}`, 200],
    ["Sat, 14 Mar 2026 19:30:00 GMT", 200],
  ];
  for (const [condition, status] of ifRanges) {
    const response = await ask({ range: "bytes=0-1", "if-range": condition });
    assertEquals(response.status, status, condition);
    await response.body?.cancel();
  }
});

Deno.test("If-None-Match gives 304, before any range", async () => {
  const etag = await etagOf();
  for (const header of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
    const response = await ask({ "if-none-match": header, range: "bytes=0-1" });
    assertEquals(response.status, 304, header);
    assertEquals(response.body, null);
    assertEquals(response.headers.get("etag"), etag);
    assertEquals(response.headers.get("cache-control"), "public, max-age=86400");
    assertEquals(response.headers.get("access-control-allow-origin"), "*");
  }
  const other = await ask({ "if-none-match": '"x"' });
  assertEquals(other.status, 200);
  await other.body?.cancel();
});

Deno.test("an empty file is answered whole", async () => {
  const response = await ask({}, { path: "/clips/none.mp4" });
  assertEquals([response.status, response.headers.get("content-length")], [200, "0"]);
  assertEquals(await bytesOf(response), []);
});

Deno.test("parseRange() refuses digits with a space between them", () => {
  assertEquals(parseRange("bytes=1 2-3 4", 100), undefined);
});
