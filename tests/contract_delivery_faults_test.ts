import { assert, assertEquals } from "./support/assert.ts";
import {
  ask,
  assertTurnedAway,
  deliver,
  type Delivered,
  readExact,
  testEntries,
} from "./support/delivered.ts";

const SEED = 31;
const SIZE = 600_000;
const FILE = `/file/${SEED}/${SIZE}/film.mp4`;

/** The ranges that the origin was asked for a path. */
function ranges({ origin }: Delivered, path: string): (string | null)[] {
  return origin.requests.filter((request) => request.path === path)
    .map(({ headers }) => headers.get("range"));
}

let viewers = 0;

/** Opens a play as a viewer of its own, for of one's own requests the latest wins. */
async function plays(place: Delivered, path: string, asking: RequestInit = {}): Promise<Response> {
  const from = `203.0.113.${viewers++ % 250}`;
  return await ask(await place.play(path, { from }), { ...asking, from });
}

testEntries("a connection that the origin resets is resumed once, byte for byte", async (entry) => {
  await using place = await deliver(entry);
  for (const reset of [1, 65_536, 300_001, SIZE - 1]) {
    const path = `${FILE}?reset=${reset}&times=1`;
    const answer = await plays(place, path);
    assertEquals([answer.status, answer.headers.get("content-length")], [200, `${SIZE}`]);
    assertEquals(await readExact(answer, SEED), { at: SIZE, broke: false }, path);
    const [first, second, ...more] = ranges(place, path);
    assertEquals([first, more], [null, []]);
    assert(second?.endsWith(`-${SIZE - 1}`), `${second}`);
  }
  await place.empty();
});

testEntries("a part that the origin resets is resumed within the part", async (entry) => {
  await using place = await deliver(entry);
  const path = `${FILE}?reset=200000&times=1`;
  const answer = await plays(place, path, { headers: { range: "bytes=150000-249999" } });
  assertEquals(await readExact(answer, SEED, 150_000), { at: 250_000, broke: false });
  assert(ranges(place, path)[1]?.endsWith("-249999"));
  await place.empty();
});

testEntries("what cannot be made whole ends uncleanly, with right bytes so far", async (entry) => {
  const faults = [
    "reset=300000",
    "reset=300000&etag=changing",
    "reset=300000&times=1&etag=weak&modified=off",
    "reset=300000&etag=none&modified=off",
    "reset=300000&ranges=off",
    "lie=1000",
    "reset=100&contentRange=wrong",
    "reset=300000&length=off",
  ];
  await using place = await deliver(entry, { env: { MAX_SESSIONS: "20" } });
  await Promise.all(faults.map(async (fault) => {
    const path = `${FILE}?${fault}`;
    const answer = await plays(place, path);
    const { at, broke } = answer.status === 200
      ? await readExact(answer, SEED)
      : { at: 0, broke: false };
    assertEquals([answer.status, broke], [200, true], fault);
    assert(at <= SIZE, fault);
    const asked = ranges(place, path).length;
    assert(asked <= 2, `${fault}: asked ${asked} times`);
  }));
  await place.origin.openIs(0);
  await place.empty();
});

testEntries("a body that was over when its beginning was read ends there", async (entry) => {
  const key = "#key-of-16-bytes";
  await using place = await deliver(entry, {
    hook({ url }) {
      const { pathname } = new URL(url);
      const text = pathname === "/key.bin" ? key : pathname === "/nothing.mp4" ? "" : undefined;
      if (text === undefined) return undefined;
      // In chunks, so that no length is told.
      const body = new Response(text).body!.pipeThrough(new TransformStream());
      return new Response(body, { headers: { "content-type": "application/octet-stream" } });
    },
  });
  for (const [path, text] of [["/key.bin", key], ["/nothing.mp4", ""]] as const) {
    const answer = await plays(place, path);
    assertEquals([answer.status, answer.headers.get("content-length")], [200, null], path);
    assertEquals(await answer.text(), text, path);
  }
  await place.origin.openIs(0);
  await place.empty();
});

testEntries("an origin that changes its file in mid-film is not mixed in", async (entry) => {
  await using place = await deliver(entry, {
    hook({ url, headers }) {
      const { pathname } = new URL(url);
      if (pathname !== "/changes.mp4") return undefined;
      const range = headers.get("range");
      if (range === null) {
        let sent = false;
        const body = new ReadableStream({
          pull(controller) {
            if (sent) return controller.error("the origin resets");
            sent = true;
            controller.enqueue(new Uint8Array(1000));
          },
        });
        return new Response(body, {
          headers: {
            "content-type": "video/mp4",
            "content-length": "9000",
            "accept-ranges": "bytes",
            "etag": '"one"',
          },
        });
      }
      return new Response(new Uint8Array(8000).fill(1), {
        status: 206,
        headers: { "content-range": "bytes 1000-8999/9000", "etag": '"two"' },
      });
    },
  });
  const answer = await plays(place, "/changes.mp4");
  const got: number[] = [];
  let broke = false;
  try {
    for await (const chunk of answer.body!) got.push(...chunk);
  } catch {
    broke = true;
  }
  assertEquals([broke, got.some((byte) => byte !== 0), got.length <= 1000], [true, false, true]);
  await place.empty();
});

testEntries(
  "an origin that stalls is broken off after STALL_SEC, and asked once more",
  async (entry) => {
    await using place = await deliver(entry, { env: { STALL_SEC: "1", MAX_SESSIONS: "9" } });
    const [once, always, first] = ["stall=100000&times=1", "stall=100000", "stall=0"].map(
      (fault) => `${FILE}?${fault}`,
    ) as [string, string, string];
    const [resumed, broken, silent] = await Promise.all([
      plays(place, once),
      plays(place, always),
      plays(place, first),
    ]);
    await assertTurnedAway(silent, "unavailable");
    assertEquals(await readExact(resumed, SEED), { at: SIZE, broke: false });
    const { broke } = await readExact(broken, SEED);
    assertEquals([broke, ranges(place, always).length], [true, 2]);
    await place.origin.openIs(0);
    await place.empty();
  },
);

testEntries("an origin that says no, or leads nowhere, is shown as a clip", async (entry) => {
  await using place = await deliver(entry);
  const paths = [
    ...[401, 403, 404, 410, 429, 500, 503].map((status) => `${FILE}?status=${status}`),
    "/circle/film.mp4",
    `/hop/6${FILE}`,
    `${FILE}?encoding=gzip`,
    "/nothing",
  ];
  for (const path of paths) {
    await assertTurnedAway(await plays(place, path), "unavailable");
    assertEquals(await place.sessions(), [], path);
  }
});

testEntries(
  "an origin's redirects are followed, within bounds, and to another origin",
  async (entry) => {
    await using place = await deliver(entry);
    for (const path of [`/hop/5${FILE}`, `/away${FILE}`]) {
      const answer = await plays(place, path);
      assertEquals([answer.status, await readExact(answer, SEED)], [200, {
        at: SIZE,
        broke: false,
      }]);
    }
  },
);

testEntries("slow bytes and bytes without a length come as they come", async (entry) => {
  await using place = await deliver(entry);
  const [slow, unknown] = await Promise.all([
    plays(place, `${FILE}?rate=1200000`),
    plays(place, `${FILE}?length=off`),
  ]);
  assertEquals([slow.status, unknown.headers.get("content-length")], [200, null]);
  assertEquals(await Promise.all([readExact(slow, SEED), readExact(unknown, SEED)]), [
    { at: SIZE, broke: false },
    { at: SIZE, broke: false },
  ]);
  await place.empty();
});

testEntries("a private origin that is not allowed is never asked", async (entry) => {
  await using place = await deliver(entry, { env: { ALLOW_PRIVATE_SOURCES: "10.0.0.0/8" } });
  await assertTurnedAway(await plays(place, FILE), "unavailable");
  assertEquals([ranges(place, FILE), await place.sessions()], [[], []]);
});
