import { films } from "../src/demo/mod.ts";
import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertRejects,
} from "./support/assert.ts";
import {
  denoEntry,
  type Entry,
  type Env,
  legacyDenoEntry,
  nodeEntry,
  runEntry,
  type Running,
  serveEntry,
} from "./support/entries.ts";
import { ask, deliver, TOKEN } from "./support/delivered.ts";
import { serveBroker } from "./support/held_broker.ts";
import {
  type HttpCheck,
  PLAIN_CHECKS,
  PLAIN_ENV,
  PROXIED_CHECKS,
  PROXIED_ENV,
} from "./support/http_checks.ts";
import { accepts } from "./support/raw_http.ts";

const EPISODE = "/stream/movie/weir:sintel.json";

/** Registers a test of each way to run Weir. */
function testEntries(
  claim: string,
  run: (entry: Entry, t: Deno.TestContext) => Promise<void>,
): void {
  Deno.test(`Deno: ${claim}`, (t) => run(denoEntry(), t));
  Deno.test(`Node: ${claim}`, async (t) => {
    await using entry = await nodeEntry();
    await run(entry, t);
  });
}

async function runChecks(
  t: Deno.TestContext,
  entry: Entry,
  { env, checks }: { env: Env; checks: readonly HttpCheck[] },
): Promise<void> {
  await using place = await serveEntry(entry, env);
  for (const { claim, run } of checks) await t.step(claim, () => run(place));
  const { code, ms, stderr } = await place.stop("SIGTERM");
  assertEquals(code, 0);
  // Connections that are kept alive do not hold up the end.
  assertLess(ms, 4000);
  if (entry.name !== LEGACY.name) assertEquals(stderr, "");
}

const LEGACY = legacyDenoEntry();

testEntries("everything holds for who connects directly", async (entry, t) => {
  await runChecks(t, entry, { env: PLAIN_ENV, checks: PLAIN_CHECKS });
});

testEntries("everything holds behind a trusted proxy", async (entry, t) => {
  await runChecks(t, entry, { env: PROXIED_ENV, checks: PROXIED_CHECKS });
});

Deno.test("Deno with legacy abort: everything holds as well", async (t) => {
  await runChecks(t, LEGACY, { env: PLAIN_ENV, checks: PLAIN_CHECKS });
});

testEntries("who closes its log ends nothing", async (entry) => {
  await using place = await serveEntry(entry);
  await place.closeLog();
  for (let request = 0; request < 5; request++) {
    const answer = await fetch(place.origin + EPISODE);
    assertEquals([answer.status, (await answer.json()).notice], [200, undefined]);
  }
  const { code, stderr } = await place.stop("SIGTERM");
  assertEquals([code, stderr], [0, ""]);
});

async function assertCancels(entry: Entry): Promise<void> {
  await using broker = serveBroker();
  await using place = await serveEntry(entry, { BROKER_URL: broker.url, ...PATIENT });
  const client = new AbortController();
  const lost = fetch(place.origin + EPISODE, client).catch((error: Error) => error.name);
  const call = await broker.callFor(lost);
  const left = performance.now();
  client.abort();
  await call.gone;
  assertLess(performance.now() - left, 10_000);
  assertEquals(await lost, "AbortError");
}

/** Bounds that end nothing while a test runs. */
const PATIENT = {
  BROKER_ATTEMPT_TIMEOUT_MS: "30000",
  BROKER_TOTAL_TIMEOUT_MS: "30000",
  STREAM_TOTAL_TIMEOUT_MS: "30000",
};

testEntries("a client that goes away cancels its broker call", assertCancels);

Deno.test("Deno with legacy abort: a client that goes away cancels its broker call", () => {
  return assertCancels(LEGACY);
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  testEntries(`${signal} lets what is in flight finish, and nothing new in`, async (entry) => {
    await using broker = serveBroker();
    await using place = await serveEntry(entry, { BROKER_URL: broker.url, ...PATIENT });
    const response = fetch(place.origin + EPISODE).then((answer) => answer.json());
    const call = await broker.callFor(response);
    const end = place.stop(signal);
    await closes(place);
    call.answer();
    const { streams } = await response;
    assertEquals(streams.length, 1);
    const { code, ms, stderr } = await end;
    assertEquals([code, stderr], [0, ""]);
    assertLess(ms, 4000);
  });
}

testEntries("a second signal changes nothing", async (entry) => {
  await using broker = serveBroker();
  await using place = await serveEntry(entry, { BROKER_URL: broker.url, ...PATIENT });
  const response = fetch(place.origin + EPISODE).then((answer) => answer.json());
  const call = await broker.callFor(response);
  const end = place.stop("SIGINT");
  await closes(place);
  const again = place.stop("SIGINT");
  const third = place.stop("SIGTERM");
  // What is asked of a process after its signals is done after them.
  assertEquals(await accepts(place.port), false);
  call.answer();
  assertEquals((await response).streams.length, 1);
  for (const { code } of await Promise.all([end, again, third])) assertEquals(code, 0);
});

Deno.test("Deno and Node: what hangs is cut after 5 s, and the end is 0", async () => {
  await using node = await nodeEntry();
  await Promise.all([denoEntry(), node].map(async (entry) => {
    await using broker = serveBroker();
    await using place = await serveEntry(entry, { BROKER_URL: broker.url, ...PATIENT });
    const response = fetch(place.origin + EPISODE).then(() => "answered", () => "cut");
    const call = await broker.callFor(response);
    const { code, ms } = await place.stop("SIGTERM");
    assertEquals([await response, code], ["cut", 0]);
    assertGreater(ms, 4900);
    assertLess(ms, 8000);
    await call.gone;
  }));
});

testEntries(
  "a play that is ended breaks off, and nothing but the log is printed",
  async (entry) => {
    await using place = await deliver(entry);
    const playing = await ask(await place.play("/file/1/4000000/film.mp4?stall=100000"));
    const reader = playing.body!.getReader();
    assertEquals((await reader.read()).done, false);
    const [session] = await place.sessions();
    const ended = await fetch(`${place.weir.origin}/operator/sessions/${session!.id}`, {
      method: "DELETE",
      headers: { "x-operator-token": TOKEN },
    });
    assertEquals([ended.status, await ended.json()], [200, { evicted: session!.id }]);
    async function readOn(): Promise<void> {
      while (!(await reader.read()).done);
    }
    await assertRejects(readOn);
    const { code, stdout, stderr } = await place.weir.stop("SIGTERM");
    assertEquals([code, stderr], [0, ""]);
    assertEquals(stdout.split("\n").filter((line) => !/^(Weir serves | {2}\w|$)/.test(line)), []);
  },
);

testEntries("a wrong start ends with 1 and every problem, one a line", async (entry) => {
  const env = { PORT: "eighty", MAX_SESSIONS: "0", BROKER_TOKEN: "only-half" };
  const { code, stdout, stderr } = await runEntry(entry, env);
  assertEquals([code, stdout], [1, ""]);
  const lines = stderr.trim().split("\n");
  assertEquals(lines.map((line) => / ([A-Z_]+):/.exec(line)?.[1]).sort(), [
    "BROKER_TOKEN",
    "MAX_SESSIONS",
    "PORT",
  ]);
  assert(!stderr.includes("only-half"), stderr);
});

testEntries("a wrong ADDON_FILE ends with 1 and the path of each fault", async (entry) => {
  await Deno.mkdir("dist", { recursive: true });
  const folder = await Deno.makeTempDir({ dir: "dist" });
  const file = `${await Deno.realPath(folder)}/addon.json`;
  try {
    const definition = JSON.parse(films);
    definition.manifest.version = "1.0";
    definition.metas[2].name = 7;
    await Deno.writeTextFile(file, JSON.stringify(definition));
    const { code, stdout, stderr } = await runEntry(entry, { ADDON_FILE: file });
    assertEquals([code, stdout], [1, ""]);
    const lines = stderr.trim().split("\n").map((line) => line.split(": ").slice(0, 2).join(": "));
    assertEquals(lines.sort(), [
      "Cannot parse ADDON_FILE: manifest.version",
      "Cannot parse ADDON_FILE: metas[2].name",
    ]);
    const missing = await runEntry(entry, { ADDON_FILE: `${file}.missing` });
    assertEquals(missing.code, 1);
    assertMatch(missing.stderr, /^Cannot read ADDON_FILE: must be a file .*\n$/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

testEntries("a port that is taken ends with 1 and a sentence", async (entry) => {
  await using first = await serveEntry(entry);
  const { port } = first;
  const { code, stdout, stderr } = await runEntry(entry, { PORT: `${port}` });
  assertEquals([code, stdout], [1, ""]);
  assertEquals(
    stderr,
    "Cannot listen on PORT: must be a port that is free, " +
      `current value is ${port} (another process listens there)\n`,
  );
});

/** Waits until nothing is accepted any more. */
async function closes({ port }: Running): Promise<void> {
  while (await accepts(port));
}
