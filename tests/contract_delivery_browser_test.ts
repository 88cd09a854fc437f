import hls from "hls.js" with { type: "text" };
import { assert, assertEquals } from "./support/assert.ts";
import { openBrowser, type Page } from "./support/browser.ts";
import { ask, assertTurnedAway, deliver, type Delivered } from "./support/delivered.ts";
import { denoEntry, nodeEntry } from "./support/entries.ts";
import { FILM_SEC, makeFilm, type RealFilm, testWithPrograms } from "./support/real_film.ts";

const BEN = "203.0.113.2";

/** Short times, so that a pause is soon a rest. */
const ENV = {
  MAX_SESSIONS: "1",
  BEAT_SEC: "1",
  ROTATION_IDLE_MS: "2000",
  RECONNECT_GRACE_MS: "500",
};

/** What the page can do; each waits until it is so. */
const SCRIPT = `
const video = document.querySelector("video");
const until = (is) => new Promise((resolve, reject) => {
  const look = () => video.error ? reject(new Error(video.error.message)) : is() && resolve(true);
  for (const name of ["timeupdate", "seeked", "error", "progress"]) {
    video.addEventListener(name, look);
  }
  look();
});
const reaches = (second) => until(() => !video.seeking && video.currentTime >= second);
const seek = (second) => (video.currentTime = second, reaches(second + 1));
`;

function page(): Response {
  const html = `<!doctype html><video muted></video><script src="/hls.js"></script>` +
    `<script>${SCRIPT}</script>`;
  return new Response(html, { headers: { "content-type": "text/html" } });
}

function serve(film: RealFilm): (request: Request) => Promise<Response | undefined> {
  return async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/page") return page();
    if (pathname === "/hls.js") {
      return new Response(hls, { headers: { "content-type": "text/javascript" } });
    }
    return await film.serve(request, pathname.slice(1));
  };
}

/** Asks until a seat is had. */
async function takesOver(url: string): Promise<Response> {
  for (;;) {
    const answer = await ask(url, { from: BEN });
    if (answer.status === 200) return answer;
    await assertTurnedAway(answer, "capacity");
  }
}

async function playsFilm(place: Delivered, browser: Page): Promise<void> {
  const [url, other] = [
    await place.play("/film.mp4", { from: "127.0.0.1" }),
    await place.play("/film.mp4", { from: BEN }),
  ];
  await browser.go(`${place.origin.url}/page`);
  await browser.run(`video.src = ${JSON.stringify(url)}; video.play(); reaches(1)`);
  await assertTurnedAway(await ask(other, { from: BEN }), "capacity");
  await browser.run("seek(25)");
  await browser.run("seek(5)");
  const [watching] = await place.sessions();
  assertEquals(watching?.leaving, false);

  await browser.run("video.pause()");
  const ben = await takesOver(other);
  assertEquals((await place.sessions()).length, 1);
  await ben.body!.cancel();
  await place.empty();

  // A player whose connection ended opens it again, or is told to by its viewer.
  await browser.run(`
    if (video.error) { video.src = ${JSON.stringify(url)}; video.currentTime = 5; }
    video.play();
    seek(33)
  `);
  // So near its end the whole rest may be with the player, and the session on its way out.
  const [again] = await place.sessions();
  assertEquals(again?.id, watching!.id);

  await browser.go("about:blank");
  await place.empty();
  await place.origin.openIs(0);
}

async function playsPieces(place: Delivered, browser: Page): Promise<void> {
  const url = await place.play("/film.m3u8", { from: "127.0.0.1" });
  await browser.go(`${place.origin.url}/page`);
  assertEquals(await browser.run("Hls.isSupported()"), true);
  await browser.run(`
    const player = new Hls();
    player.loadSource(${JSON.stringify(url)});
    player.attachMedia(video);
    video.play();
    reaches(1)
  `);
  await browser.run(`seek(${FILM_SEC - 10})`);
  assertEquals((await place.sessions()).length, 1);
  const asked = place.origin.requests.filter(({ path }) => path.endsWith(".ts"));
  assert(asked.length > 2, `${asked.length} pieces`);
}

await testWithPrograms("Chromium plays, seeks, pauses, resumes and closes, and HLS by hls.js", [
  "ffmpeg",
  "chromium",
], async (t) => {
  await using film = await makeFilm();
  await using node = await nodeEntry();
  await using browser = await openBrowser();
  for (const entry of [denoEntry(), node]) {
    await using place = await deliver(entry, { env: ENV, hook: serve(film) });
    await t.step(`${entry.name}: MP4 in <video>`, () => playsFilm(place, browser));
    await t.step(`${entry.name}: HLS by hls.js`, () => playsPieces(place, browser));
    await browser.go("about:blank");
  }
});
