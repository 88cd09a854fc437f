/**
 * An evening of three households on two seats. Whatever fails meanwhile, each answer has to be what
 * the tables say.
 *
 * @module
 */

import { OPERATOR_TOKEN } from "./app.ts";
import { assert, assertEquals } from "./assert.ts";
import { play, type Player } from "./film_source.ts";
import type { Failing } from "./nth_call.ts";
import type { Stage } from "./stage.ts";
import { readStreams } from "./stremio.ts";
import { streamPath } from "./viewers.ts";
import type { Tap } from "./tap.ts";

/** A household. */
export type Household = {
  readonly from: string;
  /** Who it is to the gate, once it has been given a stream. */
  served: boolean;
  /** What its player reads, and what gives it. */
  watching: { player: Player; tap: Tap } | undefined;
  /** Asks for an episode's streams. */
  lists(episode: string): Promise<void>;
  /** Opens the play that it has listed, where there are such. */
  opens(headers?: Record<string, string>): Promise<void>;
  /** Takes what comes within five seconds, where anything does. */
  reads(): Promise<void>;
  /** Ends its player. */
  closes(): Promise<void>;
};

const CLIP = /^https:\/\/weir\.example\/clips\/(capacity|slow|unavailable)\.mp4$/;

/** The rows of the table that a failing call may lead to. */
const CAUSES: Readonly<Record<Failing, readonly string[]>> = {
  throws: ["dependency_unavailable"],
  rejects: ["dependency_unavailable"],
  status: ["dependency_unavailable"],
  nonsense: ["dependency_unavailable"],
  lost: ["dependency_unavailable"],
  // A source that hangs is one that does not give its bytes.
  hangs: ["dependency_timeout", "dependency_unavailable"],
  bug: ["internal"],
};
const CLIPS: Readonly<Record<string, string>> = {
  dependency_timeout: "slow",
  dependency_unavailable: "unavailable",
  internal: "unavailable",
};

/** What an answer may be by the calls that have failed for it, and which seats are taken since. */
type Answered<T> = { answer: T; causes: string[]; kept: string[] };

function isRelease(name: string): boolean {
  return name === "release" || name === "execute.gate";
}

/** What a bug breaks off in the middle of an opening is given back, with its grace. */
function sessions({ near, calls }: Stage): Set<string> {
  const seats = near.list().seats.filter(({ state }) =>
    calls.how !== "bug" || state === "standing"
  );
  return new Set(seats.map(({ session }) => session));
}

/** Whether a call that fails may change what a viewer is answered. */
function decides(name: string, { gateOnFailure }: Stage): boolean {
  return name === "admit" ? gateOnFailure === "block" : !["list", "beat", "release"].includes(name);
}

/** Moves a household in. */
export function household(stage: Stage, from: string): Household {
  const { app, calls, kind, through, film, clock } = stage;
  let path: string | undefined;

  async function answered<T>(ask: () => Promise<T>): Promise<Answered<T>> {
    const failedBefore = calls.failed.length;
    const seatedBefore = sessions(stage);
    const answer = await through(ask());
    const failed = calls.failed.slice(failedBefore);
    const took = [...sessions(stage)].filter((session) => !seatedBefore.has(session));
    return {
      answer,
      causes: failed.some((name) => decides(name, stage)) ? [...CAUSES[calls.how!]] : [],
      // Nobody knows of a seat whose answer was lost, nor can give back what the gate does not take.
      kept: calls.how === "lost" || failed.some(isRelease) ? [] : took,
    };
  }

  const self: Household = {
    from,
    served: false,
    watching: undefined,
    async lists(episode) {
      const { answer, causes, kept } = await answered(() => app.get(streamPath(episode), { from }));
      const { streams, notice } = await readStreams(answer);
      const cause = notice?.cause ?? "stream";
      assert(["stream", "capacity", ...causes].includes(cause), `${cause} to a list`);
      if (cause !== "stream" || kind !== "direct") assertEquals(kept, [], `${cause} to a list`);
      path = cause === "stream" ? new URL(streams[0]!.url).pathname : undefined;
      if (kind === "direct") self.served ||= cause === "stream";
    },
    async opens(headers = {}) {
      if (path === undefined || kind === "direct") return;
      await self.closes();
      const at = path;
      const { answer, causes, kept } = await answered(() => app.get(at, { from, headers }));
      assertEquals(answer.headers.get("access-control-allow-origin"), "*");
      assertEquals(answer.headers.get("cache-control"), "private, no-store");
      if (answer.status === 302) {
        const location = answer.headers.get("location")!;
        const clip = CLIP.exec(location)?.[1];
        if (clip === undefined) {
          assert(kind === "redirect" && location.startsWith("https://films.example/"), location);
          self.served = true;
        } else {
          assert(["capacity", ...causes.map((each) => CLIPS[each])].includes(clip), clip);
          assertEquals(kept, [], clip);
        }
        return;
      }
      assertEquals([kind, answer.status], ["proxy", headers.range === undefined ? 200 : 206]);
      self.served = true;
      const range = /^bytes=(\d+)-$/.exec(headers.range ?? "");
      self.watching = { player: play(answer, Number(range?.[1] ?? 0)), tap: film.taps.at(-1)! };
      await self.reads();
    },
    async reads() {
      if (self.watching === undefined) return;
      const { player, tap } = self.watching;
      if (!tap.cancelled) tap.give(10);
      const read = await through(player.read());
      player.got();
      if (read !== "bytes") self.watching = undefined;
      else if (tap.cancelled) self.watching = { player, tap: film.taps.at(-1)! };
    },
    async closes() {
      // A play may have been ended before.
      await self.watching?.player.close().catch(() => {});
      self.watching = undefined;
      await clock.settle();
    },
  };
  return self;
}

/** The evening, from the first list to the last player that ends. */
export async function evening(stage: Stage): Promise<Household[]> {
  const { clock } = stage;
  const [anne, ben, cleo] = ["203.0.113.1", "203.0.113.2", "203.0.113.3"]
    .map((from) => household(stage, from)) as [Household, Household, Household];
  const all = [anne, ben, cleo];

  async function minute(...watching: Household[]): Promise<void> {
    for (let passed = 0; passed < 60_000; passed += 20_000) {
      await clock.advance(20_000);
      for (const each of watching) await each.reads();
    }
  }

  await anne.lists("weir:a");
  await anne.opens();
  await anne.opens({ range: "bytes=500-" });
  await ben.lists("weir:b");
  await ben.opens();
  await cleo.lists("weir:b");
  await cleo.opens();
  await operatorLooks(stage);
  await minute(anne, ben);
  // Ben rests, and Cleo takes over.
  await minute(anne);
  await cleo.lists("weir:c");
  await cleo.opens();
  await ben.reads();
  await minute(anne, cleo);
  await ben.opens();
  await operatorEvicts(stage);
  await anne.reads();
  await anne.opens();
  await cleo.closes();
  await ben.opens();
  await minute(anne, ben);
  for (const each of all) await each.closes();
  return all;
}

async function operatorLooks(stage: Stage): Promise<void> {
  for (const path of ["/ready", "/operator/sessions", "/operator/metrics"]) {
    await asOperator(stage, { path, method: "GET", statuses: [200, 503] });
  }
}

async function operatorEvicts(stage: Stage): Promise<void> {
  const [first] = stage.near.list().seats;
  if (first === undefined) return;
  const path = `/operator/sessions/${first.session}`;
  await asOperator(stage, { path, method: "DELETE", statuses: [200, 404, 503] });
}

async function asOperator(
  { app, calls, through }: Stage,
  { path, method, statuses }: { path: string; method: string; statuses: readonly number[] },
): Promise<void> {
  const headers = { "x-operator-token": OPERATOR_TOKEN };
  const before = calls.failed.length;
  const { status } = await through(app.get(path, { method, headers }));
  const failed = calls.failed.length > before;
  const allowed = [...statuses, ...calls.how === "bug" && failed ? [500] : []];
  assert(allowed.includes(status), `${status} to ${method} ${path}`);
}
