/**
 * A real film, made by ffmpeg, and the programs that play it.
 *
 * @module
 */

import { createFiles } from "../../src/http/file.ts";

/** Forty seconds of noise and a tone: as MP4, its index at the end, and as HLS. */
export type RealFilm = {
  /** Answers for its files, by their names. */
  serve: (request: Request, name: string) => Promise<Response | undefined>;
  folder: string;
  [Symbol.asyncDispose](): Promise<void>;
};

/** How long the film is. */
export const FILM_SEC = 40;

const TYPES: Readonly<Record<string, string>> = {
  mp4: "video/mp4",
  m3u8: "application/vnd.apple.mpegurl",
  ts: "video/mp2t",
};

/** Whether a program is on PATH. */
export async function isThere(program: string): Promise<boolean> {
  try {
    const args = [program === "chromium" ? "--version" : "-version"];
    return (await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output())
      .success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Registers a test that needs programs of Debian's packages; with `CI=true` it fails without. */
export async function testWithPrograms(
  name: string,
  programs: readonly string[],
  run: (t: Deno.TestContext) => Promise<void>,
): Promise<void> {
  const found = await Promise.all(programs.map(isThere));
  const missing = programs.filter((_, index) => !found[index]);
  const ignore = missing.length > 0 && Deno.env.get("CI") !== "true";
  if (ignore) {
    console.warn(`No ${missing.join(", ")} on PATH: skipped; apt-get install ${missing.join(" ")}`);
  }
  Deno.test({ name, ignore, fn: run });
}

/** Runs a program; gives what it wrote. */
export async function output(program: string, args: string[]): Promise<string> {
  const ran = await new Deno.Command(program, { args, stdin: "null" }).output();
  const [stdout, stderr] = [ran.stdout, ran.stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!ran.success || stderr !== "") throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
  return stdout!;
}

/** Makes the film. */
export async function makeFilm(): Promise<RealFilm> {
  await Deno.mkdir("dist", { recursive: true });
  const folder = await Deno.makeTempDir({ dir: "dist", prefix: "film-" });
  const [picture, tone] = [
    `testsrc2=size=640x360:rate=25:duration=${FILM_SEC},noise=alls=70:allf=t`,
    `sine=frequency=440:duration=${FILM_SEC}`,
  ];
  const encoded = "-c:v libx264 -preset ultrafast -qp 22 -pix_fmt yuv420p -g 50 -c:a aac";
  await output("ffmpeg", [
    ...["-v", "error", "-f", "lavfi", "-i", picture!, "-f", "lavfi", "-i", tone!],
    ...encoded.split(" "),
    `${folder}/film.mp4`,
  ]);
  await output("ffmpeg", [
    ...["-v", "error", "-i", `${folder}/film.mp4`, "-c", "copy", "-hls_time", "4"],
    ...["-hls_playlist_type", "vod", "-hls_segment_filename", `${folder}/%d.ts`],
    `${folder}/film.m3u8`,
  ]);
  const files = new Map<string, { bytes: Uint8Array<ArrayBuffer>; type: string }>();
  for await (const { name } of Deno.readDir(folder)) {
    const bytes = await Deno.readFile(`${folder}/${name}`);
    files.set(name, { bytes, type: TYPES[name.split(".").at(-1)!]! });
  }
  return {
    serve: createFiles(files),
    folder,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
