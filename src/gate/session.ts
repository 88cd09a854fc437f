/**
 * What the gate in memory knows of a session and of its viewer.
 *
 * @module
 */

import type { GoneReason } from "../ports.ts";
import { precedes } from "./heap.ts";
import type { Queued } from "./queue.ts";

/**
 * All that is known of a session: its seat, while it has one, and why it went. `time` is when it
 * expires if it stands, when it left if it is leaving, when it went if it is gone.
 */
export interface Session extends Queued<Session> {
  state: "standing" | "leaving" | "gone" | "unknown";
  viewer: Viewer;
  since: number;
  note: string | undefined;
  /** Why it is gone. */
  reason: GoneReason;
  /** While it has a seat: why and when it went before. */
  past: { readonly reason: GoneReason; readonly at: number } | undefined;
  /** While it is leaving: its neighbours in the ring of those of its viewer. */
  beforeOfViewer: Session | undefined;
  behindOfViewer: Session | undefined;
}

/** All that is known of a viewer; `time` is since when it cools. */
export interface Viewer extends Queued<Viewer> {
  cools: boolean;
  /** How many sessions are known of it. */
  sessions: number;
  /** The first of its leaving sessions, in a ring with the others. */
  leaver: Session | undefined;
}

/** A session of which nothing is known yet but whose it is. */
export function newSession(id: string, viewer: Viewer): Session {
  return {
    id,
    time: 0,
    place: 0,
    before: undefined,
    behind: undefined,
    state: "unknown",
    viewer,
    since: 0,
    note: undefined,
    reason: "unknown",
    past: undefined,
    beforeOfViewer: undefined,
    behindOfViewer: undefined,
  };
}

/** A viewer of whom nothing is known yet. */
export function newViewer(id: string): Viewer {
  return {
    id,
    time: 0,
    place: 0,
    before: undefined,
    behind: undefined,
    cools: false,
    sessions: 0,
    leaver: undefined,
  };
}

/** A session takes its place among the leaving ones of its viewer: by time, ties by id. */
export function join(session: Session): void {
  const { viewer } = session;
  const first = viewer.leaver;
  if (first === undefined) {
    session.beforeOfViewer = session.behindOfViewer = session;
    viewer.leaver = session;
    return;
  }
  let behind = first;
  const isFirst = precedes(session, first);
  if (!isFirst) {
    while (precedes(session, behind.beforeOfViewer!)) behind = behind.beforeOfViewer!;
  }
  const before = behind.beforeOfViewer!;
  session.beforeOfViewer = before;
  session.behindOfViewer = behind;
  before.behindOfViewer = behind.beforeOfViewer = session;
  if (isFirst) viewer.leaver = session;
}

/** A session is no longer among the leaving ones of its viewer. */
export function part(session: Session): void {
  const { viewer } = session;
  const before = session.beforeOfViewer!;
  const behind = session.behindOfViewer!;
  before.behindOfViewer = behind;
  behind.beforeOfViewer = before;
  session.beforeOfViewer = session.behindOfViewer = undefined;
  if (viewer.leaver === session) viewer.leaver = behind === session ? undefined : behind;
}
