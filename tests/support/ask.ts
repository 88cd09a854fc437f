/**
 * Asking a Weir whose dependencies are waited for, with the clock in hand.
 *
 * @module
 */

import { createHttpBroker } from "../../src/upstream/broker.ts";
import type { GetOptions, TestApp, TestAppOptions } from "./app.ts";
import { testApp } from "./app.ts";

/** An episode of the sample definition. */
export const SINTEL = "/stream/movie/weir:sintel.json";

/** What a test's broker says to a request; it stops at `signal` as `fetch` does. */
export type BrokerReply = (request: Request, signal: AbortSignal) => Response | Promise<Response>;

/** A Weir with an HTTP broker of the test's own, and what that was asked. */
export type BrokerApp = TestApp & { asked: Request[] };

/** Makes a Weir in front of a broker that is reached by a `fetch` of the test's own. */
export function brokerApp(reply: BrokerReply, options: TestAppOptions = {}): BrokerApp {
  const asked: Request[] = [];
  const resolve = createHttpBroker({
    url: "https://broker.example/base/",
    token: "the-token-of-the-broker",
    fetch: async (request, init) => {
      asked.push(request);
      return await reply(request, init!.signal!);
    },
  });
  return { ...testApp({ resolve, ...options }), asked };
}

/**
 * Asks and lets `waitMs` pass meanwhile, so that every deadline and every pause comes. The viewer's
 * id is made before: that is the one thing on the way that waits for more than promises.
 */
export async function askWhile(
  app: TestApp,
  path: string,
  { waitMs = 20_000, ...options }: GetOptions & { waitMs?: number } = {},
): Promise<Response> {
  const head = { ...options, method: "HEAD" };
  await app.get(SINTEL, head);
  const asked = app.get(path, options);
  await app.clock.advance(waitMs);
  return await asked;
}

/** Never answers, and stops at the signal as `fetch` does. */
export function hang(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
