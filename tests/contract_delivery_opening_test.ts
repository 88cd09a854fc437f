import type { OpenHours } from "../src/addon/hours.ts";
import { parseHours } from "../src/addon/hours.ts";
import { StatusError } from "../src/ports.ts";
import { testApp } from "./support/app.ts";
import { assert, assertEquals, assertStringIncludes } from "./support/assert.ts";
import {
  ANNE,
  assertClip,
  BEN,
  CLEO,
  EPISODE,
  type PlayApp,
  playApp,
  rowsOf,
} from "./support/playing.ts";
import { counted } from "./support/viewers.ts";

const KINDS = ["redirect", "proxy"] as const;
const JSON_WANTED = { accept: "application/json" };

async function noticeOf(app: PlayApp, path: string, from: string = ANNE) {
  const response = await app.open(path, { from, headers: JSON_WANTED });
  assertEquals([response.status, response.headers.get("cache-control")], [
    200,
    "private, no-store",
  ]);
  assertEquals(response.headers.get("access-control-allow-origin"), "*");
  return (await response.json()).notice;
}

/** Lets go on what waits for more than promises: ciphers do. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** Asks while time passes, so that every deadline and every pause comes. */
async function openWhile(app: PlayApp, path: string, from: string = ANNE): Promise<Response> {
  let opened: Response | undefined;
  app.open(path, { from }).then((response) => opened = response);
  while (opened === undefined) {
    await turn();
    await app.clock.advance(500);
  }
  return opened;
}

function opens({ status }: Response): boolean {
  return status === 200 || status === 302;
}

for (const kind of KINDS) {
  Deno.test(`${kind}: a ticket that is not ours, or too old, gives no hint why`, async () => {
    const app = playApp(kind, { delivery: { ticketTtlMs: 60_000 } });
    const good = await app.path();
    const [, , ticket = "", name] = good.split("/");
    const other = playApp(kind, {
      delivery: { secrets: ["another secret of thirty-two characters"] },
    });
    const bad = [
      `/play/x/${name}`,
      `/play/${ticket.slice(0, -2)}AA/${name}`,
      `/play/A${ticket.slice(1)}/${name}`,
      `/play/${ticket}${ticket}/${name}`,
      `/play/${"A".repeat(3000)}/${name}`,
      await other.path(),
    ];
    app.asked.length = 0;
    for (const path of bad) assertClip(await app.open(path), "unavailable");
    await app.clock.advance(60_000);
    assertClip(await app.open(good), "unavailable");
    const notices = await Promise.all([...bad, good].map((path) => noticeOf(app, path)));
    assertEquals(
      new Set(notices.map((notice) => JSON.stringify(notice))),
      new Set(['{"cause":"not_found","message":"There is no stream for this here."}']),
    );
    assertEquals([app.asked, app.resolved.length, app.film.requests], [[], 1, []]);
  });

  Deno.test(`${kind}: a ticket made from the secret before this one opens`, async () => {
    const before = "the secret of the time before this";
    const path = await playApp(kind, { delivery: { secrets: [before] } }).path();
    const secrets = ["the secret of the time from now on", before] as const;
    const opened = await playApp(kind, { delivery: { secrets: [...secrets] } }).open(path);
    assert(opens(opened) && !opened.headers.get("location")?.includes("/clips/"));
    await opened.body?.cancel();
  });

  Deno.test(`${kind}: nothing is opened, and nobody asked, outside opening hours`, async () => {
    const app = playApp(kind, { openHours: parseHours("08:00-20:00", "UTC") as OpenHours });
    const path = await app.path();
    await app.clock.advance(30 * 60_000);
    app.asked.length = 0;
    assertClip(await app.open(path), "closed");
    const { cause, message, retryAfterSec } = await noticeOf(app, path);
    assertEquals([cause, retryAfterSec], ["closed", 12 * 3600]);
    assertStringIncludes(message, "08:00");
    assertEquals([app.asked, app.film.requests], [[], []]);
  });

  Deno.test(`${kind}: who finds all seats taken is sent to the clip, or told in JSON`, async () => {
    const app = playApp(kind, { settings: { capacity: 1 } });
    const [anne, ben] = [await app.path(ANNE), await app.path(BEN)];
    const playing = await app.open(anne, { from: ANNE });
    assertClip(await app.open(ben, { from: BEN }), "capacity");
    const { cause, retryAfterSec } = await noticeOf(app, ben, BEN);
    assertEquals(cause, "capacity");
    assertEquals(retryAfterSec, kind === "redirect" ? 3780 : 45);
    const { verdict, level } = app.logs.at(-1)!;
    assertEquals([verdict, level], ["blocked", "info"]);
    assertEquals(counted(app, 'degraded_total{cause="capacity"}'), 2);
    await playing.body?.cancel();
  });

  Deno.test(`${kind}: the clip that a player is sent to has CORS as well`, async () => {
    const file = { bytes: new Uint8Array(10), type: "video/mp4" };
    const app = playApp(kind, { files: new Map([["/clips/unavailable.mp4", file]]) });
    const [, , ticket] = (await app.path()).split("/");
    const away = await app.open(`/play/${ticket}A/a.mp4`);
    const clip = await app.open(new URL(away.headers.get("location")!).pathname);
    for (const { headers } of [away, clip]) {
      assertEquals(headers.get("access-control-allow-origin"), "*");
    }
    assertEquals(await clip.arrayBuffer(), new ArrayBuffer(10));
  });

  Deno.test(`${kind}: a broker that fails gives the clip of the cause, and the seat back`, async () => {
    const failures: [() => Promise<never>, string][] = [
      [() => Promise.reject(new StatusError(404)), "unavailable"],
      [() => Promise.reject(new StatusError(400)), "unavailable"],
      [() => Promise.reject(new TypeError("connection refused")), "unavailable"],
      [() => new Promise(() => {}), "slow"],
    ];
    for (const [fail, clip] of failures) {
      const app = playApp(kind, { rows: fail, delivery: { resolveAt: "play" } });
      assertClip(await openWhile(app, await app.path()), clip);
      assertEquals([app.asked, await app.seated()], [["list", "admit", "release"], []]);
      await app.clock.advance(120_000);
    }
  });

  Deno.test(`${kind}: a gate that cannot be asked blocks, or admits, as is set`, async () => {
    for (const gateOnFailure of ["block", "admit"] as const) {
      const app = playApp(kind, { gateOnFailure });
      const path = await app.path();
      app.outage.on = true;
      const opened = await app.open(path);
      if (gateOnFailure === "block") assertClip(opened, "unavailable");
      else assert(opens(opened) && !opened.headers.get("location")?.includes("/clips/"));
      assertEquals(counted(app, "ungated_total"), gateOnFailure === "admit" ? 1 : 0);
      await opened.body?.cancel();
    }
  });

  Deno.test(`${kind}: a bug is shown as a clip, and is an error in the log`, async () => {
    const app = playApp(kind, {
      gate: {
        ...playApp(kind).gate,
        admit() {
          throw new RangeError("a fault of ours");
        },
      },
    });
    assertClip(await app.open(await app.path()), "unavailable");
    assertEquals(app.logs.filter(({ level }) => level === "error").length, 1);
    assert(!JSON.stringify(app.logs).includes("fault of ours"));
  });

  Deno.test(`${kind}: HEAD without a seat takes none, and does not ask the source`, async () => {
    const app = playApp(kind);
    const path = await app.path();
    const told = await app.open(path, { method: "HEAD" });
    assertEquals([told.status, await told.text()], [200, ""]);
    assertEquals(told.headers.get("content-type"), "video/mp4");
    assertEquals(told.headers.get("accept-ranges"), "bytes");
    assertEquals(told.headers.get("access-control-allow-origin"), "*");
    assertEquals([await app.seated(), app.film.requests, app.resolved.length], [[], [], 1]);
    assert(!app.asked.includes("admit"));
  });

  Deno.test(`${kind}: HEAD without a seat takes none where all are taken either`, async () => {
    const app = playApp(kind, { settings: { capacity: 1 } });
    const ben = await app.path(BEN);
    const playing = await app.open(await app.path(ANNE), { from: ANNE });
    const told = await app.open(ben, { from: BEN, method: "HEAD" });
    assertEquals([told.status, (await app.seated()).length], [200, 1]);
    await playing.body?.cancel();
  });

  Deno.test(`${kind}: twenty GETs at once are one admission and one resolve`, async () => {
    const go = Promise.withResolvers<void>();
    const app = playApp(kind, {
      delivery: { resolveAt: "play" },
      rows: (episode) => go.promise.then(() => rowsOf(episode)),
    });
    const path = await app.path();
    const opened = Array.from({ length: 20 }, () => app.open(path));
    while (counted(app, 'coalesced_total{what="request"}') + app.logs.length < 20) await turn();
    go.resolve();
    const answers = await Promise.all(opened);
    const clips = answers.filter(({ headers }) => headers.get("location")?.includes("/clips/"));
    assertEquals([answers.every(opens), clips.length], [true, 0]);
    // Redirect holds the seat for the length that the resolve tells.
    assertEquals(app.asked, ["list", "admit", ...(kind === "redirect" ? ["beat"] : [])]);
    assertEquals([app.resolved, (await app.seated()).length], [[EPISODE], 1]);
    await Promise.all(answers.map((each) => each.body?.cancel().catch(() => {})));
  });

  Deno.test(`${kind}: what the broker gave is kept for PLAY_CACHE_SEC, for its play`, async () => {
    const app = playApp(kind, { settings: { capacity: 5 } });
    const [path, other] = [await app.path(ANNE), await app.path(ANNE)];
    const open = async (at: string) => await (await app.open(at)).body?.cancel();
    app.resolved.length = 0;
    await open(path);
    await app.clock.advance(59_999);
    await open(path);
    assertEquals(app.resolved.length, 1);
    await open(other);
    assertEquals(app.resolved.length, 2);
    await app.clock.advance(1);
    await open(path);
    assertEquals(app.resolved.length, 3);
  });

  Deno.test(`${kind}: a link opened again hours later admits and resolves anew`, async () => {
    let host = "films";
    const app = playApp(kind, {
      rows: (episode) =>
        rowsOf(episode).map((row) => ({ ...row, url: row.url.replace("films", host) })),
    });
    const path = await app.path();
    await (await app.open(path)).body?.cancel();
    host = "moved";
    await app.clock.advance(2 * 3_600_000);
    app.asked.length = app.resolved.length = 0;
    const opened = await app.open(path);
    assertEquals([app.asked[0], app.resolved], ["admit", [EPISODE]]);
    const asked = opened.headers.get("location") ?? app.film.requests.at(-1)!.url;
    assertStringIncludes(asked, "https://moved.example/");
    await opened.body?.cancel();
  });

  Deno.test(`${kind}: the row that a link means is found where rows have moved`, async () => {
    let rows = ["480p", "1080p"];
    const app = playApp(kind, {
      rows: () => rows.map((name) => ({ url: `https://films.example/${name}.mp4`, name })),
    });
    const path = new URL((await app.list())[1]!.url).pathname;
    rows = ["1080p", "4K", "480p"];
    const opened = await app.open(path);
    const asked = opened.headers.get("location") ?? app.film.requests.at(-1)!.url;
    assertEquals(asked, "https://films.example/1080p.mp4");
    await opened.body?.cancel();
  });

  Deno.test(`${kind}: who is admitted by rotation, or not, is told by the gate's law`, async () => {
    const app = playApp(kind, { settings: { capacity: 1 } });
    const paths = [await app.path(ANNE), await app.path(BEN), await app.path(CLEO)];
    const first = await app.open(paths[0]!, { from: ANNE });
    await app.clock.advance(45_000);
    const second = await app.open(paths[1]!, { from: BEN });
    if (kind === "redirect") assertClip(second, "capacity");
    else assertEquals([second.status, app.logs.at(-1)!.verdict], [200, "rotated"]);
    await first.body?.cancel().catch(() => {});
    await second.body?.cancel();
  });

  Deno.test(`${kind}: other methods are refused, and a preflight is answered`, async () => {
    const app = playApp(kind);
    const path = await app.path();
    assertEquals((await app.open(path, { method: "POST" })).status, 405);
    assertEquals((await app.open(path, { method: "OPTIONS" })).status, 204);
    assertEquals(await app.seated(), []);
  });
}

Deno.test("direct: there are no plays", async () => {
  const path = await playApp("proxy").path();
  assertEquals((await testApp().get(path)).status, 404);
});
