/**
 * How long viewers wait for an answer while the broker takes every request and answers none.
 *
 * @module
 */

import { startWeir } from "./child.ts";
import { atMost, type Benchmark, median } from "./figure.ts";

const REQUESTS = 500;
const TOLERANCE = 1.05;
const DEFAULTS = { attemptMs: 4000, totalMs: 9000 };
const SHORT = { attemptMs: 900, totalMs: 2000 };

/** 500 viewers ask at once, each for an episode of their own. */
export const hangingBroker: Benchmark = {
  name: "hanging-broker",
  needs: [],
  async measure({ shortTimeouts }) {
    const { attemptMs, totalMs } = shortTimeouts ? SHORT : DEFAULTS;
    await using broker = startHangingBroker();
    await using weir = await startWeir({
      BROKER_URL: broker.url,
      BROKER_ATTEMPT_TIMEOUT_MS: String(attemptMs),
      BROKER_TOTAL_TIMEOUT_MS: String(totalMs),
      STREAM_TOTAL_TIMEOUT_MS: String(totalMs + 2000),
      TRUST_PROXY: "loopback",
      MAX_SESSIONS: String(REQUESTS),
      LOG_LEVEL: "warn",
    });
    const stream = (n: number) =>
      `http://127.0.0.1:${weir.port}/stream/series/weir%3Abench%3A${n}.json`;
    const waits = await Promise.all(
      Array.from({ length: REQUESTS }, (_, n) => ask(stream(n), `203.0.${n >> 8}.${n & 255}`)),
    );
    const late = waits.filter((ms) => ms > totalMs * TOLERANCE).length;
    const setting = `total ${totalMs} ms, attempt ${attemptMs} ms`;
    return [
      {
        what: `hanging broker (${setting})`,
        measured: `${100 * (REQUESTS - late) / REQUESTS} % of ${REQUESTS} in time`,
        wanted: `100 % within ${totalMs * TOLERANCE} ms`,
        reached: late === 0,
      },
      atMost(totalMs * TOLERANCE, Math.max(...waits), { what: "  the longest wait", unit: "ms" }),
      { what: "  the median wait", measured: `${Math.round(median(waits))} ms` },
      { what: "  requests that reached the broker", measured: String(broker.requests) },
    ];
  },
};

async function ask(url: string, address: string): Promise<number> {
  const started = performance.now();
  const response = await fetch(url, { headers: { "x-forwarded-for": address } });
  const { notice } = await response.json();
  const waitedMs = performance.now() - started;
  if (notice?.cause !== "dependency_timeout") {
    throw new Error(
      `Cannot measure: must be dependency_timeout, current value is ${notice?.cause}`,
    );
  }
  return waitedMs;
}

function startHangingBroker() {
  let requests = 0;
  const stop = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, signal: stop.signal, onListen() {} },
    () => {
      requests += 1;
      return new Promise<Response>(() => {});
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    get requests() {
      return requests;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await server.finished;
    },
  };
}
