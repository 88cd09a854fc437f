import { assert, assertEquals } from "./support/assert.ts";
import { begun, type FilmSource, filmSource, type Player } from "./support/film_source.ts";
import { assertClip, BEN, type PlayApp, playApp } from "./support/playing.ts";

Deno.test("a source that does not answer is given up after STALL_SEC", async () => {
  const asked = Promise.withResolvers<void>();
  const film = filmSource((_, signal) => {
    asked.resolve();
    return new Promise((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason))
    );
  });
  const app = playApp("proxy", { film });
  const opened = app.open(await app.path());
  await asked.promise;
  await app.clock.advance(30_000);
  assertClip(await opened, "unavailable");
  assertEquals(await app.seated(), []);
});

/** How long an opening takes at a source that lets it hang. */
async function opensFor(app: PlayApp, path: string): Promise<number> {
  const started = app.clock.now();
  let opened: Response | undefined;
  app.open(path).then((response) => opened = response);
  while (opened === undefined) {
    await new Promise((resolve) => setTimeout(resolve));
    await app.clock.advance(1000);
  }
  assertClip(opened, "unavailable");
  return app.clock.now() - started;
}

Deno.test("whatever a source lets hang, an opening waits for it once, for STALL_SEC", async () => {
  const silent = () => new Promise<Response>(() => {});
  const late = (app: PlayApp, answer: () => Response) => () =>
    new Promise<Response>((resolve) =>
      app.clock.timeout(20_000).addEventListener("abort", () => resolve(answer()))
    );
  const empty = (type: string) => () =>
    new Response(new ReadableStream(), { headers: { "content-type": type } });
  const ways: ((app: PlayApp) => () => Promise<Response>)[] = [
    () => silent,
    (app) => late(app, empty("video/mp4")),
    (app) => late(app, empty("application/vnd.apple.mpegurl")),
    (app) => late(app, () => new Response("no", { status: 403 })),
  ];
  for (const way of ways) {
    const app = playApp("proxy");
    const path = await app.path();
    const player = await begun(await app.open(path));
    app.film.reply = way(app);
    const tookMs = await opensFor(app, path);
    assert(tookMs >= 30_000 && tookMs <= 31_000, `${tookMs} ms`);
    await player.close();
  }
});

Deno.test("a play has eight connections at most, and the oldest makes room", async () => {
  const app = playApp("proxy");
  const path = await app.path();
  const players: Player[] = [];
  for (let each = 0; each < 9; each++) players.push(await begun(await app.open(path)));
  assertEquals(app.film.taps.map(({ cancelled }) => cancelled), [true, ...Array(8).fill(false)]);
  assertEquals(await players[0]!.read(), "broken");
  await Promise.all(players.slice(1).map((player) => player.close()));
});

/** A source that keeps all waiting until it is let go, and then says no. */
function keeping(): { film: FilmSource; asked(count: number): Promise<void>; go: () => void } {
  const go = Promise.withResolvers<void>();
  const film = filmSource(async () => {
    await go.promise;
    return new Response(null, { status: 404 });
  });
  return {
    film,
    go: go.resolve,
    async asked(count) {
      while (film.requests.length < count) await new Promise((resolve) => setTimeout(resolve));
    },
  };
}

Deno.test("sixteen plays of a viewer open at once, however many requests each is", async () => {
  const { film, asked, go } = keeping();
  const app = playApp("proxy", { film, settings: { capacity: 100 } });
  const paths = await Promise.all(Array.from({ length: 17 }, () => app.path()));
  const [other, ...own] = paths;
  const opened = own.flatMap((path) => Array.from({ length: 5 }, () => app.open(path)));
  await asked(80);
  assertClip(await app.open(other!), "unavailable");
  const ben = app.open(await app.path(BEN), { from: BEN });
  await asked(81);
  go();
  for (const answer of await Promise.all([...opened, ben])) assertClip(answer, "unavailable");
  app.film.reply = () => undefined;
  const player = await begun(await app.open(other!));
  await player.close();
});

Deno.test("thirty-two requests of a play open at once, and no other play pays for it", async () => {
  const { film, asked, go } = keeping();
  const app = playApp("proxy", { film });
  const [path, other] = [await app.path(), await app.path()];
  const opened = Array.from({ length: 32 }, () => app.open(path));
  await asked(32);
  assertClip(await app.open(path), "unavailable");
  opened.push(app.open(other));
  await asked(33);
  go();
  for (const answer of await Promise.all(opened)) assertClip(answer, "unavailable");
  app.film.reply = () => undefined;
  const player = await begun(await app.open(path));
  await player.close();
});

Deno.test("a source that fails is told to the operator: how, and nothing of where", async () => {
  const hang = () => new Promise<never>(() => {});
  const cases: [FilmSource["reply"], Record<string, unknown>, string?][] = [
    [() => Promise.reject(new TypeError("connection refused")), { kind: "network" }],
    [() => new Response("", { status: 403 }), { kind: "status", status: 403 }],
    [hang, { kind: "timeout" }],
    [() => new Response("<html>", { headers: { "content-type": "text/html" } }), {
      kind: "bad_reply",
    }],
    [() => undefined, { kind: "refused" }, "http://192.168.1.9/a.mp4"],
  ];
  for (const [reply, how, url = "https://films.example/a.mp4"] of cases) {
    const app = playApp("proxy", { film: filmSource(reply), rows: () => [{ url }] });
    await opensFor(app, await app.path());
    const told = app.logs.filter(({ event }) => event === "dependency_failed");
    assertEquals(told, [
      { level: "warn", event: "dependency_failed", dependency: "source", ...how, failures: 1 },
    ]);
  }
});

Deno.test("a client that has gone is no failure of its source", async () => {
  const app = playApp("proxy", { film: filmSource(() => new Promise<never>(() => {})) });
  const client = new AbortController();
  const opened = app.open(await app.path(), { signal: client.signal });
  await app.clock.settle();
  client.abort();
  await opened;
  assertEquals(app.logs.filter(({ event }) => event === "dependency_failed"), []);
});
