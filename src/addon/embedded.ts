// Pure: values in, values out.

import type { Source } from "../ports.ts";
import type { Definition } from "./definition_types.ts";

/**
 * The embedded broker: an episode's streams as the definition gives them, or `undefined` where
 * it has none. A URL may be an own path; `absolute()` of `http/url.ts` gives it the request's origin
 * when the answer is shaped.
 */
export function embeddedStreams(
  { streams = {} }: Definition,
  episode: string,
): readonly Source[] | undefined {
  return Object.hasOwn(streams, episode) ? streams[episode] : undefined;
}
