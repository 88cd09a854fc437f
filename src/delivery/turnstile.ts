/**
 * How much may be opening at once, so that nobody piles up work here and at the source.
 *
 * @module
 */

/** Lets a request through, and gives what tells that it is done; `undefined` where it is too much. */
export type Turnstile = (viewer: string, play: string) => (() => void) | undefined;

/** A viewer is a whole household, or several homes that a provider puts behind one address. */
const MOST_PLAYS = 16;
/** One tap may be 2 HEAD and 20 GET, on Android (stremio-bugs 2091). */
const MOST_REQUESTS = 32;

/** Makes one: so many plays of a viewer open at once, and so many requests of a play. */
export function createTurnstile(): Turnstile {
  const opening = new Map<string, Map<string, number>>();

  return function enter(viewer, play) {
    const plays = opening.get(viewer) ?? new Map<string, number>();
    const requests = plays.get(play) ?? 0;
    if (requests === MOST_REQUESTS || (requests === 0 && plays.size === MOST_PLAYS)) {
      return undefined;
    }
    plays.set(play, requests + 1);
    opening.set(viewer, plays);
    return function leave() {
      const left = plays.get(play)! - 1;
      if (left > 0) plays.set(play, left);
      else plays.delete(play);
      if (plays.size === 0) opening.delete(viewer);
    };
  };
}
