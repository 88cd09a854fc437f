/**
 * The state of a pool in memory: who stands, who is leaving, who is gone and why, and which viewers
 * are cooling; each in the order in which its time comes.
 *
 * @module
 */

import type { GoneReason, Now } from "../ports.ts";
import { cooldownEnd, graceEnd, memoryEnd, type PoolSettings, settle } from "./policy.ts";
import { Queue } from "./queue.ts";
import { join, newSession, newViewer, part, type Session, type Viewer } from "./session.ts";

/** So many unknown sessions may be kept where fewer are known. */
const SPARE = 100;

/** See the module. */
export class Pool {
  readonly standing: Queue<Session> = new Queue<Session>();
  readonly leaving: Queue<Session> = new Queue<Session>();
  readonly #gone = new Queue<Session>();
  readonly #cooling = new Queue<Viewer>();
  readonly #sessions = new Map<string, Session>();
  /** How many of them are unknown. */
  #unknown = 0;
  readonly #viewers = new Map<string, Viewer>();
  readonly #settings: PoolSettings;
  readonly #clock: Now;
  #latest: number | undefined;
  /** Nothing is to be pruned before; it may be that nothing is then either. */
  #pruneAt = Infinity;

  /** Makes a pool that nobody has asked yet. */
  constructor(settings: PoolSettings, clock: Now) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** (a) and (b) of the law: gives this operation's time, and leaves the pool as it stands then. */
  open(): number {
    const { now, afresh } = settle(Math.floor(this.#clock()), this.#latest, this.#settings);
    if (afresh) this.#empty();
    this.#latest = now;
    if (now >= this.#pruneAt) this.#prune(now);
    return now;
  }

  /** How many seats are taken. */
  get occupied(): number {
    return this.standing.size + this.leaving.size;
  }

  /** What is known of a session; {@linkcode open} keeps it true. */
  session(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  /** What is known of a viewer; as of a session. */
  viewer(id: string): Viewer | undefined {
    return this.#viewers.get(id);
  }

  /** Gives a seat to a session that has none. */
  seat(
    id: string,
    viewer: string,
    since: number,
    note: string | undefined,
    expiresAt: number,
  ): void {
    const session = this.#sessionOf(id, viewer);
    if (session.state === "unknown") this.#unknown--;
    else if (session.state === "gone") {
      session.past = { reason: session.reason, at: session.time };
      this.#gone.delete(session);
    }
    session.since = since;
    session.note = note;
    this.#stand(session, expiresAt);
  }

  /** A session that has a seat is seen again. */
  hold(session: Session, expiresAt: number): void {
    this.#rise(session);
    this.#stand(session, expiresAt);
  }

  /** A session that stands is on its way out. */
  leave(session: Session, now: number): void {
    this.#rise(session);
    session.state = "leaving";
    this.leaving.add(session, now);
    this.#pruneBy(now + this.#settings.graceMs);
    join(session);
  }

  /** The seat of a session passes to one of an id and viewer, which may be that itself. */
  pass(
    from: Session,
    id: string,
    viewer: string,
    note: string | undefined,
    expiresAt: number,
  ): void {
    const { since, past } = from;
    this.#rise(from);
    if (from.id !== id) {
      // It is not gone now, but may have been before.
      if (past === undefined) this.#forget(from);
      else this.#go(from, past.reason, past.at);
    }
    this.seat(id, viewer, since, note, expiresAt);
  }

  /** A session loses its seat, and why is remembered. */
  end(session: Session, reason: GoneReason, at: number): void {
    this.#rise(session);
    this.#go(session, reason, at);
  }

  /** A viewer's cool-off begins. */
  cool(viewer: Viewer, now: number): void {
    if (viewer.cools) this.#cooling.delete(viewer);
    viewer.cools = true;
    this.#cooling.add(viewer, now);
    this.#pruneBy(now + this.#settings.cooldownMs);
  }

  #prune(now: number): void {
    const settings = this.#settings;
    const { standing, leaving } = this;
    for (let next = standing.due(now); next; next = standing.due(now)) {
      this.end(next, "expired", next.time);
    }
    const left = graceEnd(now, settings);
    for (let next = leaving.due(left); next; next = leaving.due(left)) {
      this.end(next, "left", next.time + settings.graceMs);
    }
    const cooled = cooldownEnd(now, settings);
    for (let next = this.#cooling.due(cooled); next; next = this.#cooling.due(cooled)) {
      this.#cooling.delete(next);
      next.cools = false;
      this.#dropIfUnknown(next);
    }
    const forgotten = memoryEnd(now, settings);
    for (let next = this.#gone.due(forgotten); next; next = this.#gone.due(forgotten)) {
      this.#gone.delete(next);
      this.#forget(next);
    }
    this.#pruneAt = Math.min(
      standing.first()?.time ?? Infinity,
      (leaving.first()?.time ?? Infinity) + settings.graceMs,
      (this.#cooling.first()?.time ?? Infinity) + settings.cooldownMs,
      (this.#gone.first()?.time ?? Infinity) + settings.memoryMs,
    );
  }

  #pruneBy(time: number): void {
    if (time < this.#pruneAt) this.#pruneAt = time;
  }

  /** What was known before an operation began may still be asked for. */
  #empty(): void {
    for (const session of this.#sessions.values()) session.state = "unknown";
    for (const viewer of this.#viewers.values()) {
      viewer.leaver = undefined;
      viewer.cools = false;
    }
    for (const known of [this.#sessions, this.#viewers]) known.clear();
    this.#unknown = 0;
    for (const queue of [this.standing, this.leaving, this.#gone, this.#cooling]) queue.clear();
  }

  /** The session of an id, which is this viewer's from now on. */
  #sessionOf(id: string, viewerId: string): Session {
    const known = this.#sessions.get(id);
    if (known?.viewer.id === viewerId) return known;
    const viewer = this.#viewers.get(viewerId) ?? newViewer(viewerId);
    if (viewer.sessions++ === 0) this.#viewers.set(viewerId, viewer);
    if (known === undefined) {
      const session = newSession(id, viewer);
      this.#sessions.set(id, session);
      this.#unknown++;
      return session;
    }
    this.#leaveViewer(known);
    known.viewer = viewer;
    return known;
  }

  #stand(session: Session, expiresAt: number): void {
    session.state = "standing";
    this.standing.add(session, expiresAt);
    this.#pruneBy(expiresAt);
  }

  /** A session is away from the seat that it has, and somewhere else at once. */
  #rise(session: Session): void {
    if (session.state === "standing") this.standing.delete(session);
    else {
      this.leaving.delete(session);
      part(session);
    }
  }

  #go(session: Session, reason: GoneReason, at: number): void {
    session.state = "gone";
    session.reason = reason;
    session.note = undefined;
    session.past = undefined;
    this.#gone.add(session, at);
    this.#pruneBy(at + this.#settings.memoryMs);
  }

  /**
   * A session is unknown from now on. It is dropped with others, when they are more than those that
   * are known, or nobody is: a map takes long to add to and to delete from, and most come back.
   */
  #forget(session: Session): void {
    session.state = "unknown";
    session.past = undefined;
    const known = this.#sessions.size - ++this.#unknown;
    if (known > 0 && this.#unknown <= Math.max(known, SPARE)) return;
    for (const each of this.#sessions.values()) {
      if (each.state !== "unknown") continue;
      this.#sessions.delete(each.id);
      this.#leaveViewer(each);
    }
    this.#unknown = 0;
  }

  #leaveViewer({ viewer }: Session): void {
    viewer.sessions--;
    this.#dropIfUnknown(viewer);
  }

  #dropIfUnknown(viewer: Viewer): void {
    if (viewer.sessions === 0 && !viewer.cools) this.#viewers.delete(viewer.id);
  }
}
