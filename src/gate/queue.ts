/**
 * A queue in the order of times. Nearly all who come have the latest time of all and are linked
 * behind the rest, at once; whoever comes out of order has a place in a heap beside it.
 *
 * @module
 */

import { Heap, precedes, type Timed } from "./heap.ts";

/** What may stand in a queue, in one at a time. */
export type Queued<E> = Timed & {
  before: E | undefined;
  behind: E | undefined;
};

/** The place of an entry that is linked. */
const LINKED = -1;

/** See the module. */
export class Queue<E extends Queued<E>> {
  #head: E | undefined;
  #tail: E | undefined;
  #outOfOrder: Heap<E> | undefined;
  #size = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** Whose time comes first, ties by id. */
  first(): E | undefined {
    const other = this.#outOfOrder?.first();
    if (other === undefined) return this.#head;
    return this.#head === undefined || precedes(other, this.#head) ? other : this.#head;
  }

  /** The first, where its time is at most `time`. */
  due(time: number): E | undefined {
    const first = this.first();
    return first !== undefined && first.time <= time ? first : undefined;
  }

  /** Takes in an entry that stands in no queue. `O(1)` in order, `O(log n)` out of it. */
  add(entry: E, time: number): void {
    entry.time = time;
    this.#size++;
    const tail = this.#tail;
    if (tail !== undefined && precedes(entry, tail)) {
      this.#outOfOrder ??= new Heap<E>();
      this.#outOfOrder.add(entry);
      return;
    }
    entry.place = LINKED;
    entry.before = tail;
    entry.behind = undefined;
    if (tail === undefined) this.#head = entry;
    else tail.behind = entry;
    this.#tail = entry;
  }

  /** Takes out an entry that stands in this queue. `O(1)` or `O(log n)`, as it came. */
  delete(entry: E): void {
    this.#size--;
    if (entry.place !== LINKED) return this.#outOfOrder!.delete(entry);
    const { before, behind } = entry;
    if (before === undefined) this.#head = behind;
    else before.behind = behind;
    if (behind === undefined) this.#tail = before;
    else behind.before = before;
    // Else who went long ago would keep others from being collected, one by the other.
    entry.before = entry.behind = undefined;
  }

  /** All in their order. `O(n log n)`. */
  sorted(): E[] {
    const all = [...this.#outOfOrder?.all() ?? []];
    for (let entry = this.#head; entry !== undefined; entry = entry.behind) all.push(entry);
    return all.sort((a, b) => precedes(a, b) ? -1 : 1);
  }

  /** Forgets all who stand in it. */
  clear(): void {
    this.#head = undefined;
    this.#tail = undefined;
    this.#outOfOrder = undefined;
    this.#size = 0;
  }
}
