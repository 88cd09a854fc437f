import { assert, assertEquals, assertLess } from "./support/assert.ts";
import { ask, assertTurnedAway, deliver, readExact, testEntries } from "./support/delivered.ts";

const SEED = 23;
const SIZE = 40_000_003;
const FILE = `/file/${SEED}/${SIZE}/film.mp4`;
const RANGES = 1000;
/** So much of a range is read at most, and then the player seeks away. */
const MOST = 300_000;

/** A small generator, so that a run can be repeated. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

/** A range as players ask, and the bytes that it means; most are short. */
function anyRange(next: (below: number) => number): { range: string; from: number; to: number } {
  const size = 1 + next(10 ** (1 + next(5)));
  const from = [0, SIZE - size, next(SIZE - size)][Math.min(2, next(20))]!;
  const to = from + size;
  const kind = next(8);
  if (kind === 0) return { range: `bytes=-${size}`, from: SIZE - size, to: SIZE };
  if (kind === 1) return { range: `bytes=${from}-${to + SIZE}`, from, to: SIZE };
  return { range: `bytes=${from}-${to - 1}`, from, to };
}

testEntries("a thousand random ranges are those of the origin, byte for byte", async (entry) => {
  await using place = await deliver(entry);
  const url = await place.play(FILE);
  const seed = 20_260_314;
  const next = chance(seed);
  let left = RANGES;
  async function player(): Promise<void> {
    while (left-- > 0) {
      const { range, from, to } = anyRange(next);
      const answer = await ask(url, { headers: { range } });
      const end = Math.min(to, from + MOST);
      const told = [answer.status, answer.headers.get("content-range")];
      assertEquals(told, [206, `bytes ${from}-${to - 1}/${SIZE}`], `seed ${seed}, ${range}`);
      const got = to === end
        ? await readExact(answer, SEED, from)
        : await readSome(answer, { from, end });
      assertEquals(got, { at: to === end ? to : got.at, broke: false }, `seed ${seed}, ${range}`);
    }
  }
  await Promise.all([player(), player(), player(), player()]);
  await place.origin.openIs(0);
  await place.empty();
});

/** Reads as far as a place, and leaves. */
async function readSome(
  answer: Response,
  { from, end }: { from: number; end: number },
): Promise<{ at: number; broke: boolean }> {
  let left = end - from;
  const part = answer.body!.pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        controller.enqueue(chunk);
        if ((left -= chunk.length) <= 0) controller.terminate();
      },
    }),
  );
  return await readExact(new Response(part), SEED, from);
}

testEntries("a whole large file comes byte for byte", async (entry) => {
  await using place = await deliver(entry);
  const answer = await ask(await place.play(FILE));
  assertEquals(
    [answer.status, answer.headers.get("content-length"), answer.headers.get("accept-ranges")],
    [200, `${SIZE}`, "bytes"],
  );
  assertEquals(await readExact(answer, SEED), { at: SIZE, broke: false });
  assertEquals(place.origin.requests.filter(({ path }) => path === FILE).length, 1);
  await place.empty();
});

testEntries("a player that does not read makes the origin wait", async (entry) => {
  let given = 0;
  const size = 400_000_000;
  await using place = await deliver(entry, {
    hook({ url }) {
      if (!url.endsWith("/endless.mp4")) return undefined;
      const body = new ReadableStream({
        pull(controller) {
          given += 65_536;
          controller.enqueue(new Uint8Array(65_536));
        },
      }, { highWaterMark: 0 });
      return new Response(body, {
        headers: { "content-type": "video/mp4", "content-length": `${size}` },
      });
    },
  });
  const answer = await ask(await place.play("/endless.mp4"));
  const reader = answer.body!.getReader();
  await reader.read();
  let before = -1;
  while (before !== given) {
    before = given;
    for (let turn = 0; turn < 20; turn++) await place.sessions();
  }
  assertLess(given, 40_000_000);
  await reader.cancel();
  await place.empty();
});

testEntries("416, If-Range and HEAD are the origin's own", async (entry) => {
  await using place = await deliver(entry);
  const url = await place.play(FILE);
  const beyond = await ask(url, { headers: { range: `bytes=${SIZE}-` } });
  assertEquals([beyond.status, beyond.headers.get("content-range")], [416, `bytes */${SIZE}`]);
  await beyond.body?.cancel();
  const etag = `"${SEED}-${SIZE}"`;
  const conditions: [string, number][] = [[etag, 206], ['"older"', 200]];
  const open: Response[] = [];
  for (const [condition, status] of conditions) {
    const headers = { "range": "bytes=5-9", "if-range": condition };
    const answer = await ask(url, { headers });
    assertEquals([answer.status, answer.headers.get("etag")], [status, etag]);
    open.push(answer);
  }
  assertEquals(await readExact(open[0]!, SEED, 5), { at: 10, broke: false });
  const head = await ask(url, { method: "HEAD" });
  assertEquals([head.status, head.headers.get("content-length")], [200, `${SIZE}`]);
  assertEquals(place.origin.requests.at(-1)!.method, "HEAD");
  await open[1]!.body!.cancel();
  await place.empty();
});

testEntries("a client that vanishes at any byte leaves nothing behind", async (entry) => {
  await using place = await deliver(entry);
  const next = chance(7);
  for (let time = 0; time < 12; time++) {
    const url = await place.play(FILE);
    const client = new AbortController();
    const stop = [0, 1, 65_536, next(SIZE / 8)][time % 4]!;
    let got = 0;
    const answer = ask(url, { signal: client.signal });
    if (stop === 0 && time % 8 === 0) client.abort();
    try {
      for await (const chunk of (await answer).body!) {
        got += chunk.length;
        if (got >= stop) client.abort();
      }
      assert(false, "the client has gone");
    } catch (error) {
      assertEquals((error as Error).name, "AbortError");
    }
    await place.origin.openIs(0);
    await place.empty();
  }
});

testEntries(
  "a seat is one viewer's at a time, and free when its player has gone",
  async (entry) => {
    await using place = await deliver(entry, { env: { MAX_SESSIONS: "1" } });
    const [anne, ben] = ["203.0.113.1", "203.0.113.2"];
    const urls = [await place.play(FILE, { from: anne }), await place.play(FILE, { from: ben })];
    const first = await ask(urls[0]!, { from: anne });
    const reader = first.body!.getReader();
    await reader.read();
    await assertTurnedAway(await ask(urls[1]!, { from: ben }), "capacity");
    await reader.cancel();
    await place.empty();
    const second = await ask(urls[1]!, { from: ben });
    assertEquals(second.status, 200);
    await second.body!.cancel();
    await place.empty();
  },
);
