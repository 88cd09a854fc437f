import { lengthOf, strongValidator, toldOf } from "../src/delivery/passage.ts";
import { assertEquals } from "./support/assert.ts";

const MODIFIED = "Sat, 14 Mar 2026 19:30:00 GMT";

Deno.test("lengthOf() reads a length that is told once, or several times alike", () => {
  const lengths: [Record<string, string>, number | undefined][] = [
    [{ "content-length": "1000" }, 1000],
    [{ "content-length": "0" }, 0],
    [{ "content-length": "1000, 1000,1000" }, 1000],
    [{ "content-length": "1000, 1001" }, undefined],
    [{ "content-length": "1000, 10001" }, undefined],
    [{ "content-length": "-1" }, undefined],
    [{ "content-length": "1e3" }, undefined],
    [{ "content-length": "9".repeat(16) }, undefined],
    [{ "content-length": "10", "transfer-encoding": "chunked" }, undefined],
    [{}, undefined],
  ];
  for (const [headers, length] of lengths) {
    const given = new Headers(headers);
    assertEquals(lengthOf(given), length, JSON.stringify(headers));
    assertEquals(toldOf(given)["content-length"], length === undefined ? undefined : `${length}`);
  }
});

Deno.test("strongValidator() takes what tells of every change, and nothing else", () => {
  const validators: [Record<string, string>, string | undefined][] = [
    [{ etag: '"a"', "last-modified": MODIFIED }, '"a"'],
    [{ "last-modified": MODIFIED, date: "Sat, 14 Mar 2026 19:30:01 GMT" }, MODIFIED],
    [{ "last-modified": MODIFIED, date: MODIFIED }, undefined],
    [{ "last-modified": MODIFIED }, undefined],
    [{ "last-modified": "yesterday", date: MODIFIED }, undefined],
    // Whoever tells a weak one says that the same bytes are not promised.
    [
      { etag: 'W/"a"', "last-modified": MODIFIED, date: "Sun, 15 Mar 2026 19:30:00 GMT" },
      undefined,
    ],
    [{}, undefined],
  ];
  for (const [headers, validator] of validators) {
    assertEquals(strongValidator(new Headers(headers)), validator, JSON.stringify(headers));
  }
});
