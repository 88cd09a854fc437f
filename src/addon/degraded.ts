// Pure: values in, values out.

/**
 * The degraded table: what a viewer is shown when a stream answer is not the stream. One row a
 * cause; every stream exit that is not the stream leaves by {@linkcode degraded}.
 *
 * @module
 */

import { absolute } from "../http/url.ts";

/** Why a stream answer is not the stream. */
export type Cause =
  | "capacity"
  | "closed"
  | "dependency_timeout"
  | "dependency_unavailable"
  | "internal"
  | "superseded"
  | "not_found";

/** The clips that are shown as notices, by the names under which they are served. */
export type NoticeClip = "capacity" | "closed" | "slow" | "unavailable";

/** For programs, beside `streams`; Stremio ignores it. */
export type Notice = { cause: Cause; message: string; retryAfterSec?: number };

/** A notice as a stream that every player plays. */
export type NoticeStream = {
  name: string;
  description: string;
  url: string;
  behaviorHints: { notWebReady: false };
};

/** What decides a notice. */
export type NoticeView = {
  cause: Cause;
  /** How long until the same ask may succeed; told with `capacity` and `closed` alone. */
  retryAfterMs?: number;
  /** When it opens, as `08:00`; with `closed`. */
  opensAt?: string;
};

/** What decides a degraded answer, and nothing else does: same input, same bytes. */
export type DegradedView = NoticeView & {
  /** Whether `capacity` and `closed` are shown as a notice stream or as an empty list. */
  notice: "video" | "empty";
  /** The public origin, under which the clips are served. */
  origin: string;
};

/** A degraded stream answer. */
export type Degraded = {
  body: { streams: NoticeStream[]; notice: Notice };
  cacheControl: string;
};

type Row = {
  title: string;
  message: (view: NoticeView) => string;
  /** What a player is shown that has opened a play. */
  clip: NoticeClip;
  /** When a stream answer lists the clip. */
  listed: "always" | "unless_empty" | "never";
  /** Whether it is known when to try again. */
  waits?: true;
  maxAgeSec?: number;
};

const TABLE: Readonly<Record<Cause, Row>> = {
  capacity: {
    title: "All seats are taken",
    message: (view) => `All seats are taken. Please try again in ${inWords(retryAfterSec(view))}.`,
    clip: "capacity",
    listed: "unless_empty",
    waits: true,
  },
  closed: {
    title: "Closed right now",
    message: (view) =>
      view.opensAt ? `Closed right now. Opens at ${view.opensAt}.` : "Closed right now.",
    clip: "closed",
    listed: "unless_empty",
    waits: true,
  },
  dependency_timeout: {
    title: "The source is slow",
    message: () => "The source is slow right now. Please try again in a moment.",
    clip: "slow",
    listed: "always",
  },
  dependency_unavailable: {
    title: "Not available",
    message: () => "Not available right now. Please try again in a moment.",
    clip: "unavailable",
    listed: "always",
  },
  internal: {
    title: "Not available",
    message: () => "Not available right now. Please try again in a moment.",
    clip: "unavailable",
    listed: "always",
  },
  superseded: {
    title: "Replaced",
    message: () => "Another video was chosen in the meantime.",
    clip: "unavailable",
    listed: "never",
  },
  not_found: {
    title: "Not found",
    message: () => "There is no stream for this here.",
    clip: "unavailable",
    listed: "never",
    maxAgeSec: 60,
  },
};

/** The path under which a clip is served. */
export function clipPath(clip: string): string {
  return `/clips/${clip}.mp4`;
}

/** The notice for a cause, and the clip that shows it. */
export function noticeOf(view: NoticeView): { notice: Notice; clip: NoticeClip } {
  const { message, clip, waits } = TABLE[view.cause];
  const notice: Notice = { cause: view.cause, message: message(view) };
  if (waits && view.retryAfterMs !== undefined) notice.retryAfterSec = retryAfterSec(view);
  return { notice, clip };
}

/** The answer for a cause. */
export function degraded(view: DegradedView): Degraded {
  const { title, listed, maxAgeSec } = TABLE[view.cause];
  const { notice, clip } = noticeOf(view);
  const shown = listed === "always" || (listed === "unless_empty" && view.notice === "video");
  const stream: NoticeStream = {
    name: title,
    description: notice.message,
    url: absolute(clipPath(clip), view.origin),
    behaviorHints: { notWebReady: false },
  };
  return {
    body: { streams: shown ? [stream] : [], notice },
    cacheControl: maxAgeSec === undefined ? "private, no-store" : `private, max-age=${maxAgeSec}`,
  };
}

function retryAfterSec({ retryAfterMs = 0 }: NoticeView): number {
  return Math.max(1, Math.ceil(retryAfterMs / 1000));
}

/** A wait as it is told to viewers. */
export function inWords(seconds: number): string {
  if (seconds < 90) return seconds === 1 ? "a second" : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 90) return `about ${minutes} minutes`;
  return `about ${Math.ceil(minutes / 60)} hours`;
}
