/**
 * Calls that stay open until a test answers them.
 *
 * @module
 */

/** One call in progress. */
export type HeldCall<Asked, Answer> = {
  readonly asked: Asked;
  readonly signal: AbortSignal | undefined;
  /** Whether it has been answered, has failed or was stopped by its signal. */
  readonly over: boolean;
  answer(value: Answer): void;
  fail(error: unknown): void;
};

/** A function whose calls are held, and the calls so far. */
export type HeldCalls<Asked, Answer> = {
  run(asked: Asked, signal?: AbortSignal): Promise<Answer>;
  readonly calls: HeldCall<Asked, Answer>[];
};

/**
 * Makes such a function. As `fetch` does, a call rejects with its signal's reason; with
 * `deaf` it does not listen to its signal.
 *
 * @example
 * ```ts ignore
 * const broker = heldCalls<string, readonly Source[]>();
 * const app = testApp({ resolve: broker.run });
 * broker.calls[0]?.answer([{ url: "https://films.example/a.mp4" }]);
 * ```
 */
export function heldCalls<Asked, Answer>(
  options: { deaf?: boolean } = {},
): HeldCalls<Asked, Answer> {
  const calls: HeldCall<Asked, Answer>[] = [];
  return {
    calls,
    run(asked, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      let over = false;
      const stop = () => end(() => reject(signal?.reason));
      const end = (how: () => void) => {
        over = true;
        signal?.removeEventListener("abort", stop);
        how();
      };
      if (!options.deaf) {
        if (signal?.aborted) stop();
        else signal?.addEventListener("abort", stop);
      }
      calls.push({
        asked,
        signal,
        get over() {
          return over;
        },
        answer: (value) => end(() => resolve(value)),
        fail: (error) => end(() => reject(error)),
      });
      return promise;
    },
  };
}
