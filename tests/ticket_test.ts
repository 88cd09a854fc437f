import fc from "fast-check";
import { createTickets, type Ticket, type Tickets } from "../src/delivery/ticket.ts";
import { assert, assertEquals, assertNotEquals } from "./support/assert.ts";
import { createClock } from "./support/clock.ts";

const SECRET = "the secret of these tests, long enough";
const OTHER_SECRET = "another secret, quite as long as that one";
const HOUR_MS = 3_600_000;
const TTL_MS = 30 * 24 * HOUR_MS;

const clock = createClock();

const TICKET: Ticket = {
  viewer: "Vq3hT9xLk2mN8pRs",
  episode: "weir:caminandes:1:2",
  row: { index: 1, mark: "Caminandes.S01E02.1080p.mkv" },
  runtimeSec: 146,
  issuedAt: clock.now(),
  play: "p7Yd0aQmZr4",
};
const PART: Ticket = { ...TICKET, part: "https://films.example/hls/7.ts?token=a%20b" };

const tickets = ticketsOf(SECRET);
/** Remembers nothing of what `tickets` seals. */
const elsewhere = ticketsOf(SECRET);

function ticketsOf(...secrets: [string, ...string[]]): Tickets {
  return createTickets({ secrets, ttlMs: TTL_MS, now: clock.now });
}

/** Tickets as they open after so long. */
function later(ms: number): Tickets {
  return createTickets({ secrets: [SECRET], ttlMs: TTL_MS, now: () => clock.now() + ms });
}

function bytesOf(text: string): Uint8Array {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function textOf(bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

Deno.test("open() gives back what seal() was given, every field of it", async () => {
  for (
    const ticket of [
      TICKET,
      PART,
      { ...TICKET, row: { index: 0, mark: "" }, runtimeSec: 0, part: "" },
      { ...TICKET, runtimeSec: 5400.25 },
    ]
  ) {
    const text = await tickets.seal(ticket);
    assertEquals(/^[A-Za-z0-9_-]+$/.test(text), true);
    assertEquals(await elsewhere.open(text), ticket);
  }
});

Deno.test("open() gives back any text that a ticket may hold", async () => {
  const unicode = fc.string({ unit: "binary", maxLength: 60 });
  const arbitrary: fc.Arbitrary<Ticket> = fc.record({
    viewer: unicode,
    episode: unicode,
    row: fc.record({ index: fc.nat(), mark: unicode.map((text) => `${text}\ud83c`) }),
    runtimeSec: fc.nat(),
    issuedAt: fc.constant(clock.now()),
    play: unicode,
    part: unicode,
  });
  await fc.assert(
    fc.asyncProperty(arbitrary, async (ticket) => {
      assertEquals(await elsewhere.open(await tickets.seal(ticket)), ticket);
    }),
    { numRuns: 100 },
  );
});

Deno.test("seal() writes the same ticket the same way, and no two alike", async () => {
  const again = ticketsOf(SECRET, OTHER_SECRET);
  assertEquals(await tickets.seal(TICKET), await again.seal({ ...TICKET }));
  const different: Ticket[] = [
    TICKET,
    PART,
    { ...TICKET, viewer: "Vq3hT9xLk2mN8pRt" },
    { ...TICKET, episode: "weir:caminandes:1:3" },
    { ...TICKET, row: { ...TICKET.row, index: 2 } },
    { ...TICKET, row: { ...TICKET.row, mark: "" } },
    { ...TICKET, runtimeSec: 147 },
    { ...TICKET, issuedAt: TICKET.issuedAt + 1 },
    { ...TICKET, play: "p7Yd0aQmZr5" },
  ];
  const texts = await Promise.all(different.map((ticket) => tickets.seal(ticket)));
  assertEquals(new Set(texts).size, texts.length);
  assertEquals(new Set(texts.map((text) => text.slice(0, 16))).size, texts.length);
});

Deno.test("seal() shows nothing of what it seals", async () => {
  const bytes = bytesOf(await tickets.seal(PART));
  const latin = String.fromCharCode(...bytes);
  for (const value of [PART.viewer, PART.episode, PART.row.mark, PART.play, "films", "146"]) {
    for (let at = 0; at + 3 <= value.length; at++) {
      assert(!latin.includes(value.slice(at, at + 3)), value.slice(at, at + 3));
    }
  }
});

Deno.test("seal() adds 28 bytes and a third to what it seals", async () => {
  const lengthOf = async (part: string) => (await tickets.seal({ ...TICKET, part })).length;
  const bare = await lengthOf("");
  assert(bare <= 250, `${bare} characters`);
  assertEquals(await lengthOf("x".repeat(3000)), bare + 4000);
});

Deno.test("open() gives nothing for a ticket changed in any character", async () => {
  const text = await tickets.seal(TICKET);
  for (let at = 0; at < text.length; at++) {
    for (const by of ["A", "B", "_"]) {
      if (text[at] === by) continue;
      const changed = text.slice(0, at) + by + text.slice(at + 1);
      assertEquals(await tickets.open(changed), undefined, `${by} at ${at}`);
    }
  }
});

Deno.test("open() gives nothing for a ticket with any bit turned, a byte less or more", async () => {
  const bytes = bytesOf(await tickets.seal(TICKET));
  for (let at = 0; at < bytes.length; at++) {
    const turned = bytes.slice();
    turned[at]! ^= 1 << at % 8;
    assertEquals(await tickets.open(textOf(turned)), undefined, `byte ${at}`);
    assertEquals(await tickets.open(textOf(bytes.slice(0, at))), undefined, `${at} bytes`);
  }
  assertEquals(await tickets.open(textOf(new Uint8Array([...bytes, 0]))), undefined);
});

Deno.test("open() takes one spelling of a ticket alone", async () => {
  // Lengths that leave each number of unused bits in the last character.
  for (const part of ["a", "ab", "abc"]) {
    const text = await tickets.seal({ ...TICKET, part });
    assertEquals((await tickets.open(text))?.part, part);
    const same = bytesOf(text);
    for (const last of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") {
      const spelt = text.slice(0, -1) + last;
      if (spelt === text) continue;
      assertEquals(await tickets.open(spelt), undefined, `${part}: ${last}`);
      assertEquals(bytesOf(spelt).length, same.length);
    }
    for (const odd of [`${text}=`, `${text}==`, ` ${text}`, `${text}\n`, text + text]) {
      assertEquals(await tickets.open(odd), undefined, JSON.stringify(odd));
    }
  }
});

Deno.test("open() gives nothing for what is no ticket", async () => {
  const none = ["", "A", "AA", "AAAA", "A".repeat(16), "A".repeat(17), "A".repeat(200), "ä", "%41"];
  for (const text of none) assertEquals(await tickets.open(text), undefined, text);
});

Deno.test("open() reads at most 8192 characters", async () => {
  const longest = async (target: number) => {
    const bare = (await tickets.seal({ ...TICKET, part: "" })).length;
    const part = "x".repeat(Math.floor((target - bare) * 3 / 4));
    return await tickets.seal({ ...TICKET, part });
  };
  const fits = await longest(8190);
  assert(fits.length <= 8192 && fits.length > 8180, String(fits.length));
  assert(await tickets.open(fits));
  assertEquals(await tickets.open(await longest(8200)), undefined);
});

Deno.test("open() reads tickets of every secret that is set, and of no other", async () => {
  const old = await ticketsOf(OTHER_SECRET).seal(TICKET);
  const current = await tickets.seal(TICKET);
  assertNotEquals(old, current);
  const both = ticketsOf(SECRET, OTHER_SECRET);
  assertEquals(await both.open(old), TICKET);
  assertEquals(await both.open(current), TICKET);
  assertEquals(await both.seal(TICKET), current);
  assertEquals(await tickets.open(old), undefined);
  assertEquals(await ticketsOf(OTHER_SECRET).open(current), undefined);
});

Deno.test("open() takes a ticket until exactly its time is up", async () => {
  const text = await tickets.seal(TICKET);
  assertEquals(await later(TTL_MS - 1).open(text), TICKET);
  assertEquals(await later(TTL_MS).open(text), undefined);
});

Deno.test("open() takes a part's ticket for a day, however long a play's is taken", async () => {
  const text = await tickets.seal(PART);
  for (const ttlMs of [TTL_MS, 60_000]) {
    const after = (ms: number) =>
      createTickets({ secrets: [SECRET], ttlMs, now: () => clock.now() + ms });
    assertEquals(await after(24 * HOUR_MS - 1).open(text), PART);
    assertEquals(await after(24 * HOUR_MS).open(text), undefined);
  }
});

Deno.test("open() takes a ticket that it remembers until exactly its time is up, too", async () => {
  let after = 0;
  const keeper = createTickets({
    secrets: [SECRET],
    ttlMs: TTL_MS,
    now: () => clock.now() + after,
  });
  const text = await tickets.seal(TICKET);
  for (const [at, ticket] of [[0, TICKET], [TTL_MS - 1, TICKET], [TTL_MS, undefined]] as const) {
    after = at;
    assertEquals(await keeper.open(text), ticket, `after ${at} ms`);
  }
});

Deno.test("open() decrypts none of the last 1000 plays' tickets again, and each part's", async () => {
  const keeper = ticketsOf(SECRET);
  const plays = Array.from({ length: 1001 }, (_, index) => ({ ...TICKET, play: `p${index}` }));
  const texts = await Promise.all(plays.map((ticket) => tickets.seal(ticket)));
  const part = await tickets.seal(PART);
  using decryptions = countDecryptions();
  async function decryptedBy(text: string): Promise<number> {
    const before = decryptions.count;
    assert(await keeper.open(text));
    return decryptions.count - before;
  }
  for (const text of texts.slice(0, 1000)) assertEquals(await decryptedBy(text), 1);
  assertEquals(await decryptedBy(texts[0]!), 0);
  assertEquals(await decryptedBy(texts[1000]!), 1);
  assertEquals([await decryptedBy(texts[0]!), await decryptedBy(texts[1]!)], [0, 1]);
  assertEquals([await decryptedBy(part), await decryptedBy(part)], [1, 1]);
});

Deno.test("open() decrypts no play's ticket that was sealed here lately, and each part's", async () => {
  const keeper = ticketsOf(SECRET);
  const text = await keeper.seal(TICKET);
  const part = await keeper.seal(PART);
  using decryptions = countDecryptions();
  assertEquals(await keeper.open(text), TICKET);
  assertEquals(decryptions.count, 0);
  assertEquals(await keeper.open(part), PART);
  assertEquals(decryptions.count, 1);
});

function countDecryptions(): { readonly count: number } & Disposable {
  const { subtle } = crypto;
  let count = 0;
  const counted: SubtleCrypto["decrypt"] = (...asked) => {
    count += 1;
    return SubtleCrypto.prototype.decrypt.apply(subtle, asked);
  };
  Object.defineProperty(subtle, "decrypt", { value: counted, configurable: true });
  return {
    get count() {
      return count;
    },
    [Symbol.dispose]() {
      delete (subtle as { decrypt?: unknown }).decrypt;
    },
  };
}
