/**
 * One evening in one mode: all households at once, and the source watched.
 *
 * @module
 */

import { createCrowd } from "./crowd.ts";
import { createDoor, type Mode } from "./door.ts";
import { createFastClock } from "./fast_clock.ts";
import { createSource } from "./source.ts";
import { newTally, type Tally } from "./tally.ts";
import { createViewing, type Stage } from "./viewing.ts";
import { drawEvening, type Household } from "./wishes.ts";

const START = Date.UTC(2026, 2, 14, 18, 0);
/** The defaults of the gate's law. */
const GRACE_MS = 15_000;
const IDLE_MS = 45_000;

/** Plays the evening of a seed. */
export async function playEvening(
  mode: Mode,
  { seed, seats }: { seed: number; seats: number },
): Promise<Tally> {
  const clock = createFastClock(START);
  const source = createSource(clock.now);
  const tally = newTally();
  const stage: Stage = {
    clock,
    door: createDoor(mode, { clock, source, seats }),
    crowd: createCrowd(clock.now, { graceMs: GRACE_MS, idleMs: IDLE_MS }),
    seats,
    tally,
  };
  const households = drawEvening(seed).map((household) => spendEvening(stage, household));
  await clock.runUntil(Promise.all(households), () => {
    const carried = source.carried();
    tally.mostStreams = Math.max(tally.mostStreams, carried);
    if (carried > 0) tally.carriedSec += 1;
    if (carried > seats) tally.overSec += 1;
  });
  return tally;
}

async function spendEvening(stage: Stage, household: Household): Promise<void> {
  const { clock, tally } = stage;
  const watch = createViewing(stage, household);
  for (const { atSec, plans } of household.sittings) {
    await clock.sleep(Math.max(0, START + atSec * 1000 - clock.now()));
    let url: string | undefined;
    for (const [index, plan] of plans.entries()) {
      const { ending, nextUrl } = await watch(plan, { url, next: plans[index + 1] });
      if (ending === "turned away") {
        tally.turnedAway += 1;
        return;
      }
      if (ending === "left") break;
      url = nextUrl;
    }
  }
}
