import { createAnswers } from "../src/addon/answers.ts";
import { type Lookup, lookup } from "../src/addon/lookup.ts";
import { repeatAnew } from "../src/http/respond.ts";
import { route } from "../src/http/route.ts";
import { assert, assertEquals, assertMatch, assertStrictEquals } from "./support/assert.ts";
import { testApp } from "./support/app.ts";
import { sampleLookup } from "./support/definition.ts";

const KEEP = "public, max-age=300, stale-while-revalidate=3600, stale-if-error=86400";
const PATHS = [
  "/manifest.json",
  "/catalog/movie/films.json",
  "/catalog/movie/films/genre=Animation&skip=1.json",
  "/meta/series/weir%3Acaminandes.json",
];

type Answers = ReturnType<typeof createAnswers>;

async function prepared(answers: Answers, path: string, origin = "https://weir.example") {
  const found = route(path);
  assert(found.kind === "manifest" || found.kind === "catalog" || found.kind === "meta", path);
  return await answers(found, origin);
}

Deno.test("manifest, catalog and meta may be kept, by the headers that clients obey", async () => {
  const app = testApp();
  for (const path of PATHS) {
    const response = await app.get(path);
    assertEquals(response.status, 200, path);
    assertEquals(response.headers.get("cache-control"), KEEP, path);
    assertEquals(response.headers.get("content-type"), "application/json; charset=utf-8");
    assertMatch(response.headers.get("etag")!, /^"[\da-f]{24}"$/);
    await response.body?.cancel();
  }
});

Deno.test("an answer that the client has already is 304, with its ETag and how long to keep it", async () => {
  const app = testApp();
  for (const path of PATHS) {
    const etag = (await app.get(path, { method: "HEAD" })).headers.get("etag")!;
    for (const header of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
      const again = await app.get(path, { headers: { "if-none-match": header } });
      assertEquals([again.status, again.body], [304, null], `${path} ${header}`);
      assertEquals(again.headers.get("etag"), etag);
      assertEquals(again.headers.get("cache-control"), KEEP);
    }
    const other = await app.get(path, { headers: { "if-none-match": `${etag}x` } });
    assertEquals(other.status, 200);
    await other.body?.cancel();
  }
});

Deno.test("an empty catalog page is never stored", async () => {
  const app = testApp();
  for (
    const path of [
      "/catalog/movie/films/skip=100.json",
      "/catalog/movie/films/search=nowhere.json",
      "/catalog/movie/films/genre=Opera.json",
      "/catalog/movie/unknown.json",
      "/catalog/opera/films.json",
      "/catalog/__proto__/constructor.json",
    ]
  ) {
    const response = await app.get(path);
    assertEquals([response.status, await response.json()], [200, { metas: [] }], path);
    assertEquals(response.headers.get("cache-control"), "no-store", path);
  }
});

Deno.test("a meta that is not there is 404, and not stored", async () => {
  const app = testApp();
  for (const path of ["/meta/movie/unknown.json", "/meta/series/weir:sintel.json"]) {
    for (let time = 0; time < 2; time++) {
      const response = await app.get(path);
      assertEquals([response.status, await response.json()], [404, { err: "not found" }], path);
      assertEquals(response.headers.get("cache-control"), "no-store", path);
    }
  }
});

Deno.test("a body is prepared once for each origin", async () => {
  const answers = createAnswers({ lookup: sampleLookup(), repeat: repeatAnew });
  for (const path of PATHS) {
    const [first, meanwhile] = await Promise.all([
      prepared(answers, path),
      prepared(answers, path),
    ]);
    assertStrictEquals(first, meanwhile, path);
    assertStrictEquals(await prepared(answers, path), first, path);
    const other = await prepared(answers, path, "http://127.0.0.1:8000");
    assertEquals(other === first, false, path);
  }
});

Deno.test("an answer names the origin under which it was asked", async () => {
  const answers = createAnswers({ lookup: sampleLookup(), repeat: repeatAnew });
  for (const origin of ["https://weir.example", "http://127.0.0.1:8000"]) {
    for (const path of ["/manifest.json", "/meta/movie/weir:sintel.json"]) {
      const found = await (await prepared(answers, path, origin))!.whole().json();
      assertEquals((found.meta?.poster ?? found.logo).startsWith(`${origin}/art/`), true);
    }
  }
});

Deno.test("bodies of at most 8 origins are kept, those of the first go first", async () => {
  const answers = createAnswers({ lookup: sampleLookup(), repeat: repeatAnew });
  const ask = (n: number) => prepared(answers, "/manifest.json", `https://host-${n}.example`);
  const first = await ask(1);
  for (let n = 2; n <= 8; n++) await ask(n);
  assertStrictEquals(await ask(1), first);
  const second = await ask(2);
  await ask(9);
  assertEquals(await ask(1) === first, false);
  assertEquals(await ask(2) === second, false, "went when the first came back");
});

Deno.test("searches are made anew, whatever is kept", async () => {
  const answers = createAnswers({ lookup: sampleLookup(), repeat: repeatAnew });
  const path = "/catalog/movie/films/search=dragon.json";
  const first = await prepared(answers, path);
  const again = await prepared(answers, path);
  assertEquals(first === again, false);
  assertEquals(await first!.whole().json(), await again!.whole().json());
});

Deno.test("pages with different extras are different pages", async () => {
  const answers = createAnswers({ lookup: sampleLookup(), repeat: repeatAnew });
  const ids = async (path: string) => {
    const { metas } = await (await prepared(answers, path))!.whole().json();
    return metas.map((meta: { id: string }) => meta.id);
  };
  for (let time = 0; time < 2; time++) {
    assertEquals(await ids("/catalog/movie/films.json"), ["weir:sintel", "weir:elan"]);
    assertEquals(await ids("/catalog/movie/films/skip=2.json"), ["weir:spring"]);
    assertEquals(await ids("/catalog/movie/films/genre=Drama.json"), ["weir:elan"]);
    assertEquals(await ids("/catalog/movie/films/genre=2.json"), []);
    assertEquals(await ids("/catalog/movie/chosen.json"), ["weir:spring", "weir:sintel"]);
  }
});

Deno.test("a flood of pages that are not there leaves what is asked for as it was", async () => {
  const app = testApp();
  const before = await (await app.get("/catalog/movie/films.json")).text();
  for (let n = 0; n < 500; n++) {
    const response = await app.get(`/catalog/movie/films/skip=${n + 1000}.json`);
    await response.body?.cancel();
  }
  assertEquals(await (await app.get("/catalog/movie/films.json")).text(), before);
});

Deno.test("no more than 200 pages of an origin are kept, and no more than 4 MiB", async () => {
  const many = createAnswers({ lookup: sampleLookup(), repeat: repeatAnew });
  const page = (n: number) => prepared(many, `/catalog/movie/films/skip=${n}.json`);
  const first = await page(0);
  for (let n = 1; n < 200; n++) await page(n);
  assertStrictEquals(await page(0), first);
  await page(200);
  assertEquals(await page(0) === first, false);

  const long = createAnswers({ lookup: longLookup(), repeat: repeatAnew });
  const meta = (n: number) => prepared(long, `/meta/movie/weir%3Along-${n}.json`);
  const kept = await meta(0);
  for (let n = 1; n < 4; n++) await meta(n);
  assertStrictEquals(await meta(0), kept);
  await meta(4);
  assertEquals(await meta(0) === kept, false);
});

/** Films of a million characters each. */
function longLookup(): Lookup {
  const { definition } = sampleLookup();
  const description = "x".repeat(1_000_000);
  const metas = Array.from({ length: 5 }, (_, n) => {
    return { id: `weir:long-${n}`, type: "movie", name: "Long", description };
  });
  return lookup({ ...definition, metas });
}
