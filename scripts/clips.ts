#!/usr/bin/env -S deno run --allow-read --allow-write --allow-run=ffmpeg
// Usage: deno run --allow-read --allow-write --allow-run=ffmpeg scripts/clips.ts
//
// Makes the test card, the notice clips, the posters, the logo and the background into src/demo/,
// the same bytes on every run. Needs ffmpeg with librsvg and the fonts of fonts-dejavu-core, as
// Debian packages them.

import * as artwork from "./artwork.ts";
import { posters } from "./posters.ts";

const DEMO = new URL("../src/demo/", import.meta.url).pathname;
const NOTICE_SEC = 10;
const NOTICE_FPS = 8;
const TEST_CARD_SEC = 10;
const TEST_CARD_FPS = 25;

const EXACT = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags", "+bitexact"];

// The filter takes out the encoder's own settings text, which names versions and threads.
const H264 = [
  ...["-c:v", "libx264", "-profile:v", "main", "-level:v", "3.1", "-preset", "veryslow"],
  ...["-threads", "1", "-bf", "0", "-sc_threshold", "0", "-bsf:v", "filter_units=remove_types=6"],
  ...["-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709"],
  ...["-color_trc", "bt709", "-movflags", "+faststart"],
];
const PALETTE = "split[a][b];[a]palettegen=max_colors=64:reserve_transparent=0[p];" +
  "[b][p]paletteuse=dither=none";
const TO_YUV = "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p";

async function ffmpeg(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("ffmpeg", {
    args: ["-v", "error", "-nostdin", "-y", ...args],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

async function makeNotice(name: string, notice: artwork.Notice): Promise<void> {
  const still = (svg: string) => ["-loop", "1", "-framerate", `${NOTICE_FPS}`, "-i", svg];
  const near = await draw("near", artwork.waves(320, { height: 44, shade: 2 }));
  const far = await draw("far", artwork.waves(160, { height: 22, shade: 1 }));
  // Whole pixels per frame, and one whole period within the clip: it glides, and loops unseen.
  await ffmpeg(
    ...still(await draw(name, artwork.noticeCard(notice))),
    ...still(far),
    ...still(near),
    ...["-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo"],
    ...[
      "-filter_complex",
      [
        "[1]format=gbrap,colorchannelmixer=aa=0.28[far]",
        "[2]format=gbrap,colorchannelmixer=aa=0.5[near]",
        "[0]format=gbrp[card]",
        "[card][far]overlay=x='-mod(2*n,160)':y=556:format=gbrp[back]",
        `[back][near]overlay=x='-mod(4*n,320)':y=592:format=gbrp,${TO_YUV}[v]`,
      ].join(";"),
    ],
    ...["-map", "[v]", "-map", "3:a", "-t", `${NOTICE_SEC}`],
    ...H264,
    ...["-crf", "29", "-g", `${5 * NOTICE_FPS}`, "-c:a", "aac", "-b:a", "32k"],
    ...EXACT,
    `${DEMO}clips/${name}.mp4`,
  );
}

async function makeTestCard(): Promise<void> {
  const fps = `${TEST_CARD_FPS}`;
  const beep = "0.25*sin(2*PI*880*t)*if(lt(mod(t,1),0.12),sin(PI*mod(t,1)/0.12),0)";
  const flash = "drawbox=x=904:y=416:w=40:h=40:color=0xeaf6f9:t=fill:enable='lt(mod(t,1),0.12)'";
  const counter = "drawtext=font='DejaVu Sans Mono':fontsize=56:fontcolor=0x55bcd4:x=764:y=486" +
    `:text='%{eif\\:t\\:d\\:2}.%{eif\\:mod(n,${fps})\\:d\\:2}'`;
  await ffmpeg(
    ...["-loop", "1", "-framerate", fps, "-i", await draw("test-card", artwork.testCard())],
    ...["-loop", "1", "-framerate", fps, "-i", await draw("hand", artwork.testHand())],
    ...["-f", "lavfi", "-i", `aevalsrc='${beep}':s=48000:c=mono`],
    ...[
      "-filter_complex",
      [
        `[1]format=gbrap,rotate=2*PI*t/${TEST_CARD_SEC}:c=none[hand]`,
        `[0]format=gbrp[card]`,
        `[card][hand]overlay=x=508:y=108:format=gbrp,${flash},${counter},${TO_YUV}[v]`,
      ].join(";"),
    ],
    ...["-map", "[v]", "-map", "2:a", "-t", `${TEST_CARD_SEC}`],
    ...H264,
    ...["-crf", "30", "-g", `${5 * TEST_CARD_FPS}`, "-c:a", "aac", "-b:a", "32k"],
    ...EXACT,
    `${DEMO}clips/test-card.mp4`,
  );
}

async function makePicture(path: string, svg: string): Promise<void> {
  const quality = path.endsWith(".jpg")
    ? ["-vf", "scale=out_range=pc,format=yuvj420p", "-q:v", "4"]
    : ["-vf", PALETTE, "-pred", "mixed", "-compression_level", "9"];
  await ffmpeg("-i", await draw(path, svg), "-frames:v", "1", ...quality, ...EXACT, DEMO + path);
}

const scratch = await Deno.makeTempDir();
async function draw(name: string, svg: string): Promise<string> {
  const path = `${scratch}/${name.replaceAll("/", "_")}.svg`;
  await Deno.writeTextFile(path, svg);
  return path;
}

try {
  for (const folder of ["clips", "art"]) await Deno.mkdir(DEMO + folder, { recursive: true });
  for (const [name, notice] of Object.entries(artwork.notices)) await makeNotice(name, notice);
  await makeTestCard();
  await makePicture("art/logo.png", artwork.logo());
  await makePicture("art/background.jpg", artwork.background());
  for (const [name, film] of Object.entries(posters)) {
    await makePicture(`art/${name}.jpg`, artwork.poster(film));
  }
  const { size } = await Deno.stat(`${DEMO}clips/test-card.mp4`);
  console.log(`films.json must say: "videoSize": ${size} for the test card.`);
} finally {
  await Deno.remove(scratch, { recursive: true });
}
