// Pure: values in, values out.

/**
 * Streams as Stremio's clients read them: a field of the wrong shape drops a row in silence
 * (stremio-core, `src/types/resource/stream.rs`).
 *
 * @module
 */

import type { Source } from "../ports.ts";
import { absolute } from "../http/url.ts";

/** A row of a stream answer. */
export type StreamRow = {
  name: string;
  description?: string;
  url: string;
  behaviorHints: {
    notWebReady: boolean;
    bingeGroup: string;
    filename?: string;
    videoSize?: number;
    proxyHeaders?: { request: Readonly<Record<string, string>> };
  };
};

/** A source as it is listed. */
export type ListedSource = Source & {
  /** A line above the row's name that comes and goes, and tells nothing of what the row is. */
  heading?: string;
};

/** Shapes every source as a row, in the order given. */
export function streamRows(
  sources: readonly ListedSource[],
  addon: { id: string; name: string; origin: string },
): StreamRow[] {
  return sources.map((source, index) => {
    const url = absolute(source.url, addon.origin);
    const { heading, name, description, filename, videoSize, headers } = source;
    const shown = name ?? addon.name;
    return {
      name: heading === undefined ? shown : `${heading}\n${shown}`,
      ...(description === undefined ? {} : { description }),
      url,
      behaviorHints: {
        notWebReady: headers !== undefined || !isWebReady(url, source.url, filename),
        bingeGroup: `${addon.id}|${name ?? index}`,
        ...(filename === undefined ? {} : { filename }),
        ...(videoSize === undefined ? {} : { videoSize }),
        ...(headers === undefined ? {} : { proxyHeaders: { request: headers } }),
      },
    };
  });
}

/** MP4 over https, or over http on a loopback host; our own clips always, unlike a play's bytes. */
function isWebReady(url: string, given: string, filename: string | undefined): boolean {
  if (given.startsWith("/") && !given.startsWith("/play/")) return true;
  const { protocol, hostname, pathname } = new URL(url);
  const loopback = hostname === "localhost" || hostname === "[::1]" ||
    /^127(\.\d+){3}$/.test(hostname);
  if (protocol !== "https:" && !loopback) return false;
  return /\.mp4$/i.test(pathname) || /\.mp4$/i.test(filename ?? "");
}
