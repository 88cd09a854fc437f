/**
 * Files as HTTP serves them, and as it should not: `/file/{seed}/{size}/{name}?{faults}`.
 *
 * @module
 */

import { originBytes, type Span } from "./origin_bytes.ts";

/** What a file's answer needs of the origin around it. */
export type FileSetting = {
  /** How often this very URL has been asked for before. */
  askedBefore: number;
  /** Resolves when those that stall may go on. */
  released: Promise<void>;
  /** Aborts when the client has gone. */
  signal: AbortSignal;
};

/** The part of a file that an answer holds. */
type Part = Span & { size: number; isRange: boolean };

const CHUNK = 65_536;
const MODIFIED = "Sat, 14 Mar 2026 19:30:00 GMT";

/**
 * Answers with a file. Faults, by query, all off by default; offsets are those of the file:
 *
 * - `times=n` the others hold for the first n requests of this URL only
 * - `ranges=off`, `length=off`, `etag=none|weak|changing`, `modified=off`
 * - `status=403`, `contentRange=wrong`, `encoding=gzip`
 * - `lie=n` `Content-Length` says n more than comes
 * - `reset=n` the connection breaks at byte n; `stall=n` nothing comes from byte n on until released
 * - `rate=n` n bytes a second, on the wall clock
 */
export function serveFile(request: Request, setting: FileSetting): Response {
  const { pathname, searchParams } = new URL(request.url);
  const [seed = 0, size = 0] = pathname.split("/").slice(2, 4).map(Number);
  const faulty = setting.askedBefore < Number(searchParams.get("times") ?? Infinity);
  const faults = faulty ? searchParams : new URLSearchParams();
  if (faults.has("status")) return new Response("no\n", { status: Number(faults.get("status")) });

  const headers = validators(`${seed}-${size}`, faults, setting.askedBefore);
  headers.set("content-type", "video/mp4");
  if (faults.get("ranges") !== "off") headers.set("accept-ranges", "bytes");
  const part = partOf(request, headers, size);
  if (part === undefined) {
    return new Response(null, { status: 416, headers: { "content-range": `bytes */${size}` } });
  }
  const { from, to } = part;
  if (part.isRange) {
    const shift = faults.get("contentRange") === "wrong" ? 1 : 0;
    headers.set("content-range", `bytes ${from + shift}-${to - 1 + shift}/${size}`);
  }
  const gzip = faults.get("encoding") === "gzip";
  if (gzip) headers.set("content-encoding", "gzip");
  else if (faults.get("length") !== "off") {
    headers.set("content-length", String(to - from + Number(faults.get("lie") ?? 0)));
  }
  const status = part.isRange ? 206 : 200;
  if (request.method === "HEAD") return new Response(null, { status, headers });
  const body = stream(seed, part, { faults, setting });
  return new Response(gzip ? body.pipeThrough(new CompressionStream("gzip")) : body, {
    status,
    headers,
  });
}

function validators(name: string, faults: URLSearchParams, askedBefore: number): Headers {
  const headers = new Headers();
  const kind = faults.get("etag");
  const version = kind === "changing" ? `${name}-${askedBefore}` : name;
  if (kind !== "none") headers.set("etag", `${kind === "weak" ? "W/" : ""}"${version}"`);
  if (faults.get("modified") !== "off") headers.set("last-modified", MODIFIED);
  return headers;
}

/** RFC 9110, sections 13.1.5 and 14.2; one range only, as players ask. */
function partOf(request: Request, headers: Headers, size: number): Part | undefined {
  const whole = { from: 0, to: size, size, isRange: false };
  const asked = /^bytes=(\d*)-(\d*)$/.exec(request.headers.get("range") ?? "");
  const condition = request.headers.get("if-range");
  const fits = condition === null || condition === headers.get("last-modified") ||
    condition === headers.get("etag") && !condition.startsWith("W/");
  if (asked === null || !fits || !headers.has("accept-ranges")) return whole;
  const [, first, last] = asked;
  if (first === "") {
    return { ...whole, from: Math.max(0, size - Number(last)), isRange: true };
  }
  const from = Number(first);
  const to = last === "" ? size : Math.min(size, Number(last) + 1);
  return from >= size || to <= from ? undefined : { from, to, size, isRange: true };
}

function stream(
  seed: number,
  { from, to }: Part,
  { faults, setting }: { faults: URLSearchParams; setting: FileSetting },
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const resetAt = Number(faults.get("reset") ?? Infinity);
  const stallAt = Number(faults.get("stall") ?? Infinity);
  const rate = Number(faults.get("rate") ?? Infinity);
  const over = new AbortController();
  setting.signal.addEventListener("abort", () => over.abort(), { once: true });
  let at = from;
  return new ReadableStream({
    async pull(controller) {
      if (at >= resetAt) return controller.error("the origin resets");
      if (at >= stallAt) await orGone(setting.released, over.signal);
      if (at === to) return controller.close();
      const next = Math.min(to, at + CHUNK, ...[resetAt, stallAt].filter((stop) => stop > at));
      const pauseMs = (next - at) * 1000 / rate;
      if (pauseMs > 0) await pause(pauseMs, over.signal);
      if (over.signal.aborted) return;
      controller.enqueue(originBytes(seed, { from: at, to: next }));
      at = next;
    },
    cancel: () => over.abort(),
  }, { highWaterMark: 0 });
}

async function orGone(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const gone = Promise.withResolvers<void>();
  const go = () => gone.resolve();
  if (signal.aborted) return;
  signal.addEventListener("abort", go, { once: true });
  await Promise.race([promise, gone.promise]);
  signal.removeEventListener("abort", go);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await orGone(promise, signal);
  clearTimeout(timer);
}
