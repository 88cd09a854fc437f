import type { Peer } from "../ports.ts";

/**
 * A peer that is asked for its address only where it matters: runtimes make it up anew each time.
 * A class, for to make an object literal with a getter takes longer than to answer a manifest.
 */
export class AskedPeer implements Peer {
  readonly #ask: () => string;

  /** Keeps how to ask. */
  constructor(ask: () => string) {
    this.#ask = ask;
  }

  get address(): string {
    return this.#ask();
  }
}
