/**
 * One household's viewing of one episode: a player that reads ahead, and people who seek, pause,
 * leave, or close the lid.
 *
 * @module
 */

import type { Crowd } from "./crowd.ts";
import type { Body, Door } from "./door.ts";
import type { FastClock } from "./fast_clock.ts";
import { BYTES_PER_SEC } from "./source.ts";
import type { Tally } from "./tally.ts";
import type { Act, Household, Plan } from "./wishes.ts";

/** What a viewing needs. */
export type Stage = { clock: FastClock; door: Door; crowd: Crowd; seats: number; tally: Tally };

/** How it ended. */
export type Ending = "watched" | "left" | "turned away";

type Stream = {
  reader: ReadableStreamDefaultReader<Uint8Array>;
  leave: (goodbye: boolean) => void;
};

const STEP_SEC = 5;
/** A line carries so much more than playing takes. */
const CHUNKS_A_STEP = 4;
/** While one episode plays, the streams of the next are asked for ahead of time. */
const AHEAD_SEC = 60;
/** Who has vanished is noticed by nobody but TCP. */
const VANISHED_MS = 600_000;

/** Makes the function that watches an episode; it tells the next one's URL where it is known. */
export function createViewing(stage: Stage, household: Household) {
  const { clock, door, crowd, seats, tally } = stage;

  return async function watch(
    plan: Plan,
    { url, next }: { url: string | undefined; next: Plan | undefined },
  ): Promise<{ ending: Ending; nextUrl: string | undefined }> {
    const acts = [...plan.acts];
    let nextUrl: string | undefined;
    let askedAhead = next === undefined;
    let position = 0;
    let buffered = 0;
    let filling = true;
    let stream: Stream | undefined;

    async function obtain(): Promise<boolean> {
      const since = clock.now();
      const waits = [...household.waitsSec];
      for (;;) {
        const opened = await enter();
        if (opened !== undefined) break;
        tally.refusals += 1;
        if (crowd.inUse() < seats) tally.refusedWhileFree += 1;
        const waitSec = waits.shift();
        if (waitSec === undefined) break;
        await clock.sleep(waitSec * 1000);
        url = undefined;
      }
      tally.waitedSec += (clock.now() - since) / 1000;
      return stream !== undefined;
    }

    async function enter(): Promise<Stream | undefined> {
      url ??= await door.list(household, plan.episode);
      const body = url && await door.open(household, url, buffered * BYTES_PER_SEC);
      if (body) stream = begin(body);
      return stream;
    }

    function begin(body: Body): Stream {
      const reader = body.getReader();
      const leave = crowd.enter(household.name);
      reader.closed.then(() => leave(true), () => leave(true));
      return { reader, leave };
    }

    async function close(): Promise<void> {
      await stream?.reader.cancel().catch(() => {});
      stream = undefined;
    }

    /** Reads as a player does; `false` where the stream has broken. */
    async function fill(): Promise<boolean> {
      const { aheadSec, againSec } = household.player;
      if (buffered - position <= againSec) filling = true;
      for (let chunk = 0; filling && stream && chunk < CHUNKS_A_STEP; chunk++) {
        const got = await stream.reader.read().catch(() => undefined);
        if (got?.done || got === undefined) stream = undefined;
        if (got === undefined) return false;
        buffered += (got.value?.length ?? 0) / BYTES_PER_SEC;
        if (buffered - position >= aheadSec) filling = false;
      }
      return true;
    }

    async function pause(forSec: number): Promise<void> {
      for (let sec = 0; sec < forSec; sec += STEP_SEC) {
        if (filling) await fill();
        await clock.sleep(STEP_SEC * 1000);
      }
    }

    async function seek(toSec: number): Promise<boolean> {
      const within = toSec >= position && toSec <= buffered;
      position = toSec;
      if (within) return true;
      await close();
      buffered = toSec;
      return await obtain();
    }

    async function vanish(): Promise<void> {
      const left = stream;
      left?.leave(false);
      await clock.sleep(VANISHED_MS);
      await left?.reader.cancel().catch(() => {});
    }

    async function perform(act: Act): Promise<Ending | undefined> {
      switch (act.kind) {
        case "pause":
          return void await pause(act.forSec);
        case "seek":
          return await seek(act.toSec) ? undefined : "turned away";
        case "leave":
          await close();
          return "left";
        case "close_the_lid":
          void vanish();
          return "left";
      }
    }

    async function play(): Promise<Ending> {
      if (!await obtain()) return "turned away";
      let paused = false;
      while (position < plan.lengthSec) {
        while (acts.length > 0 && acts[0]!.atSec <= position) {
          const act = acts.shift()!;
          const ending = await perform(act);
          if (ending !== undefined) return ending;
          paused = act.kind === "pause";
        }
        if (!await fill()) {
          if (!paused) tally.cutOff += 1;
          if (!await obtain()) return "turned away";
          continue;
        }
        paused &&= !filling;
        if (!askedAhead && position >= AHEAD_SEC) {
          askedAhead = true;
          nextUrl = await door.list(household, next!.episode);
        }
        await clock.sleep(STEP_SEC * 1000);
        const played = Math.min(STEP_SEC, buffered - position);
        position += played;
        tally.watchedSec += played;
      }
      await close();
      return "watched";
    }

    return { ending: await play(), nextUrl };
  };
}
