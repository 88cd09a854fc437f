import { assertEquals } from "./support/assert.ts";
import { deliver, type Delivered } from "./support/delivered.ts";
import { denoEntry, nodeEntry } from "./support/entries.ts";
import {
  FILM_SEC,
  makeFilm,
  output,
  type RealFilm,
  testWithPrograms,
} from "./support/real_film.ts";

const DIGEST = ["-map", "0", "-c", "copy", "-f", "md5", "-"];
const QUIET = ["-v", "error"];

async function digest(...input: string[]): Promise<string> {
  return await output("ffmpeg", [...QUIET, ...input, ...DIGEST]);
}

/** An MP4 whose index stands at its end, so that it is read by ranges. */
async function readsFilm(place: Delivered, { folder }: RealFilm): Promise<void> {
  const url = await place.play("/film.mp4");
  const shown = ["-show_entries", "format=duration:stream=codec_name", "-of", "csv=p=0"];
  const probed = await output("ffprobe", [...QUIET, ...shown, url]);
  assertEquals(probed.trim().split("\n"), ["h264", "aac", `${FILM_SEC}.000000`]);
  const own = `${folder}/film.mp4`;
  assertEquals(await digest("-i", url), await digest("-i", own));
  const part = (from: string) => digest("-ss", "30", "-i", from, "-t", "2");
  assertEquals(await part(url), await part(own));
  await place.empty();
}

/** Every piece is one of the same play, which keeps its seat between them. */
async function readsPieces(place: Delivered, { folder }: RealFilm): Promise<void> {
  const url = await place.play("/film.m3u8");
  assertEquals(await digest("-i", url), await digest("-i", `${folder}/film.m3u8`));
  assertEquals((await place.sessions()).length, 1);
}

await testWithPrograms("ffprobe and ffmpeg play MP4 by ranges, and HLS", [
  "ffmpeg",
  "ffprobe",
], async (t) => {
  await using film = await makeFilm();
  await using node = await nodeEntry();
  for (const entry of [denoEntry(), node]) {
    await using place = await deliver(entry, {
      hook: (request) => film.serve(request, new URL(request.url).pathname.slice(1)),
    });
    await t.step(`${entry.name}: MP4 by ranges`, () => readsFilm(place, film));
    await t.step(`${entry.name}: HLS`, () => readsPieces(place, film));
    await place.origin.openIs(0);
  }
});
