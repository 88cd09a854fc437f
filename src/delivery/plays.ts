/**
 * The plays that run here, and the devices that read them.
 *
 * @module
 */

import type { Gate, Timeout } from "../ports.ts";
import {
  createPlay,
  type NamedPlay,
  type Play,
  type PlayDeps,
  type PlayView,
  type Running,
} from "./play.ts";

/** All plays that run here. */
export type Plays = {
  /** The play of an id, as it runs or newly begun. */
  play(named: NamedPlay): Play;
  /**
   * A play is asked for by its device, or a part of it is. A device that begins a play has done with
   * what it has read in pieces so far: that gives its seat back, and the new play finds it. Nothing
   * else would tell for some time.
   */
  asked(play: Play, what: "play" | "part"): Promise<void>;
  /** The gate, watched: whom it rotates out or evicts through here stops playing here at once. */
  watched: Gate;
  /** The play of a session, where it runs here. */
  view(session: string): PlayView | undefined;
};

/** What plays need. */
export type PlaysDeps = PlayDeps & { timeout: Timeout };

const SWEEP_MS = 1000;
const MOST_TWINS = 1000;

/** Makes an empty set of plays. */
export function createPlays(deps: PlaysDeps): Plays {
  const running = new Map<string, Running>();
  /** The running ones by the device that asked for them last. */
  const ofDevices = new Map<string, Set<Running>>();
  /** Devices that are found to be two of one make behind one address: neither ends the other's. */
  const twins = new Set<string>();
  let sweeping = false;
  const watched: Gate = {
    ...deps.gate,
    async admit(ask, signal) {
      const verdict = await deps.gate.admit(ask, signal);
      if (verdict.kind === "rotated") running.get(verdict.out.session)?.end();
      return verdict;
    },
    async evict(ask, signal) {
      const reply = await deps.gate.evict(ask, signal);
      if (reply.kind === "evicted") running.get(ask.session)?.end();
      return reply;
    },
  };

  function keepSweeping(): void {
    if (sweeping || running.size === 0) return;
    sweeping = true;
    deps.timeout(SWEEP_MS).addEventListener("abort", () => {
      sweeping = false;
      const now = deps.monotonic();
      for (const play of running.values()) if (play.sweep(now)) forget(play);
      keepSweeping();
    }, { once: true });
  }

  function forget(play: Running): void {
    running.delete(play.id);
    takeFrom(play.device, play);
  }

  function takeFrom(device: string, play: Running): void {
    const plays = ofDevices.get(device);
    plays?.delete(play);
    if (plays?.size === 0) ofDevices.delete(device);
  }

  function giveTo(device: string, play: Running): void {
    if (ofDevices.get(device)?.has(play)) return;
    takeFrom(play.device, play);
    play.device = device;
    const plays = ofDevices.get(device);
    if (plays === undefined) ofDevices.set(device, new Set([play]));
    else plays.add(play);
  }

  async function asked({ id }: Play, what: "play" | "part"): Promise<void> {
    const own = running.get(id);
    if (own === undefined) return;
    const { device } = own;
    // Who turns away from a play asks for none of its parts.
    if (own.comesBack() && what === "part") remember(device);
    if (what === "part" || own.isSeated() || twins.has(device)) return;
    const others = [...ofDevices.get(device)!].filter((each) => each !== own);
    await Promise.all(others.map((each) => each.leave()));
  }

  function remember(device: string): void {
    twins.add(device);
    if (twins.size > MOST_TWINS) twins.delete(twins.keys().next().value!);
  }

  return {
    asked,
    play(named) {
      let play = running.get(named.id);
      if (play === undefined) {
        play = createPlay(named, { ...deps, gate: watched });
        running.set(named.id, play);
        keepSweeping();
      }
      giveTo(named.device, play);
      return play;
    },
    watched,
    view: (session) => running.get(session)?.view(),
  };
}
