// Pure: values in, values out.

/**
 * What a play's seat says of it, in the gate's opaque note: the episode, and how long it runs.
 *
 * @module
 */

/** An episode and its length; 0 where that is unknown. */
export type PlayNote = { episode: string; runtimeSec: number };

/** A note has at most so many bytes; a very long episode leaves no room for its length. */
const NOTE_BYTES = 256;

/** Writes a note. */
export function writeNote({ episode, runtimeSec }: PlayNote): string {
  const note = `${episode}\n${Math.round(runtimeSec)}`;
  const fits = new TextEncoder().encode(note).byteLength <= NOTE_BYTES;
  return runtimeSec > 0 && fits ? note : episode;
}

/** Reads a note, also one that says the episode alone. */
export function readNote(note: string): PlayNote {
  const [, episode, runtime] = /^(.*)\n(\d+)$/s.exec(note) ?? [note, note, "0"];
  return { episode: episode!, runtimeSec: Number(runtime) };
}
