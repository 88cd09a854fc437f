/**
 * Every cause of the degraded table, as it comes about at the handler boundary.
 *
 * @module
 */

import type { Cause } from "../../src/addon/degraded.ts";
import { type TestApp, testApp, type TestAppOptions } from "./app.ts";
import { askWhile, brokerApp, hang, SINTEL } from "./ask.ts";

/** An answer, and the Weir that gave it. */
export type Provoked = { app: TestApp; response: Response };

/** What makes a stream answer be each cause; the viewer is always the same. */
export const PROVOKE: Readonly<Record<Cause, (options?: TestAppOptions) => Promise<Provoked>>> = {
  async capacity(options) {
    const app = testApp({ ...options, settings: { capacity: 1 } });
    await app.get(SINTEL, { from: "203.0.113.99" });
    await app.clock.advance(12_345);
    return { app, response: await app.get(SINTEL) };
  },
  async closed(options) {
    const app = testApp({ ...options, openHours: { from: 480, to: 1140, timeZone: "UTC" } });
    return { app, response: await app.get(SINTEL) };
  },
  async dependency_timeout(options) {
    const app = brokerApp((_request, signal) => hang(signal), options);
    return { app, response: await askWhile(app, SINTEL) };
  },
  async dependency_unavailable(options) {
    const app = brokerApp(() => new Response("<h1>Bad gateway</h1>", { status: 502 }), options);
    return { app, response: await askWhile(app, SINTEL) };
  },
  async internal(options) {
    const resolve = () => {
      throw new TypeError("undefined is not a function");
    };
    const app = testApp({ ...options, resolve, bounds: {} });
    return { app, response: await app.get(SINTEL) };
  },
  async superseded(options) {
    const app = brokerApp((_request, signal) => hang(signal), options);
    await app.get(SINTEL, { method: "HEAD" });
    const older = app.get(SINTEL);
    await app.clock.settle();
    const newer = app.get("/stream/series/weir:caminandes:1:1.json");
    const response = await older;
    await app.clock.advance(20_000);
    await newer;
    return { app, response };
  },
  async not_found(options) {
    const app = testApp(options);
    return { app, response: await app.get("/stream/movie/nothing.json") };
  },
};
