import fc from "fast-check";
import { readNote, writeNote } from "../src/delivery/note.ts";
import { findRow, markRow } from "../src/delivery/row.ts";
import type { Source } from "../src/ports.ts";
import { assert, assertEquals } from "./support/assert.ts";

const HD: Source = { url: "https://a.example/1", filename: "Sintel.2010.1080p.mkv", name: "HD" };
const SD: Source = { url: "https://a.example/2", filename: "Sintel.2010.480p.mkv", name: "SD" };
const NAMED: Source = { url: "https://b.example/3", name: "Mirror" };
const BARE: Source = { url: "https://c.example/4" };
const ROWS = [HD, SD, NAMED, BARE];

Deno.test("findRow() finds each row where it was marked", () => {
  ROWS.forEach((source, index) => {
    assertEquals(findRow(ROWS, markRow(source, index)), { source, index });
  });
});

Deno.test("findRow() finds a row that has moved, by what it is known by", () => {
  const moved = [BARE, NAMED, { ...HD, url: "https://new.example/1" }, SD];
  assertEquals(findRow(moved, markRow(HD, 0)), { source: moved[2]!, index: 2 });
  assertEquals(findRow(moved, markRow(SD, 1)), { source: SD, index: 3 });
  assertEquals(findRow(moved, markRow(NAMED, 2)), { source: NAMED, index: 1 });
});

Deno.test("findRow() keeps the place among rows that look the same", () => {
  const twins = [HD, { ...HD, url: "https://mirror.example/1" }];
  assertEquals(findRow(twins, markRow(twins[1]!, 1))?.source, twins[1]!);
});

Deno.test("findRow() takes the place, or the last one, where nothing looks the same", () => {
  assertEquals(findRow([SD, NAMED], markRow(HD, 0))?.source, SD);
  assertEquals(findRow([SD, NAMED], markRow(HD, 7)), { source: NAMED, index: 1 });
  assertEquals(findRow([HD, SD], markRow(BARE, 1))?.source, SD);
  assertEquals(findRow([HD, BARE], { index: 0, mark: "" })?.source, HD);
  assertEquals(findRow([], markRow(HD, 0)), undefined);
});

Deno.test("markRow() is short, and says nothing of where a row leads", () => {
  const long = { url: "https://a.example/secret", filename: `${"a".repeat(500)}.S01E02.mkv` };
  const { mark } = markRow(long, 0);
  assert(mark.length <= 24 && mark.endsWith("S01E02.mkv"), mark);
  assertEquals(markRow(BARE, 3), { index: 3, mark: "" });
});

Deno.test("readNote() reads what writeNote() writes, whole seconds of it", () => {
  fc.assert(fc.property(
    fc.string({ unit: "binary" }).filter((text) => !/\n\d+$/.test(text)),
    fc.nat(),
    (episode, runtimeSec) => {
      const note = { episode, runtimeSec };
      assertEquals(readNote(writeNote(note)), note);
    },
  ));
  const odd = { episode: "weir:a\n1:2\n", runtimeSec: 90.4 };
  assertEquals(readNote(writeNote(odd)), { ...odd, runtimeSec: 90 });
});

Deno.test("writeNote() leaves the length out where a note has no room for it", () => {
  const runtimeSec = 5400;
  const fits = { episode: "ä".repeat(125) + "x", runtimeSec };
  assertEquals(readNote(writeNote(fits)), fits);
  const full = "ä".repeat(126);
  assertEquals(writeNote({ episode: full, runtimeSec }), full);
});

Deno.test("readNote() reads an episode alone", () => {
  for (const note of ["weir:caminandes:1:2", "", "weir:a\n", "weir:a\nlong"]) {
    assertEquals(readNote(note), { episode: note, runtimeSec: 0 });
  }
});
