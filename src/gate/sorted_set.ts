/**
 * A set of ids, each with a score, that knows its first: the least score, ties by id. What a
 * Redis sorted set is to the scripts, this is to the memory gate.
 *
 * @module
 */

/** An id with its score. */
export type Scored = { readonly id: string; readonly score: number };

/** See the module. */
export type SortedSet = {
  /** How many ids there are. */
  size(): number;
  /** The score of an id. */
  score(id: string): number | undefined;
  /** The least of all. */
  first(): Scored | undefined;
  /** Adds an id, or moves it to its new score. `O(log n)`. */
  set(id: string, score: number): void;
  /** Takes an id out; false where it was not there. `O(log n)`. */
  delete(id: string): boolean;
  /** Takes out all whose score is at most `score`, least first. */
  takeUpTo(score: number): Scored[];
  /** All in their order. `O(n log n)`. */
  sorted(): Scored[];
  /** Takes all out. */
  clear(): void;
};

type Entry = { id: string; score: number; index: number };

/** Makes an empty set: a binary heap whose entries know their places. */
export function createSortedSet(): SortedSet {
  const entries = new Map<string, Entry>();
  const heap: Entry[] = [];

  function place(entry: Entry, index: number): void {
    heap[index] = entry;
    entry.index = index;
  }

  function rise(entry: Entry): void {
    let index = entry.index;
    while (index > 0) {
      const parent = heap[(index - 1) >> 1]!;
      if (!precedes(entry, parent)) break;
      const above = parent.index;
      place(parent, index);
      index = above;
    }
    place(entry, index);
  }

  function sink(entry: Entry): void {
    let index = entry.index;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const least = right < heap.length && precedes(heap[right]!, heap[left]!)
        ? heap[right]!
        : heap[left]!;
      if (!precedes(least, entry)) break;
      const below = least.index;
      place(least, index);
      index = below;
    }
    place(entry, index);
  }

  function remove(entry: Entry): void {
    entries.delete(entry.id);
    const last = heap.pop()!;
    if (last === entry) return;
    place(last, entry.index);
    rise(last);
    sink(last);
  }

  return {
    size: () => heap.length,
    score: (id) => entries.get(id)?.score,
    first: () => heap[0],
    set(id, score) {
      const entry = entries.get(id);
      if (entry === undefined) {
        const added = { id, score, index: heap.length };
        entries.set(id, added);
        heap.push(added);
        rise(added);
        return;
      }
      const later = score > entry.score;
      entry.score = score;
      if (later) sink(entry);
      else rise(entry);
    },
    delete(id) {
      const entry = entries.get(id);
      if (entry === undefined) return false;
      remove(entry);
      return true;
    },
    takeUpTo(score) {
      const taken: Scored[] = [];
      for (let first = heap[0]; first && first.score <= score; first = heap[0]) {
        remove(first);
        taken.push(first);
      }
      return taken;
    },
    sorted: () => [...heap].sort((a, b) => precedes(a, b) ? -1 : 1),
    clear() {
      entries.clear();
      heap.length = 0;
    },
  };
}

function precedes(a: Scored, b: Scored): boolean {
  return a.score < b.score || (a.score === b.score && a.id < b.id);
}
