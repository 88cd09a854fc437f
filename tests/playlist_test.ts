import { createPlaylists } from "../src/delivery/playlist.ts";
import type { Ticket } from "../src/delivery/ticket.ts";
import { assert, assertEquals, assertLess } from "./support/assert.ts";

const URL_OF_LIST = "https://films.example/vod/7/list.m3u8";
const TICKET: Ticket = {
  viewer: "anne",
  episode: "weir:a",
  row: { index: 0, mark: "" },
  runtimeSec: 0,
  issuedAt: 0,
  play: "play",
};

/** How much was sealed between two turns. */
type Turns = number[];

function playlists(): { rewrite: (text: string) => Promise<string | undefined>; turns: Turns } {
  const turns = [0];
  const rewrite = createPlaylists({
    now: () => 0,
    tickets: {
      seal({ part }) {
        turns[turns.length - 1]! += 1;
        return Promise.resolve(btoa(part!));
      },
      open: () => Promise.resolve(undefined),
    },
    turn: () => (turns.push(0), Promise.resolve()),
  });
  return {
    turns,
    async rewrite(text) {
      const written = await rewrite(text, { url: URL_OF_LIST, ticket: TICKET });
      if (written === undefined) return undefined;
      const answer = await new Response(written.body).text();
      assertEquals(new TextEncoder().encode(answer).byteLength, written.length);
      return answer;
    },
  };
}

/** A film of so many pieces. */
function film(pieces: number, lines: (piece: number) => string[]): string {
  return ["#EXTM3U", ...Array.from({ length: pieces }, (_, piece) => lines(piece)).flat()].join(
    "\n",
  );
}

const plain = (piece: number) => ["#EXTINF:2.002,", `${piece}.ts`];
const ranged = (piece: number) => ["#EXTINF:2,", `#EXT-X-BYTERANGE:9@${piece}`, "all.ts"];

Deno.test("twenty thousand parts are a playlist, and one more is too much", async () => {
  for (const lines of [plain, ranged]) {
    const answer = await playlists().rewrite(film(20_000, lines));
    assertEquals(answer!.match(/^\/play\//gm)!.length, 20_000);
    assertEquals(await playlists().rewrite(film(20_001, lines)), undefined);
  }
});

Deno.test("others have their turn after a few hundred pieces, whatever these are", async () => {
  const texts = [
    film(20_000, plain),
    film(20_000, ranged),
    film(60_000, () => ["#"]),
    film(60_000, () => ["#EXT-X-SERVER-CONTROL:"]),
    film(1000, () => ["#EXT-X-A:", ..."abcdefghi"].map((name) => `#EXT-X-A:URI="${name}"`)),
  ];
  for (const text of texts) {
    const { rewrite, turns } = playlists();
    await rewrite(text);
    const lines = text.split("\n").length;
    assert(turns.length >= lines / 256, `${turns.length} turns for ${lines} lines`);
    assert(Math.max(...turns) <= 256, `${Math.max(...turns)} in one turn`);
  }
});

Deno.test("playlists that are written at once share the turns", async () => {
  const { rewrite, turns } = playlists();
  await Promise.all([1, 2, 3, 4].map(() => rewrite(film(5000, plain))));
  // Each begins at once; from then on it is one of them a turn.
  assert(Math.max(...turns.slice(1)) <= 256, `${turns}`);
});

Deno.test("a playlist of one batch waits for nobody", async () => {
  const { rewrite, turns } = playlists();
  await rewrite(film(20, plain));
  assertEquals(turns, [20]);
});

Deno.test("a playlist that grows without bound is refused before it does", async () => {
  const doubled = film(40, (index) => [
    `#EXT-X-DEFINE:NAME="v${index}",VALUE="${index ? `{$v${index - 1}}`.repeat(2) : "ab"}"`,
  ]);
  const long = "x".repeat(10_000);
  const texts = [
    `${doubled}\n{$v39}`,
    film(1000, () => [`#EXT-X-DEFINE:NAME="v",VALUE="${"x".repeat(100)}"`]),
    `#EXTM3U\n#EXT-X-DEFINE:NAME="v",VALUE="${long}"\n{$v}{$v}`,
    `#EXTM3U\n#${long}${long}`,
    film(19_000, (piece) => [`${piece}?${"x".repeat(1000)}`]),
  ];
  for (const text of texts) assertEquals(await playlists().rewrite(text), undefined);
});

Deno.test("a URL that no ticket carries is left out", async () => {
  const text = `#EXTM3U\n# https://films.example/${"x".repeat(6000)} a\n1.ts`;
  const part = btoa("https://films.example/vod/7/1.ts");
  assertEquals(await playlists().rewrite(text), `#EXTM3U\n#  a\n/play/${part}/part.ts`);
});

Deno.test("a line takes as long as it is long, whatever it is made of", async () => {
  const words = ["A", "A=", 'A="', "{$", "http://", '"', " "];
  const long = (word: string) => word.repeat(8000).slice(0, 8000);
  const text = film(250, (line) => [`#EXT-X-A:${long(words[line % words.length]!)}${long("A")}`]);
  const started = performance.now();
  await playlists().rewrite(text);
  // Were it the square, a minute would not do.
  assertLess(performance.now() - started, 3000);
});
