/**
 * The state of a pool in memory: who stands, who is leaving, which viewers are cooling and why
 * others went; each in the order in which its time comes.
 *
 * @module
 */

import type { GoneReason, Now } from "../ports.ts";
import { precedes } from "./heap.ts";
import { cooldownEnd, graceEnd, memoryEnd, type PoolSettings, settle } from "./policy.ts";
import { Queue, type Queued } from "./queue.ts";

/** All that is known of a session: its seat, while it has one, and why it went before. */
export interface Session extends Queued<Session> {
  /** `time` is when it expires if it stands, when it left if it is leaving. */
  state: "standing" | "leaving" | "away";
  viewer: string;
  since: number;
  note: string | undefined;
  /** While it is leaving: its neighbours in the ring of those of its viewer. */
  beforeOfViewer: Session | undefined;
  behindOfViewer: Session | undefined;
  /** While it is remembered. */
  gone: Gone | undefined;
}

interface Gone extends Queued<Gone> {
  reason: GoneReason;
}
/** Known by the viewer's id. */
interface Cooling extends Queued<Cooling> {}

/** See the module. */
export class Pool {
  readonly standing: Queue<Session> = new Queue<Session>();
  readonly leaving: Queue<Session> = new Queue<Session>();
  readonly #sessions = new Map<string, Session>();
  /** By their viewer the first of its leaving sessions, in a ring with the others. */
  readonly #leavers = new Map<string, Session>();
  readonly #cooling = new Map<string, Cooling>();
  readonly #coolOffs = new Queue<Cooling>();
  readonly #gone = new Queue<Gone>();
  readonly #settings: PoolSettings;
  readonly #clock: Now;
  #latest: number | undefined;

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
    this.#prune(now);
    return now;
  }

  /** How many seats are taken. */
  get occupied(): number {
    return this.standing.size + this.leaving.size;
  }

  /** What is known of a session; {@linkcode open} keeps it true, and may forget it. */
  session(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  /** Whose seat passes to the next session of a viewer. */
  leaverOf(viewer: string): Session | undefined {
    return this.#leavers.get(viewer);
  }

  /** Since when a viewer is cooling. */
  coolingSince(viewer: string): number | undefined {
    return this.#cooling.get(viewer)?.time;
  }

  /** Gives a seat to a session that has none. */
  seat(
    id: string,
    viewer: string,
    since: number,
    note: string | undefined,
    expiresAt: number,
  ): void {
    const session = this.#sessions.get(id) ?? this.#meet(id);
    session.viewer = viewer;
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
    this.#join(session);
  }

  /** The seat of a session passes to one of an id and viewer, which may be that itself. */
  pass(
    from: Session,
    id: string,
    viewer: string,
    note: string | undefined,
    expiresAt: number,
  ): void {
    this.#rise(from);
    this.seat(id, viewer, from.since, note, expiresAt);
    this.#dropIfUnknown(from);
  }

  /** A session loses its seat, and why is remembered. */
  end(session: Session, reason: GoneReason, at: number): void {
    this.#rise(session);
    session.note = undefined;
    if (session.gone !== undefined) this.#gone.delete(session.gone);
    const { id } = session;
    session.gone = { id, time: at, place: 0, before: undefined, behind: undefined, reason };
    this.#gone.add(session.gone, at);
  }

  /** A viewer's cool-off begins. */
  cool(viewer: string, now: number): void {
    const before = this.#cooling.get(viewer);
    if (before !== undefined) this.#coolOffs.delete(before);
    const cooling = { id: viewer, time: now, place: 0, before: undefined, behind: undefined };
    this.#cooling.set(viewer, cooling);
    this.#coolOffs.add(cooling, now);
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
    for (let next = this.#coolOffs.due(cooled); next; next = this.#coolOffs.due(cooled)) {
      this.#coolOffs.delete(next);
      this.#cooling.delete(next.id);
    }
    const forgotten = memoryEnd(now, settings);
    for (let next = this.#gone.due(forgotten); next; next = this.#gone.due(forgotten)) {
      this.#gone.delete(next);
      const session = this.#sessions.get(next.id)!;
      session.gone = undefined;
      this.#dropIfUnknown(session);
    }
  }

  #empty(): void {
    for (const session of this.#sessions.values()) {
      session.state = "away";
      session.gone = undefined;
    }
    for (const part of [this.#sessions, this.#leavers, this.#cooling]) part.clear();
    for (const part of [this.standing, this.leaving, this.#coolOffs, this.#gone]) part.clear();
  }

  #meet(id: string): Session {
    const session: Session = {
      id,
      time: 0,
      place: 0,
      before: undefined,
      behind: undefined,
      state: "away",
      viewer: "",
      since: 0,
      note: undefined,
      beforeOfViewer: undefined,
      behindOfViewer: undefined,
      gone: undefined,
    };
    this.#sessions.set(id, session);
    return session;
  }

  #stand(session: Session, expiresAt: number): void {
    session.state = "standing";
    this.standing.add(session, expiresAt);
  }

  /** A session is away from the seat that it has. */
  #rise(session: Session): void {
    if (session.state === "standing") this.standing.delete(session);
    else {
      this.leaving.delete(session);
      this.#part(session);
    }
    session.state = "away";
  }

  /** A session takes its place among the leaving ones of its viewer, as in {@linkcode leaving}. */
  #join(session: Session): void {
    const first = this.#leavers.get(session.viewer);
    if (first === undefined) {
      session.beforeOfViewer = session.behindOfViewer = session;
      this.#leavers.set(session.viewer, session);
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
    if (isFirst) this.#leavers.set(session.viewer, session);
  }

  #part(session: Session): void {
    const { viewer } = session;
    const before = session.beforeOfViewer!;
    const behind = session.behindOfViewer!;
    session.beforeOfViewer = session.behindOfViewer = undefined;
    if (behind === session) {
      this.#leavers.delete(viewer);
      return;
    }
    before.behindOfViewer = behind;
    behind.beforeOfViewer = before;
    if (this.#leavers.get(viewer) === session) this.#leavers.set(viewer, behind);
  }

  #dropIfUnknown(session: Session): void {
    if (session.state === "away" && session.gone === undefined) this.#sessions.delete(session.id);
  }
}
