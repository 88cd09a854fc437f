import { askWhile } from "./support/ask.ts";
import { assert, assertEquals, assertMatch, assertNotEquals } from "./support/assert.ts";
import { play } from "./support/film_source.ts";
import { ANNE, BEN, CLEO, pathOf, playApp, rowsOf } from "./support/playing.ts";
import { streamPath } from "./support/viewers.ts";

const KINDS = ["redirect", "proxy"] as const;
const FREE = "Sample";

for (const kind of KINDS) {
  Deno.test(`${kind}: a stream answer takes no seat, and asks the gate once`, async () => {
    const app = playApp(kind);
    for (const from of [ANNE, BEN, CLEO, ANNE]) await app.list(from);
    assertEquals(app.asked, ["list", "list", "list", "list"]);
    assertEquals(await app.seated(), []);
  });

  Deno.test(`${kind}: SHOW_AVAILABILITY=off asks the gate nothing, and says nothing`, async () => {
    const app = playApp(kind, {
      settings: { capacity: 1 },
      delivery: { showAvailability: false },
    });
    const opened = await app.open(await app.path(ANNE), { from: ANNE });
    assert([200, 302].includes(opened.status));
    app.asked.length = 0;
    assertEquals((await app.list(BEN))[0]!.name, FREE);
    assertEquals(app.asked, []);
    await opened.body?.cancel();
  });

  Deno.test(`${kind}: each row of the resolve is a play of its own, its extension kept`, async () => {
    const names = ["a.mp4", "b.mkv", "c%20d.m3u8", "watch?v=1"];
    const app = playApp(kind, {
      rows: () => [
        ...names.map((name) => ({ url: `https://films.example/${name}` })),
        { url: "https://films.example/x", filename: "Wing It! (2023).webm", name: "1080p" },
      ],
    });
    const rows = await app.list();
    assertEquals(
      rows.map(({ url }) => /^https:\/\/weir\.example\/play\/[\w-]+\/(.*)$/.exec(url)?.[1]),
      [
        ...kind === "redirect"
          ? ["a.mp4", "b.mkv", "c.d.m3u8", "watch.mp4"]
          : ["video.mp4", "video.mkv", "video.m3u8", "video.mp4"],
        "Wing.It.2023.webm",
      ],
    );
    assertEquals(rows.map(({ name }) => name), [FREE, FREE, FREE, FREE, "1080p"]);
    assertEquals(rows[4]!.behaviorHints.filename, "Wing It! (2023).webm");
    assertEquals(new Set(rows.map(pathOf)).size, 5);
  });

  Deno.test(`${kind}: what a browser cannot play is not said to be ready for it`, async () => {
    const app = playApp(kind, {
      rows: () =>
        ["a.mp4", "b.mkv", "c.m3u8"].map((name) => ({ url: `https://films.example/${name}` })),
    });
    const rows = await app.list();
    assertEquals(rows.map(({ behaviorHints }) => behaviorHints.notWebReady), [false, true, true]);
  });

  Deno.test(`${kind}: RESOLVE_AT=play lists one row without asking the broker`, async () => {
    const app = playApp(kind, { delivery: { resolveAt: "play" } });
    const rows = await app.list();
    assertEquals([rows.length, app.resolved], [1, []]);
    const opened = await app.open(pathOf(rows[0]!));
    assertEquals(app.resolved, ["weir:a"]);
    assert([200, 302].includes(opened.status));
    await opened.body?.cancel();
  });

  Deno.test(`${kind}: a row says that all seats are taken, and its own viewer's is not`, async () => {
    const app = playApp(kind, { settings: { capacity: 1 } });
    const [free] = await app.list(ANNE);
    const opened = await app.open(pathOf(free!), { from: ANNE });
    const [row] = await app.list(BEN);
    assertMatch(row!.name, /^All seats are taken, .*\nSample$/);
    // The next episode starts by itself, however the seats are by then.
    assertEquals(row!.behaviorHints.bingeGroup, free!.behaviorHints.bingeGroup);
    assertEquals((await app.list(ANNE))[0]!.name, FREE);
    await opened.body?.cancel();
  });

  Deno.test(`${kind}: a row says nothing of seats while one is free`, async () => {
    const app = playApp(kind, { settings: { capacity: 2 } });
    const opened = await app.open(await app.path(ANNE), { from: ANNE });
    assertEquals((await app.list(BEN))[0]!.name, FREE);
    await opened.body?.cancel();
  });

  Deno.test(`${kind}: a gate that cannot be asked changes no stream answer`, async () => {
    const app = playApp(kind, { settings: { capacity: 1 } });
    app.outage.on = true;
    const [row] = await app.list();
    assertEquals([row!.name, app.asked], [FREE, ["list"]]);
  });

  Deno.test(`${kind}: seats above a hundred are counted, not looked at`, async () => {
    const most: unknown[] = [];
    const app = playApp(kind, {
      settings: { capacity: 120 },
      gate: {
        admit: () => ({ kind: "new", at: 0, expiresAt: 1 }),
        beat: () => ({ kind: "held", at: 0, expiresAt: 1 }),
        release: () => ({ kind: "ignored", at: 0 }),
        evict: () => ({ kind: "unknown", at: 0 }),
        list(ask) {
          most.push(ask?.most);
          return { at: 0, occupied: 120, seats: [] };
        },
      },
    });
    assertEquals((await app.list())[0]!.name, "All seats are taken\nSample");
    assertEquals(most, [100]);
  });

  Deno.test(`${kind}: what degrades a stream answer stands in the table as ever`, async () => {
    const app = playApp(kind, {
      rows: () => {
        throw new TypeError("connection refused");
      },
    });
    const { notice, streams } = await (await askWhile(app, streamPath("weir:a"))).json();
    assertEquals([notice.cause, streams.length], ["dependency_unavailable", 1]);
    assertEquals(app.asked, []);
  });

  Deno.test(`${kind}: two answers for the same are two plays`, async () => {
    const app = playApp(kind);
    assertNotEquals(await app.path(ANNE), await app.path(ANNE));
  });
}

Deno.test("redirect: the time said is that at which a seat is free", async () => {
  const app = playApp("redirect", { settings: { capacity: 1 } });
  await app.open(await app.path(ANNE), { from: ANNE });
  assertMatch((await app.list(BEN))[0]!.name, /free in about 63 minutes\n/);
  await app.clock.advance(60 * 60_000);
  assertMatch((await app.list(BEN))[0]!.name, /free in about 3 minutes\n/);
  await app.clock.advance(3 * 60_000);
  assertEquals((await app.list(BEN))[0]!.name, FREE);
});

Deno.test("proxy: the time said is that at which the first episode ends", async () => {
  const app = playApp("proxy", {
    settings: { capacity: 2 },
    rows: (episode) => rowsOf(episode).map((row) => ({ ...row, runtimeSec: 1800 })),
  });
  const first = await app.open(await app.path(ANNE), { from: ANNE });
  await app.clock.advance(300_000);
  const second = await app.open(await app.path(BEN), { from: BEN });
  await play(first).read();
  assertMatch((await app.list(CLEO))[0]!.name, /free in about 25 minutes\n/);
  await Promise.all([first.body?.cancel().catch(() => {}), second.body?.cancel()]);
});

Deno.test("proxy: the time said is the gate's own where no length is known", async () => {
  const app = playApp("proxy", {
    settings: { capacity: 1, rotationIdleMs: 600_000 },
    rows: () => [{ url: "https://films.example/a.mp4" }],
  });
  const opened = await app.open(await app.path(ANNE), { from: ANNE });
  assertMatch((await app.list(BEN))[0]!.name, /free in about 10 minutes\n/);
  await opened.body?.cancel();
});

Deno.test("only redirect shows a source's request headers to its player", async () => {
  for (const kind of KINDS) {
    const [row] = await playApp(kind).list();
    const shown = { request: { "x-source-key": "the key of the source" } };
    assertEquals(row!.behaviorHints.proxyHeaders, kind === "redirect" ? shown : undefined);
  }
});
