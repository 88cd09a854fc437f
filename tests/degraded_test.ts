import { type Cause, clipPath, degraded, type DegradedView } from "../src/addon/degraded.ts";
import { clips } from "../src/demo/mod.ts";
import { assert, assertEquals, assertStringIncludes } from "./support/assert.ts";

const ORIGIN = "https://weir.example";
const NO_STORE = "private, no-store";

/** The table as data: the clip of each cause, whether `NOTICE=empty` leaves it out, how long it is kept. */
const TABLE: Record<Cause, { clip?: string; unlessEmpty?: boolean; cacheControl: string }> = {
  capacity: { clip: "capacity", unlessEmpty: true, cacheControl: NO_STORE },
  closed: { clip: "closed", unlessEmpty: true, cacheControl: NO_STORE },
  dependency_timeout: { clip: "slow", cacheControl: NO_STORE },
  dependency_unavailable: { clip: "unavailable", cacheControl: NO_STORE },
  internal: { clip: "unavailable", cacheControl: NO_STORE },
  superseded: { cacheControl: NO_STORE },
  not_found: { cacheControl: "private, max-age=60" },
};
const CAUSES = Object.keys(TABLE) as Cause[];

function view(cause: Cause, more: Partial<DegradedView> = {}): DegradedView {
  return { cause, notice: "video", origin: ORIGIN, ...more };
}

Deno.test("degraded() shows each cause as its row says, in both modes", () => {
  for (const notice of ["video", "empty"] as const) {
    for (const cause of CAUSES) {
      const { clip, unlessEmpty, cacheControl } = TABLE[cause];
      const shown = degraded(view(cause, { notice }));
      const wanted = clip === undefined || (unlessEmpty && notice === "empty")
        ? []
        : [`${ORIGIN}/clips/${clip}.mp4`];
      assertEquals(shown.body.streams.map(({ url }) => url), wanted, `${cause} ${notice}`);
      assertEquals(shown.cacheControl, cacheControl, cause);
    }
  }
});

Deno.test("degraded() gives the same bytes for the same input", () => {
  for (const cause of CAUSES) {
    const once = JSON.stringify(degraded(view(cause, { retryAfterMs: 1234 })));
    assertEquals(JSON.stringify(degraded(view(cause, { retryAfterMs: 1234 }))), once, cause);
  }
});

Deno.test("degraded() tells programs the cause and the message in both modes", () => {
  for (const notice of ["video", "empty"] as const) {
    for (const cause of CAUSES) {
      const { body } = degraded(view(cause, { notice }));
      assertEquals(body.notice.cause, cause);
      assert(body.notice.message.length > 10, cause);
      for (const { description } of body.streams) assertEquals(description, body.notice.message);
    }
  }
});

Deno.test("degraded() makes a notice a normal stream that is not binged and has no title", () => {
  for (const cause of CAUSES) {
    for (const stream of degraded(view(cause)).body.streams) {
      const keys = ["name", "description", "url", "behaviorHints"];
      assertEquals(Object.keys(stream), keys, cause);
      assertEquals(stream.behaviorHints, { notWebReady: false });
    }
  }
});

Deno.test("degraded() tells whole seconds from 1, with capacity and closed alone", () => {
  const waits: [number, number][] = [[0, 1], [1, 1], [1000, 1], [1001, 2], [44_999, 45], [
    45_000,
    45,
  ]];
  for (const [retryAfterMs, seconds] of waits) {
    for (const cause of ["capacity", "closed"] as const) {
      const { notice } = degraded(view(cause, { retryAfterMs })).body;
      assertEquals(notice.retryAfterSec, seconds, `${cause} ${retryAfterMs}`);
    }
  }
  for (const cause of CAUSES.filter((cause) => cause !== "capacity" && cause !== "closed")) {
    assertEquals("retryAfterSec" in degraded(view(cause)).body.notice, false, cause);
    const { notice } = degraded(view(cause, { retryAfterMs: 5000 })).body;
    assertEquals("retryAfterSec" in notice, false, cause);
  }
});

Deno.test("degraded() says in words when to try again", () => {
  const words: [number, string][] = [
    [1, "a second"],
    [30_000, "30 seconds"],
    [89_000, "89 seconds"],
    [90_000, "about 2 minutes"],
    [3_600_000, "about 60 minutes"],
    [5_400_000, "about 2 hours"],
  ];
  for (const [retryAfterMs, text] of words) {
    const { message } = degraded(view("capacity", { retryAfterMs })).body.notice;
    assertEquals(message, `All seats are taken. Please try again in ${text}.`);
  }
});

Deno.test("degraded() says when it opens, where that is known", () => {
  const { message } = degraded(view("closed", { opensAt: "08:00" })).body.notice;
  assertStringIncludes(message, "08:00");
  assertEquals(degraded(view("closed")).body.notice.message, "Closed right now.");
});

Deno.test("degraded() puts its clips under the origin, and every clip is there", () => {
  const { streams } = degraded(view("capacity", { origin: "http://127.0.0.1:8000" })).body;
  assertEquals(streams[0]!.url, "http://127.0.0.1:8000/clips/capacity.mp4");
  const served = Object.keys(clips).map(clipPath);
  for (const { clip } of Object.values(TABLE)) if (clip) assert(served.includes(clipPath(clip)));
});
