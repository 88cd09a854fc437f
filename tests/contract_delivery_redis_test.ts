import { assert, assertEquals, assertLess } from "./support/assert.ts";
import {
  ask,
  assertTurnedAway,
  brokerOrigin,
  deliveryEnv,
  type Door,
  door,
  readExact,
  TOKEN,
} from "./support/delivered.ts";
import { denoEntry, type Env, nodeEntry, serveEntry } from "./support/entries.ts";
import type { Origin } from "./support/origin.ts";
import type { RedisServer } from "./support/redis_server.ts";
import { startRestBridge } from "./support/rest_bridge.ts";
import { testWithRedis } from "./support/test_with_redis.ts";

const SEED = 41;
const FILE = `/file/${SEED}/200000/film.mp4`;
/** Two hundred seconds of film, as it flows. */
const FLOWS = `/file/${SEED}/40000000/film.mp4?rate=200000`;
/** More than lies between a player and the origin. */
const LARGE = `/file/${SEED}/40000000/film.mp4`;
const PROCESSES = 4;

/** Four processes, two of each kind, at one origin and one Redis. */
async function four(
  redis: RedisServer,
  env: Env,
  run: (doors: [Door, Door, Door, Door], origin: Origin) => Promise<void>,
): Promise<void> {
  await using bridge = startRestBridge(redis);
  await using origin = brokerOrigin();
  await using node = await nodeEntry();
  await using stack = new AsyncDisposableStack();
  const settings = deliveryEnv(origin, {
    UPSTASH_REDIS_REST_URL: bridge.url,
    UPSTASH_REDIS_REST_TOKEN: bridge.token,
    VIEWER_SECRET: "a secret of thirty-two characters or more",
    BEAT_SEC: "1",
    ...env,
  });
  const doors = await Promise.all(Array.from({ length: PROCESSES }, async (_, index) => {
    return door(stack.use(await serveEntry(index % 2 ? node : denoEntry(), settings)));
  }));
  await run(doors as [Door, Door, Door, Door], origin);
  await origin.openIs(0);
}

/** The same play at another process. */
function at({ weir }: Door, url: string): string {
  return weir.origin + new URL(url).pathname;
}

/** Opens a play where a busy machine may take longer than the gate is given. */
async function opens(url: string): Promise<Response> {
  for (;;) {
    const answer = await ask(url);
    if (answer.status === 200) return answer;
    await assertTurnedAway(answer, "slow");
  }
}

/** Reads on until the connection is over. */
function watching(response: Response): { over: boolean; end: Promise<{ broke: boolean }> } {
  assertEquals(response.status, 200);
  const state = {
    over: false,
    end: readExact(response, SEED).then((end) => {
      state.over = true;
      return end;
    }),
  };
  return state;
}

testWithRedis("four processes seat as many viewers as there are seats", async (redis) => {
  await four(redis, { MAX_SESSIONS: "3" }, async (doors) => {
    const from = Array.from({ length: 12 }, (_, index) => `203.0.113.${index}`);
    const urls = await Promise.all(
      from.map((each, index) => doors[index % PROCESSES]!.play(FLOWS, { from: each })),
    );
    // Each opens where another one listed.
    const answers = await Promise.all(
      urls.map((url, index) =>
        ask(at(doors[(index + 1) % PROCESSES]!, url), { from: from[index]! })
      ),
    );
    assertEquals(answers.map(({ status }) => status).filter((each) => each === 200).length, 3);
    assertEquals((await doors[0].sessions()).length, 3);
    const path = `${doors[3].weir.origin}/stream/movie/weir%3A%2Fa.json`;
    const taken = await ask(path, { from: "203.0.113.99" });
    assert((await taken.json()).streams[0].name.startsWith("All seats are taken"));
    await Promise.all(answers.map((answer) => answer.body?.cancel()));
    await doors[1].empty();
  });
});

testWithRedis("a play that moves to another process keeps its seat there", async (redis) => {
  await four(redis, { MAX_SESSIONS: "1" }, async ([first, second, third, fourth]) => {
    const url = await first.play(FLOWS);
    const here = await ask(at(second, url));
    const reader = here.body!.getReader();
    await reader.read();
    const there = await ask(at(third, url));
    const flowing = there.body!.getReader();
    await flowing.read();
    await reader.cancel();
    // What this process gives back late is not the other's seat: the other one has beaten since.
    for (let chunk = 0; chunk < 6; chunk++) assertEquals((await flowing.read()).done, false);
    const [session] = await fourth.sessions();
    assertEquals(session?.leaving, false);
    const ben = "203.0.113.2";
    const other = await fourth.play(FILE, { from: ben });
    await assertTurnedAway(await ask(other, { from: ben }), "capacity");
    await flowing.cancel();
    await fourth.empty();
    const seated = await ask(at(second, other), { from: ben });
    assertEquals(await readExact(seated, SEED), { at: 200_000, broke: false });
  });
});

testWithRedis("an operator's end at one process ends the bytes at another", async (redis) => {
  await four(redis, {}, async ([first, second, third]) => {
    const url = await first.play(FLOWS);
    const watched = watching(await ask(at(second, url)));
    const [session] = await third.sessions();
    const headers = { "x-operator-token": TOKEN };
    const path = `${third.weir.origin}/operator/sessions/${session!.id}`;
    const evicted = await ask(path, { method: "DELETE", headers });
    assertEquals(await evicted.json(), { evicted: session!.id });
    const ended = performance.now();
    assertEquals((await watched.end).broke, true);
    assertLess(performance.now() - ended, 5000);
    const again = await ask(at(first, url));
    assertEquals(again.status, 200);
    await again.body!.cancel();
  });
});

testWithRedis("a paused play is rotated out by a viewer of another process", async (redis) => {
  const env = { MAX_SESSIONS: "1", ROTATION_IDLE_MS: "2000" };
  await four(redis, env, async ([first, second]) => {
    const [anne, ben] = ["203.0.113.1", "203.0.113.2"];
    const paused = await ask(await first.play(LARGE, { from: anne }), { from: anne });
    const reader = paused.body!.getReader();
    await reader.read();
    const url = await second.play(FLOWS, { from: ben });
    let turnedAway = 0;
    let answer = await ask(url, { from: ben });
    for (; answer.status !== 200; turnedAway++) {
      await assertTurnedAway(answer, "capacity");
      answer = await ask(url, { from: ben });
    }
    assert(turnedAway > 0);
    const broke = (async () => {
      while (!(await reader.read()).done);
    })().then(() => false, () => true);
    assertEquals(await broke, true);
    await answer.body!.cancel();
  });
});

testWithRedis("a play goes on while Redis stands still, and nobody new comes in", async (redis) => {
  const env = { REDIS_ATTEMPT_TIMEOUT_MS: "200", REDIS_TOTAL_TIMEOUT_MS: "400" };
  await four(redis, env, async ([first, second, third]) => {
    const url = await first.play(FLOWS);
    const other = await first.play(FILE);
    const watched = watching(await opens(at(second, url)));
    redis.pause();
    for (let time = 0; time < 6; time++) {
      await assertTurnedAway(await ask(at(third, other)), "slow");
    }
    assertEquals(watched.over, false);
    redis.resume();
    let answer = await ask(at(third, other));
    while (answer.status !== 200) {
      await answer.body?.cancel();
      answer = await ask(at(third, other));
    }
    assertEquals(await readExact(answer, SEED), { at: 200_000, broke: false });
    assertEquals(watched.over, false);
    const [session] = await first.sessions();
    assertEquals(session?.leaving, false);
    await second.weir.stop("SIGKILL");
    assertEquals((await watched.end).broke, true);
  });
});

testWithRedis("a play ends where Redis stands still for GATE_OUTAGE_PLAY_SEC", async (redis) => {
  const env = {
    REDIS_ATTEMPT_TIMEOUT_MS: "200",
    REDIS_TOTAL_TIMEOUT_MS: "400",
    GATE_OUTAGE_PLAY_SEC: "2",
  };
  await four(redis, env, async ([first, second]) => {
    const watched = watching(await opens(at(second, await first.play(FLOWS))));
    redis.pause();
    const began = performance.now();
    assertEquals((await watched.end).broke, true);
    assert(performance.now() - began > 2000);
    redis.resume();
  });
});
