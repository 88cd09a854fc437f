import { createGulps, firstPace, GULP, nextPace, type Pace, SIP } from "../src/entry/gulps.ts";
import type { BodyReader } from "../src/ports.ts";
import { assertEquals } from "./support/assert.ts";
import { originBytes } from "./support/origin_bytes.ts";

const SEED = 17;
const WINDOW = 5 * 1024 * 1024;
const FAST_MS = 1250;

/** Reads so many full pieces, each so long after the one before. */
function read(pace: Pace, { pieces, everyMs }: { pieces: number; everyMs: number }): Pace {
  let now = pace.since;
  for (let piece = 0; piece < pieces; piece++) pace = nextPace(pace, pace.size, now += everyMs);
  return pace;
}

/** A pace at which all pieces are as large as they get. */
function fastPace(): Pace {
  return read(firstPace(0), { pieces: Math.ceil(WINDOW / SIP) + 4, everyMs: 1 });
}

/** A body as `fetch` gives it: of bytes, in pieces of at most so many. */
function bodyOf(size: number, most: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      const view = controller.byobRequest!.view as Uint8Array;
      const count = Math.min(view.length, most, size - at);
      view.set(originBytes(SEED, { from: at, to: at += count }));
      if (count === 0) controller.close();
      controller.byobRequest!.respond(count);
    },
  });
}

/** The sizes of the pieces that a reader gives, copied before the next is asked for. */
async function readAll(reader: BodyReader): Promise<{ sizes: number[]; bytes: Uint8Array }> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (;;) {
    const { value } = await reader.read();
    if (value === undefined) break;
    pieces.push(new Uint8Array(value));
  }
  const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
  return { sizes: pieces.map(({ length }) => length), bytes };
}

Deno.test("nextPace() reads in sips until a window of bytes has flowed fast", () => {
  const before = read(firstPace(0), { pieces: Math.ceil(WINDOW / SIP) - 1, everyMs: 1 });
  assertEquals(before.size, SIP);
  assertEquals(nextPace(before, SIP, FAST_MS).size, SIP * 2);
  assertEquals(nextPace(before, SIP, FAST_MS + 1).size, SIP);
});

Deno.test("nextPace() doubles while pieces are full, up to a gulp", () => {
  assertEquals(fastPace().size, GULP);
  assertEquals(read(fastPace(), { pieces: 9, everyMs: 1 }).size, GULP);
});

Deno.test("nextPace() keeps its size where a piece is partly filled, and halves it where it is hardly", () => {
  const pace = fastPace();
  assertEquals(nextPace(pace, GULP / 4, pace.since).size, GULP);
  assertEquals(nextPace(pace, GULP / 4 - 1, pace.since).size, GULP / 2);
  let small = pace;
  for (let piece = 0; piece < 9; piece++) small = nextPace(small, 1, pace.since);
  assertEquals(small.size, SIP);
});

Deno.test("nextPace() is back at sips after a window that flowed slowly", () => {
  const slow = read(fastPace(), { pieces: Math.ceil(WINDOW / GULP), everyMs: FAST_MS });
  assertEquals([slow.fast, slow.size], [false, SIP]);
});

Deno.test("createGulps() brings every byte in order, slow or fast", async () => {
  for (const stepMs of [1, 100]) {
    let now = 0;
    const size = WINDOW + 3 * GULP + 5;
    const reader = createGulps({ monotonic: () => now += stepMs })(bodyOf(size, size));
    const { sizes, bytes } = await readAll(reader);
    assertEquals(bytes, originBytes(SEED, { from: 0, to: size }));
    assertEquals(Math.max(...sizes), stepMs === 1 ? GULP : SIP);
  }
});

Deno.test("createGulps() takes back what it gave when it is asked for more", async () => {
  const reader = createGulps({ monotonic: () => 0 })(bodyOf(15, 10));
  const first = (await reader.read()).value!;
  assertEquals(first, originBytes(SEED, { from: 0, to: 10 }));
  const second = (await reader.read()).value!;
  assertEquals([first.length, first.buffer.byteLength, second.length], [0, 0, 5]);
  assertEquals([await reader.read(), second.length], [{}, 0]);
});

Deno.test("createGulps() lets the body go, and gives no more then", async () => {
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    type: "bytes",
    cancel: () => void (cancelled = true),
  });
  const reader = createGulps({ monotonic: () => 0 })(body);
  const waiting = reader.read();
  await reader.cancel();
  assertEquals([cancelled, await waiting, await reader.read()], [true, {}, {}]);
});
