/**
 * How often a stream request that is admitted asks Redis over REST: counted, not timed.
 *
 * @module
 */

import { startRedis } from "../../tests/support/redis_server.ts";
import { startRestBridge } from "../../tests/support/rest_bridge.ts";
import { startWeir } from "./child.ts";
import type { Benchmark } from "./figure.ts";

const VIEWERS = 100;
const ASKS = 3;

/** Requests that reach Redis' REST endpoint for each admitted stream request. */
export const roundTrips: Benchmark = {
  name: "round-trips",
  needs: ["redis-server"],
  async measure() {
    await using redis = await startRedis();
    await using bridge = startRestBridge(redis, { upstash: true });
    await using weir = await startWeir({
      UPSTASH_REDIS_REST_URL: bridge.url,
      UPSTASH_REDIS_REST_TOKEN: bridge.token,
      VIEWER_SECRET: "a secret that only this benchmark has",
      TRUST_PROXY: "loopback",
      MAX_SESSIONS: String(VIEWERS + 1),
      REDIS_ATTEMPT_TIMEOUT_MS: "5000",
      REDIS_TOTAL_TIMEOUT_MS: "9000",
    });
    const url = `http://127.0.0.1:${weir.port}/stream/movie/weir%3Asintel.json`;
    await ask(url, VIEWERS);
    const before = { requests: bridge.requests, commands: bridge.commands.length };
    for (let turn = 0; turn < ASKS; turn++) {
      for (let viewer = 0; viewer < VIEWERS; viewer++) await ask(url, viewer);
    }
    const requests = bridge.requests - before.requests;
    const names = new Set(bridge.commands.slice(before.commands).map(([name]) => name));
    const asked = VIEWERS * ASKS;
    return [{
      what: "Redis round trips of an admitted stream request",
      measured: `${requests / asked} (${requests} for ${asked}, by ${[...names].join(", ")})`,
      wanted: "1",
      reached: requests === asked,
    }];
  },
};

async function ask(url: string, viewer: number): Promise<void> {
  const response = await fetch(url, { headers: { "x-forwarded-for": `203.0.113.${viewer}` } });
  const { notice } = await response.json();
  if (notice !== undefined) throw new Error(`Cannot count: not admitted, ${notice.cause}`);
}
