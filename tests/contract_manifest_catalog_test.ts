// What Stremio's own packages make of a served addon: its linter, and its client over HTTP.

import { parseDefinition } from "../src/addon/definition.ts";
import { type Lookup, lookup } from "../src/addon/lookup.ts";
import { films } from "../src/demo/mod.ts";
import { testApp } from "./support/app.ts";
import { assert, assertEquals, assertMatch } from "./support/assert.ts";
import { sampleLookup } from "./support/definition.ts";
import { type Addon, client, linter, type Manifest } from "./support/stremio_packages.ts";

type Meta = { id: string; type: string; name: string; genres?: string[] };
type Detail = Meta & { videos?: { id: string; title: string }[] };
type Stream = { url: string; name: string };

/** An addon as the client found it, and what it was made from. */
type Found = { addon: Addon; lookup: Lookup; origin: string };

function demoLookup(): Lookup {
  const parsed = parseDefinition(films);
  assert(parsed.ok);
  return lookup(parsed.definition);
}

/** Registers a test of the open films and of the sample, each served at a port of its own. */
function testAddons(claim: string, run: (found: Found) => void | Promise<void>): void {
  for (const [name, make] of [["open films", demoLookup], ["sample", sampleLookup]] as const) {
    Deno.test(`${name}: ${claim}`, async () => {
      const found = make();
      const { handle } = testApp({ lookup: found });
      await using server = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen() {} },
        (request, { remoteAddr }) => handle(request, { address: remoteAddr.hostname }),
      );
      const origin = `http://127.0.0.1:${server.addr.port}`;
      const { addon } = await client.detectFromURL(`${origin}/manifest.json`);
      await run({ addon, lookup: found, origin });
    });
  }
}

async function metasOf(
  { addon }: Found,
  { type, id }: { type: string; id: string },
  extra: Record<string, string | number> = {},
): Promise<Meta[]> {
  const { metas } = await addon.get("catalog", type, id, extra) as { metas: Meta[] };
  for (const meta of metas) {
    assertEquals(meta.type, type);
    for (const field of [meta.id, meta.name]) assertEquals(typeof field, "string");
  }
  return metas;
}

/** Every page of a catalog, as clients ask for them: the next begins where the last ended. */
async function everyPage(found: Found, catalog: { type: string; id: string }): Promise<Meta[]> {
  const metas: Meta[] = [];
  for (;;) {
    const page = await metasOf(found, catalog, metas.length === 0 ? {} : { skip: metas.length });
    if (page.length === 0) return metas;
    metas.push(...page);
  }
}

function shown({ lookup }: Found, { type, id }: { type: string; id: string }): Meta[] {
  const shelf = [...lookup.shelves.values()].find(({ catalog }) =>
    catalog.type === type && catalog.id === id
  );
  return shelf!.entries.map(({ meta }) => meta as Meta);
}

function ids(metas: readonly { id: string }[]): string[] {
  return metas.map(({ id }) => id);
}

testAddons("the linter finds nothing in the manifest", ({ addon }) => {
  const { valid, errors, warnings } = linter.lintManifest(addon.manifest);
  assertEquals([valid, errors, warnings], [true, [], []]);
  assert(!linter.lintManifest({ ...addon.manifest, version: "1.0" }).valid);
});

testAddons("the linter takes the addon into a collection", async ({ addon, origin }) => {
  const served = await (await fetch(`${origin}/manifest.json`)).json() as Manifest;
  assertEquals(served, addon.manifest);
  const item = { transportUrl: addon.transportUrl, transportName: "http", manifest: served };
  const { valid, errors } = linter.lintCollection([item]);
  assertEquals([valid, errors], [true, []]);
});

testAddons(
  "the client asks it for its own metas and episodes, and for no others",
  (found) => {
    const { addon, lookup } = found;
    for (const { meta } of lookup.entries.values()) {
      for (const resource of ["meta", "stream"]) {
        assert(addon.isSupported(resource, meta.type, meta.id), meta.id);
        assert(!addon.isSupported(resource, meta.type, `other:${meta.id}`), meta.id);
        assert(!addon.isSupported(resource, "channel", meta.id), meta.id);
      }
    }
    for (const { type, id } of addon.manifest.catalogs) {
      assert(
        addon.isSupported("catalog", type, id),
      );
    }
  },
);

testAddons("every catalog is read whole by skip, in its order", async (found) => {
  for (const catalog of found.addon.manifest.catalogs) {
    const metas = await everyPage(found, catalog);
    assertEquals(ids(metas), ids(shown(found, catalog)));
  }
});

testAddons("every catalog offers search, skip, and the genres that it has", (found) => {
  for (const catalog of found.addon.manifest.catalogs) {
    const genres = [...new Set(shown(found, catalog).flatMap((meta) => meta.genres ?? []))];
    const expected = genres.length === 0 ? ["search", "skip"] : ["search", "genre", "skip"];
    assertEquals(catalog.extra.map(({ name }) => name), expected);
    assertEquals(catalog.extra.find(({ name }) => name === "genre")?.options ?? [], genres);
  }
});

testAddons("every genre that is offered finds the metas that have it", async (found) => {
  for (const catalog of found.addon.manifest.catalogs) {
    for (const genre of catalog.extra.find(({ name }) => name === "genre")?.options ?? []) {
      const having = ids(shown(found, catalog).filter((meta) => meta.genres?.includes(genre)));
      const metas = await metasOf(found, catalog, { genre });
      assertEquals(ids(metas), having.slice(0, metas.length), genre);
      assert(metas.length > 0, genre);
    }
    assertEquals(await metasOf(found, catalog, { genre: "None & no=such" }), []);
  }
});

testAddons("every meta is found by its own name", async (found) => {
  for (const catalog of found.addon.manifest.catalogs) {
    for (const { id, name } of shown(found, catalog)) {
      const metas = await metasOf(found, catalog, { search: name });
      assert(ids(metas).includes(id), name);
    }
    assertEquals(await metasOf(found, catalog, { search: "none & no=such?" }), []);
    assertEquals(await metasOf(found, catalog, { search: "none", skip: 100 }), []);
  }
});

testAddons("every meta is given in full, its videos by ids of its own", async (found) => {
  for (const { meta: { type, id, name, videos = [] } } of found.lookup.entries.values()) {
    const { meta } = await found.addon.get("meta", type, id) as { meta: Detail };
    assertEquals([meta.type, meta.id, meta.name], [type, id, name]);
    assertEquals(ids(meta.videos ?? []).sort(), ids(videos).sort());
    for (const video of meta.videos ?? []) {
      assert(found.addon.isSupported("stream", type, video.id), video.id);
      assertEquals(typeof video.title, "string");
    }
  }
});

testAddons("every episode with streams plays from an absolute URL", async (found) => {
  const { definition } = found.lookup;
  const episodes = definition.metas.flatMap(({ type, id, videos }) =>
    (videos ?? [{ id }]).map((video) => ({ type, id: video.id }))
  );
  for (const { type, id } of episodes) {
    const { streams } = await found.addon.get("stream", type, id) as { streams: Stream[] };
    assertEquals(streams.length, definition.streams?.[id]?.length ?? 0, id);
    for (const { url } of streams) assertMatch(url, /^https?:\/\/[^/]+\/./);
  }
});

testAddons("what is not there is an empty list, and a meta is not found", async (found) => {
  const { addon } = found;
  assertEquals(await metasOf(found, { type: "movie", id: "no-such" }), []);
  assertEquals((await addon.get("stream", "movie", "weir:no-such")).streams, []);
  const refused = await addon.get("meta", "movie", "weir:no-such").catch((error) => error);
  assertEquals((refused as { message: string }).message, "Not found");
});
