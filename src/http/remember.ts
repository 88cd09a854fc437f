/**
 * What was made of a text is kept for when the text comes again.
 *
 * @module
 */

/** Nobody may fill the memory with texts made for it. */
const LONGEST = 512;

/**
 * Makes of a pure function of a text one that remembers what it made of up to `most` texts, but
 * not where that was `undefined`. What it gives is shared: nobody may change it.
 */
export function remember<T>(most: number, make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return function remembered(text) {
    const found = known.get(text);
    if (found !== undefined) return found;
    const made = make(text);
    if (made === undefined || text.length > LONGEST) return made;
    if (known.size >= most) known.clear();
    known.set(text, made);
    return made;
  };
}
