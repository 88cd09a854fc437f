/**
 * A binary heap whose entries know their places: the first of all is had at once, and any entry is
 * taken out in `O(log n)`.
 *
 * @module
 */

/** What may stand in a heap: known by an id, waiting for its time. */
export type Timed = {
  readonly id: string;
  time: number;
  /** Its place in the heap. */
  place: number;
};

/** Whether an entry comes before another: by time, ties by id, as a Redis sorted set has them. */
export function precedes(a: Timed, b: Timed): boolean {
  return a.time < b.time || (a.time === b.time && a.id < b.id);
}

/** See the module. An entry's time must not change while it is in a heap. */
export class Heap<E extends Timed> {
  readonly #entries: E[] = [];

  /** Before whom no other comes. */
  first(): E | undefined {
    return this.#entries[0];
  }

  /** Takes an entry in. `O(log n)`. */
  add(entry: E): void {
    entry.place = this.#entries.length;
    this.#entries.push(entry);
    this.#rise(entry);
  }

  /** Takes out an entry that is in it. `O(log n)`. */
  delete(entry: E): void {
    const last = this.#entries.pop()!;
    if (last === entry) return;
    this.#put(last, entry.place);
    this.#rise(last);
    this.#sink(last);
  }

  /** All, in no order. */
  all(): readonly E[] {
    return this.#entries;
  }

  #put(entry: E, place: number): void {
    this.#entries[place] = entry;
    entry.place = place;
  }

  #rise(entry: E): void {
    let place = entry.place;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#entries[above]!;
      if (!precedes(entry, parent)) break;
      this.#put(parent, place);
      place = above;
    }
    this.#put(entry, place);
  }

  #sink(entry: E): void {
    let place = entry.place;
    for (;;) {
      const left = 2 * place + 1;
      const right = left + 1;
      if (left >= this.#entries.length) break;
      const below = right < this.#entries.length &&
          precedes(this.#entries[right]!, this.#entries[left]!)
        ? right
        : left;
      const child = this.#entries[below]!;
      if (!precedes(child, entry)) break;
      this.#put(child, place);
      place = below;
    }
    this.#put(entry, place);
  }
}
