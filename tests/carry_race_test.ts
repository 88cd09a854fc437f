import fc from "fast-check";
import { carry } from "../src/delivery/carry.ts";
import type { BodyReader } from "../src/ports.ts";
import { assert, assertEquals } from "./support/assert.ts";
import { originBytes } from "./support/origin_bytes.ts";

const LENGTH = 40;
const SEED = 5;

type Step = { does: "tend" | "end" | "cancel"; afterMs: number };
/** What each opening of the source gives before it goes wrong, and how. */
type Opening = { gives: number; then: "finish" | "fail" | "hang" };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    does: fc.constantFrom("tend", "tend", "tend", "end", "cancel"),
    afterMs: fc.constantFrom(0, 20, 100),
  }),
  { maxLength: 6 },
);
const openings: fc.Arbitrary<Opening[]> = fc.array(
  fc.record({
    gives: fc.integer({ min: 0, max: LENGTH }),
    then: fc.constantFrom("finish", "fail", "hang"),
  }),
  { minLength: 1, maxLength: 4 },
);

Deno.test("carry() keeps its promises in whatever order things happen", async () => {
  let ends = 0;
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), steps, openings, fc.boolean(), async (
      scheduler,
      planned,
      sources,
      known,
    ) => {
      let now = 0;
      let closed = 0;
      let counted = 0;
      const open = new Set<Opening>();
      const left = [...sources];

      function opened(from: number): ReadableStream<Uint8Array> {
        const opening = left.shift()!;
        const { gives, then } = opening;
        let at = from;
        let given = 0;
        open.add(opening);
        return new ReadableStream({
          async pull(controller) {
            await scheduler.schedule(Promise.resolve(), "the source gives");
            const size = Math.min(7, gives - given, LENGTH - at);
            if (size <= 0 && then === "hang" && at < LENGTH) return;
            if (size <= 0) open.delete(opening);
            if (size > 0) controller.enqueue(originBytes(SEED, { from: at, to: at + size }));
            else if (then === "fail") controller.error(new TypeError("reset"));
            else controller.close();
            at += size;
            given += size;
          },
          cancel: () => void open.delete(opening),
        }, { highWaterMark: 0 });
      }

      async function reopen(sent: number): Promise<BodyReader | undefined> {
        await scheduler.schedule(Promise.resolve(), "the source opens again");
        return left.length === 0 ? undefined : opened(sent).getReader();
      }

      const { body, connection } = carry({
        reader: opened(0).getReader(),
        length: known ? LENGTH : undefined,
        reopen: known ? reopen : undefined,
        readmit: () => scheduler.schedule(Promise.resolve(left.length !== 2), "the gate answers"),
        onBytes: (count) => void (counted += count),
        onClose: () => void (closed += 1),
        stallMs: 50,
        restMs: 50,
        monotonic: () => now,
      });
      const reader = body.getReader();
      const got: number[] = [];
      let ended: "end" | "broken" | undefined;
      const playing = (async () => {
        try {
          for (;;) {
            await scheduler.schedule(Promise.resolve(), "the player reads");
            const { done, value } = await reader.read();
            if (done) return ended = "end";
            got.push(...value);
          }
        } catch {
          return ended = "broken";
        }
      })();
      let cancelled = false;
      scheduler.scheduleSequence(planned.map(({ does, afterMs }) => ({
        label: does,
        async builder() {
          now += afterMs;
          if (does === "tend") connection.tend(now);
          if (does === "end") connection.end();
          if (does === "cancel") await reader.cancel().catch(() => {});
          cancelled ||= does === "cancel";
        },
      })));
      await scheduler.waitIdle();
      connection.end();
      await playing;
      await scheduler.waitIdle();

      assertEquals(closed, 1);
      assertEquals(new Uint8Array(got), originBytes(SEED, { from: 0, to: got.length }));
      assertEquals(open.size, 0);
      assert(counted >= got.length && counted - got.length <= 7);
      if (ended === "end" && !cancelled) {
        ends += 1;
        assertEquals(got.length, known ? LENGTH : Math.min(LENGTH, sources[0]!.gives));
        assert(known || sources[0]!.then !== "fail");
      }
    }),
    { numRuns: 300 },
  );
  assert(ends > 10, `${ends} came to their end`);
});
