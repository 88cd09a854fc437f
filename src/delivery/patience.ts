/**
 * Waiting for what may hang: no longer than patience lasts, whoever else still works on it.
 *
 * @module
 */

/** What ends it: a time that is up, a client that has gone. */
export type Patience = readonly AbortSignal[];

/** Runs until it is done, or until patience has ended, and gives nothing then. */
export async function within<T>(
  patience: Patience,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  if (isOver(patience)) return undefined;
  const controller = new AbortController();
  let stop: () => void = () => {};
  const stopped = new Promise<undefined>((resolve) => stop = () => resolve(undefined));
  const abort = () => (controller.abort(), stop());
  for (const signal of patience) signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([run(controller.signal), stopped]);
  } finally {
    for (const signal of patience) signal.removeEventListener("abort", abort);
  }
}

/** Whether nobody waits any more. */
export function isOver(patience: Patience): boolean {
  return patience.some(({ aborted }) => aborted);
}
