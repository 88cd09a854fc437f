import { createAskSource } from "../src/delivery/source.ts";
import { assert, assertEquals } from "./support/assert.ts";
import { begun, FILM_BYTES, filmSource } from "./support/film_source.ts";
import { assertClip, BEN, pathOf, playApp, rowsOf } from "./support/playing.ts";

Deno.test("a source's answer is passed on as HTTP wants it, and nothing besides", async () => {
  const film = filmSource(() =>
    new Response("0123456789", {
      headers: {
        "content-type": "video/x-matroska",
        "content-length": "10",
        "accept-ranges": "bytes",
        "etag": '"v1"',
        "last-modified": "Sat, 14 Mar 2026 19:30:00 GMT",
        "server": "the source",
        "set-cookie": "a=1",
        "via": "1.1 films.example",
        "connection": "x-hop",
        "x-hop": "1",
        "content-disposition": "attachment; filename=secret.mkv",
      },
    })
  );
  const app = playApp("proxy", { film });
  const { status, headers, body } = await app.open(await app.path());
  assertEquals(status, 200);
  assertEquals(Object.fromEntries(headers), {
    "accept-ranges": "bytes",
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "accept-ranges, content-length, content-range, etag",
    "cache-control": "private, no-store",
    "content-length": "10",
    "content-security-policy": "sandbox",
    "content-type": "video/x-matroska",
    "etag": '"v1"',
    "last-modified": "Sat, 14 Mar 2026 19:30:00 GMT",
    "x-content-type-options": "nosniff",
  });
  await body!.cancel();
});

Deno.test("a range is asked for and answered as a part", async () => {
  const app = playApp("proxy");
  const headers = { "range": "bytes=300-399", "if-range": '"film"' };
  const opened = await app.open(await app.path(), { headers });
  assertEquals(
    [opened.status, opened.headers.get("content-range"), opened.headers.get("content-length")],
    [206, `bytes 300-399/${FILM_BYTES}`, "100"],
  );
  const [asked] = app.film.requests;
  assertEquals(
    [asked!.headers.get("range"), asked!.headers.get("if-range")],
    Object.values(headers),
  );
  const player = await begun(opened, 300);
  assertEquals(player.got(), 10);
  await player.close();
});

Deno.test("a range beyond the end is 416, with the size", async () => {
  const film = filmSource(() =>
    new Response("no", { status: 416, headers: { "content-range": "bytes */1000" } })
  );
  const app = playApp("proxy", { film });
  const opened = await app.open(await app.path(), { headers: { range: "bytes=1000-" } });
  assertEquals(
    [opened.status, opened.headers.get("content-range"), await opened.text()],
    [416, "bytes */1000", ""],
  );
});

Deno.test("the source is asked with the row's headers, and none of the client's secrets", async () => {
  const app = playApp("proxy", {
    rows: () => [{
      url: "https://films.example/a.mp4",
      headers: { "Referer": "https://films.example/", "Authorization": "Bearer the source's" },
    }],
  });
  const opened = await app.open(await app.path(), {
    headers: {
      "cookie": "session=mine",
      "authorization": "Bearer mine",
      "proxy-authorization": "Basic mine",
      "x-forwarded-for": "198.51.100.7",
      "x-own": "mine",
      "referer": "https://app.example/",
      "user-agent": "a player",
    },
  });
  assertEquals(Object.fromEntries(app.film.requests[0]!.headers), {
    "accept-encoding": "identity",
    "authorization": "Bearer the source's",
    "referer": "https://films.example/",
    "user-agent": "a player",
  });
  await opened.body!.cancel();
});

Deno.test("HEAD with a seat tells the source's headers, and takes nothing more", async () => {
  const app = playApp("proxy");
  const path = await app.path();
  const player = await begun(await app.open(path));
  for (const passedMs of [0, 20_000]) {
    await app.clock.advance(passedMs);
    const told = await app.open(path, { method: "HEAD" });
    assertEquals([told.status, told.headers.get("etag")], [200, '"film"']);
    assertEquals(told.headers.get("content-length"), `${FILM_BYTES}`);
    assertEquals(app.film.requests.at(-1)!.method, "HEAD");
  }
  assertEquals((await app.seated()).length, 1);
  await player.close();
});

Deno.test("a seat taken for a source that fails is given back at once", async () => {
  const replies: (() => Response)[] = [
    ...[403, 404, 429, 500, 503].map((status) => () => new Response("no", { status })),
    () => new Response("moved", { status: 302, headers: { location: "/again" } }),
    () => {
      throw new TypeError("connection refused");
    },
  ];
  for (const reply of replies) {
    const app = playApp("proxy", { settings: { capacity: 1 }, film: filmSource(reply) });
    assertClip(await app.open(await app.path()), "unavailable");
    assertEquals(await app.seated(), []);
  }
});

Deno.test("a source that fails costs a play that has its bytes no seat", async () => {
  const app = playApp("proxy");
  const path = await app.path();
  const player = await begun(await app.open(path));
  app.film.reply = () => new Response("no", { status: 500 });
  assertClip(await app.open(path), "unavailable");
  assertEquals((await app.seated())[0]?.state, "standing");
  await player.close();
});

Deno.test("an opening that fails leaves the seat to one that is still under way", async () => {
  const [no, yes] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const film = filmSource(async () => {
    const first = film.requests.length === 1;
    await (first ? no : yes).promise;
    return first ? new Response("no", { status: 403 }) : undefined;
  });
  const app = playApp("proxy", { film, settings: { capacity: 1 } });
  const path = await app.path();
  const opened = [app.open(path), app.open(path)];
  while (film.requests.length < 2) await new Promise((resolve) => setTimeout(resolve));
  no.resolve();
  assertClip(await opened[0]!, "unavailable");
  assertEquals((await app.seated()).map(({ state }) => state), ["standing"]);
  assertClip(await app.open(await app.path(BEN), { from: BEN }), "capacity");
  yes.resolve();
  const player = await begun(await opened[1]!);
  assertEquals((await app.seated()).map(({ state }) => state), ["standing"]);
  await player.close();
});

Deno.test("what the broker gave is kept where it is the player that goes away", async () => {
  const app = playApp("proxy");
  const path = await app.path();
  const player = await begun(await app.open(path));
  app.resolved.length = 0;
  for (let seek = 0; seek < 3; seek++) {
    const client = new AbortController();
    app.film.reply = () => {
      client.abort();
      return new Promise(() => {});
    };
    assertClip(await app.open(path, { signal: client.signal }), "unavailable");
  }
  app.film.reply = () => undefined;
  const again = await begun(await app.open(path));
  assertEquals(app.resolved, []);
  await Promise.all([player.close(), again.close()]);
});

Deno.test("what the broker gave before is asked for anew where the source says no", async () => {
  let link = 0;
  const app = playApp("proxy", {
    rows: () => [{ url: `https://films.example/${++link}.mp4` }],
    film: filmSource(({ url }) =>
      url.endsWith("/2.mp4") ? undefined : new Response("aged", { status: 403 })
    ),
  });
  link = 1;
  const path = await app.path();
  link = 1;
  const player = await begun(await app.open(path));
  assertEquals(app.film.requests.at(-1)!.url, "https://films.example/2.mp4");
  app.film.reply = ({ url }) =>
    url.endsWith("/3.mp4") ? undefined : new Response("", { status: 403 });
  const again = await begun(await app.open(path));
  assertEquals(app.film.requests.at(-1)!.url, "https://films.example/3.mp4");
  await Promise.all([player.close(), again.close()]);
});

Deno.test("another row of a play ends the connections of the first", async () => {
  const app = playApp("proxy", {
    rows: () =>
      ["480p", "1080p"].map((name) => ({ name, url: `https://films.example/${name}.mp4` })),
  });
  const [low, high] = (await app.list()).map(pathOf);
  const first = await begun(await app.open(low!));
  const second = await begun(await app.open(high!));
  assertEquals(await first.read(), "broken");
  app.film.taps.at(-1)!.give(10);
  assertEquals(await second.read(), "bytes");
  assertEquals((await app.seated()).map(({ state }) => state), ["standing"]);
  await second.close();
});

Deno.test("a source in a private network is refused, at the first hop and at later ones", async () => {
  const inside = ["10.0.0.5", "192.168.1.2", "127.0.0.1", "169.254.169.254", "[::1]", "localhost"];
  for (const host of inside) {
    const url = `http://${host}/admin.mp4`;
    const first = playApp("proxy", { rows: () => [{ url }] });
    assertClip(await first.open(await first.path()), "unavailable");
    assertEquals([first.film.requests, await first.seated()], [[], []]);
    const later = playApp("proxy", {
      film: filmSource(() => new Response(null, { status: 302, headers: { location: url } })),
    });
    assertClip(await later.open(await later.path()), "unavailable");
    assertEquals(later.film.requests.map((request) => request.url), [rowsOf("weir:a")[0]!.url]);
  }
});

Deno.test("a name that leads into a private network is refused where the runtime tells", async () => {
  const film = filmSource();
  const addresses = [["93.184.216.34", "10.0.0.5"], [], ["fd00::1"]];
  for (const found of addresses) {
    const resolveHost = () => Promise.resolve(found);
    const app = playApp("proxy", {
      askSource: createAskSource({ fetch: film.fetch, allowPrivate: [], resolveHost }),
    });
    assertClip(await app.open(await app.path()), "unavailable");
  }
  assertEquals(film.requests, []);
});

Deno.test("a connection that breaks is resumed once, and only for the same bytes", async () => {
  const app = playApp("proxy");
  const player = await begun(await app.open(await app.path()));
  app.film.taps[0]!.fail();
  assertEquals(await player.read(), "bytes");
  const { headers } = app.film.requests[1]!;
  assertEquals([headers.get("range"), headers.get("if-range")], ["bytes=10-999", '"film"']);
  assertEquals(player.got(), 20);
  app.film.taps[1]!.fail();
  assertEquals(await player.read(), "broken");
  assertEquals(app.film.requests.length, 2);

  const others = [
    { status: 206, headers: { "etag": '"other"', "content-range": "bytes 10-999/1000" } },
    { status: 206, headers: { "etag": '"film"', "content-range": "bytes 11-999/1000" } },
    { status: 200, headers: { "etag": '"film"' } },
  ];
  for (const other of others) {
    app.film.reply = () => undefined;
    const changed = await begun(await app.open(await app.path()));
    app.film.reply = () => new Response("0123456789", other);
    app.film.taps.at(-1)!.fail();
    assertEquals(await changed.read(), "broken");
  }
});

Deno.test("a source that stalls in mid-film is asked once more, and then given up", async () => {
  const app = playApp("proxy");
  const player = await begun(await app.open(await app.path()));
  const read = player.read();
  await app.clock.advance(30_000);
  assertEquals([await read, app.film.requests.length], ["bytes", 2]);
  const again = player.read();
  await app.clock.advance(30_000);
  assertEquals([await again, app.film.requests.length], ["broken", 2]);
});

Deno.test("a player that rests does not hold the source, and goes on from where it was", async () => {
  const app = playApp("proxy");
  const player = await begun(await app.open(await app.path()));
  await app.clock.advance(46_000);
  assert(app.film.taps[0]!.cancelled);
  assertEquals(await player.read(), "bytes");
  assertEquals([player.got(), app.film.requests[1]!.headers.get("range")], [20, "bytes=10-999"]);
  await player.close();
});

Deno.test("a source's page, list or other playlist is no film, whatever it names", async () => {
  for (const type of ["text/html; charset=utf-8", "application/xhtml+xml", "audio/x-scpls"]) {
    const film = filmSource(() => new Response("<p>", { headers: { "content-type": type } }));
    const app = playApp("proxy", { film });
    assertClip(await app.open(await app.path()), "unavailable");
    assertEquals(await app.seated(), []);
  }
});
