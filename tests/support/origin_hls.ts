/**
 * Playlists of the origin (RFC 8216): their parts are files of `serveFile`, whose bytes nobody can
 * decode but everybody can compare.
 *
 * @module
 */

const SEGMENT = 20_000;
const WINDOW = 4;

/**
 * Gives a playlist: `master.m3u8`, `media.m3u8` (key, map, segments), `ranges.m3u8` (one file in
 * byte ranges), `audio.m3u8`, `subtitles.m3u8`, or `live.m3u8`, whose window has moved on `moves`
 * times.
 */
export function originPlaylist(name: string, moves: number): string | undefined {
  return PLAYLISTS[name]?.(moves);
}

const PLAYLISTS: Readonly<Record<string, (moves: number) => string>> = {
  "master.m3u8": () =>
    lines(
      "#EXT-X-VERSION:7",
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English",DEFAULT=YES,URI="audio.m3u8"',
      '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="English",URI="/hls/subtitles.m3u8"',
      '#EXT-X-STREAM-INF:BANDWIDTH=800000,AUDIO="a",SUBTITLES="s"',
      "media.m3u8?quality=low",
      '#EXT-X-STREAM-INF:BANDWIDTH=2400000,AUDIO="a",SUBTITLES="s"',
      "ranges.m3u8",
      '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=90000,URI="ranges.m3u8?frames=only"',
    ),
  "media.m3u8": () =>
    lines(
      "#EXT-X-TARGETDURATION:4",
      `#EXT-X-KEY:METHOD=AES-128,URI="/file/16/16/film.key",IV=0x00000000000000000000000000000001`,
      '#EXT-X-MAP:URI="/file/20/700/init.mp4"',
      ...segments(0, 6),
      "#EXT-X-ENDLIST",
    ),
  "ranges.m3u8": () =>
    lines(
      "#EXT-X-TARGETDURATION:4",
      ...[0, 1, 2].flatMap((index) => [
        "#EXTINF:4,",
        `#EXT-X-BYTERANGE:${SEGMENT}@${index * SEGMENT}`,
        `/file/21/${3 * SEGMENT}/all.ts`,
      ]),
      "#EXT-X-ENDLIST",
    ),
  "audio.m3u8": () => lines("#EXT-X-TARGETDURATION:4", ...segments(50, 6), "#EXT-X-ENDLIST"),
  "subtitles.m3u8": () =>
    lines("#EXT-X-TARGETDURATION:24", "#EXTINF:24,", "/file/22/900/all.vtt", "#EXT-X-ENDLIST"),
  "live.m3u8": (moves) =>
    lines(
      "#EXT-X-TARGETDURATION:4",
      `#EXT-X-MEDIA-SEQUENCE:${moves}`,
      ...segments(moves, WINDOW),
    ),
};

function segments(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => [
    "#EXTINF:4,",
    `/file/${100 + first + index}/${SEGMENT}/${first + index}.ts`,
  ]).flat();
}

function lines(...all: string[]): string {
  return ["#EXTM3U", ...all, ""].join("\n");
}
