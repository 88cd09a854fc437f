import fc from "fast-check";
import { createMemoryGate } from "../src/gate/memory.ts";
import { DEFAULT_SETTINGS } from "../src/gate/policy.ts";
import { type Gate, StatusError } from "../src/ports.ts";
import { assert, assertEquals } from "./support/assert.ts";
import {
  BROKER_BOUNDS,
  cameTo,
  GATE_BOUNDS,
  type Passenger,
  streamsOf,
  testBoarding,
} from "./support/boarding.ts";
import { createClock } from "./support/clock.ts";

const { settle } = createClock();

/** A request, and whether its client leaves at some time. */
const ask = fc.record({
  viewer: fc.constantFrom("anna", "ben", "cleo"),
  episode: fc.constantFrom("weir:a", "weir:b", "weir:c"),
  leaves: fc.boolean(),
});

/** What the broker does with its calls, one after the other. */
const fates = fc.array(fc.constantFrom("stream", "stream", "not_found", "nonsense"), {
  minLength: 1,
  maxLength: 8,
});

/** Everything that one after another is let happen, in any order. */
const scheduler = fc.scheduler({
  act: async (step) => {
    await step();
    await settle();
  },
});

async function race(
  s: fc.Scheduler,
  asks: readonly { viewer: string; episode: string; leaves: boolean }[],
  options: { brokerFates: readonly string[]; capacity: number; far: boolean; ticks: number },
) {
  const { brokerFates, capacity, far, ticks } = options;
  const clock = createClock();
  const near = createMemoryGate({ settings: { ...DEFAULT_SETTINGS, capacity }, now: clock.now });
  let admissions = 0;

  /** Arrives at some time, and is answered at some later time. */
  async function farAway<T>(name: string, decide: () => T): Promise<T> {
    await s.schedule(Promise.resolve(), `${name} arrives`);
    const reply = decide();
    await s.schedule(Promise.resolve(), `${name} is answered`);
    return reply;
  }

  const gate: Gate = far
    ? {
      ...near,
      admit(ask) {
        admissions += 1;
        return farAway(`admit ${ask.session}`, () => near.admit(ask));
      },
      release: (ask) => farAway(`release ${ask.session}`, () => near.release(ask)),
    }
    : { ...near, admit: (ask) => (admissions += 1, near.admit(ask)) };

  let call = 0;
  async function resolve(episode: string, signal: AbortSignal) {
    const fate = brokerFates[call++ % brokerFates.length];
    const { promise: stopped, reject } = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    await Promise.race([s.schedule(Promise.resolve(), `broker: ${episode} ${fate}`), stopped]);
    if (fate === "stream") return streamsOf(episode);
    throw new StatusError(fate === "not_found" ? 404 : 400);
  }

  const { board } = testBoarding({
    gate,
    resolve,
    monotonic: clock.now,
    timeout: clock.timeout,
    bounds: far ? { gate: GATE_BOUNDS, broker: BROKER_BOUNDS } : { broker: BROKER_BOUNDS },
  });
  const passengers: Passenger[] = [];
  for (const { viewer, episode, leaves } of asks) {
    s.schedule(Promise.resolve(), `${viewer} asks for ${episode}`).then(() => {
      const passenger = board(viewer, episode);
      passengers.push(passenger);
      if (!leaves) return;
      s.schedule(Promise.resolve(), `${viewer} leaves ${episode}`).then(passenger.leave);
    });
  }
  for (let tick = 0; tick < ticks; tick++) {
    s.schedule(Promise.resolve(), "a millisecond").then(() => clock.advance(1));
  }
  await s.waitIdle();
  return { passengers, near, board, admissions: () => admissions };
}

const ANSWERS = ["stream", "capacity", "superseded", "not_found", "dependency_unavailable", "gone"];

for (const far of [true, false]) {
  const where = far ? "far away" : "in memory";
  Deno.test(`however things interleave, answers and seats agree, the gate ${where}`, async () => {
    await fc.assert(
      fc.asyncProperty(
        scheduler,
        fc.array(ask, { minLength: 1, maxLength: 9 }),
        fates,
        fc.integer({ min: 1, max: 3 }),
        fc.nat({ max: 3 }),
        async (s, asks, brokerFates, capacity, ticks) => {
          const options = { brokerFates, capacity, far, ticks };
          const { passengers, near, board, admissions } = await race(s, asks, options);

          const answers = passengers.map(cameTo);
          assertEquals(answers.length, asks.length);
          for (const answer of answers) assert(ANSWERS.includes(answer), answer);
          for (const { boarded, episode } of passengers) {
            if (boarded === undefined || "threw" in boarded) continue;
            const { landing } = boarded;
            if (landing === "gone" || landing.kind !== "streams") continue;
            assertEquals(landing.sources, streamsOf(episode));
          }

          const seated = new Set(near.list().seats.map(({ viewer }) => viewer));
          const watching = new Set(
            passengers.filter((each) => cameTo(each) === "stream").map(({ viewer }) => viewer),
          );
          assertEquals([...seated].sort(), [...watching].sort());
          assert(seated.size <= capacity);

          const before = admissions();
          for (const viewer of ["anna", "ben", "cleo"]) board(viewer, "weir:a");
          await settle();
          assertEquals(admissions() - before, 3);
          await s.waitIdle();
        },
      ),
      { numRuns: 400 },
    );
  });
}
