/**
 * What the households want of an evening, drawn before it begins: the same for every delivery.
 *
 * @module
 */

import { type Chance, createChance } from "../../tests/support/chance.ts";

/** What a household does at a place of an episode, in seconds from its beginning. */
export type Act =
  & { atSec: number }
  & (
    | { kind: "seek"; toSec: number }
    | { kind: "pause"; forSec: number }
    | { kind: "leave" }
    | { kind: "close_the_lid" }
  );

/** One episode as a household would watch it. */
export type Plan = { episode: string; lengthSec: number; acts: readonly Act[] };

/** One time of sitting down: an episode, and those that follow it. */
export type Sitting = { atSec: number; plans: readonly Plan[] };

/** How a player reads: it fills up to so far ahead, and goes on when less than that is left. */
export type Player = { aheadSec: number; againSec: number; asksHeadFirst: boolean };

/** One household and its evening. */
export type Household = {
  name: string;
  address: string;
  player: Player;
  sittings: readonly Sitting[];
  /** How long it waits after each refusal before it tries again; then it gives up. */
  waitsSec: readonly number[];
};

const HOUSEHOLDS = 6;
const ARRIVALS_SEC = 3.5 * 3600;
/** In minutes: shorts, comedies, dramas, films. */
const LENGTHS = [[8, 15], [20, 30], [20, 30], [40, 60], [40, 60], [75, 90]] as const;
const PLAYERS: readonly Player[] = [
  { aheadSec: 50, againSec: 45, asksHeadFirst: true },
  { aheadSec: 30, againSec: 25, asksHeadFirst: false },
  { aheadSec: 50, againSec: 20, asksHeadFirst: true },
  { aheadSec: 120, againSec: 115, asksHeadFirst: false },
];

/** Draws an evening. */
export function drawEvening(seed: number): Household[] {
  return Array.from({ length: HOUSEHOLDS }, (_, index) => {
    const chance = createChance(seed * 1000 + index);
    const name = `h${index + 1}`;
    const times = Array.from(
      { length: chance.whole(1, 3) },
      () => chance.whole(0, ARRIVALS_SEC),
    ).toSorted((a, b) => a - b);
    return {
      name,
      address: `203.0.113.${index + 1}`,
      player: chance.oneOf(PLAYERS),
      waitsSec: Array.from({ length: chance.whole(2, 5) }, () => chance.whole(60, 900)),
      sittings: times.map((atSec, sitting) => ({
        atSec,
        plans: drawPlans(chance, `weir:${name}s${sitting}`),
      })),
    };
  });
}

function drawPlans(chance: Chance, prefix: string): Plan[] {
  const [shortest, longest] = chance.oneOf(LENGTHS);
  const count = longest < 75 ? chance.whole(1, 4) : 1;
  return Array.from({ length: count }, (_, number) => {
    const lengthSec = chance.whole(shortest * 60, longest * 60);
    return {
      episode: `${prefix}:${number + 1}:${lengthSec}`,
      lengthSec,
      acts: drawActs(chance, lengthSec),
    };
  });
}

function drawActs(chance: Chance, lengthSec: number): Act[] {
  const acts: Act[] = [];
  for (let seeks = chance.whole(0, 2); seeks > 0; seeks--) {
    const atSec = chance.whole(10, lengthSec);
    const toSec = Math.max(0, Math.min(lengthSec - 5, atSec + chance.whole(-120, 300)));
    acts.push({ atSec, kind: "seek", toSec });
  }
  if (chance.happens(0.4)) {
    const forSec = chance.happens(0.6) ? chance.whole(10, 120) : chance.whole(300, 1800);
    acts.push({ atSec: chance.whole(60, lengthSec), kind: "pause", forSec });
  }
  if (chance.happens(0.2)) {
    const kind = chance.happens(0.5) ? "leave" : "close_the_lid";
    acts.push({ atSec: chance.whole(60, lengthSec), kind });
  }
  return acts.toSorted((a, b) => a.atSec - b.atSec);
}
