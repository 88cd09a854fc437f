/**
 * A source on loopback: films of any size, playlists, redirects, and every way in which a source
 * can misbehave.
 *
 * @module
 */

import { type FileSetting, serveFile } from "./origin_file.ts";
import { originPlaylist } from "./origin_hls.ts";

/** What the origin was asked. */
export type OriginRequest = { method: string; path: string; headers: Headers };

/** A running origin. */
export type Origin = AsyncDisposable & {
  /** Where it answers; no slash at the end. */
  url: string;
  /** The same at another port: another origin, as the web means it. */
  otherUrl: string;
  /** What it was asked, in order. */
  requests: OriginRequest[];
  /** How many answers it is still giving. */
  open(): number;
  /** Resolves when so many answers are being given, and no more. */
  openIs(count: number): Promise<void>;
  /** Lets all that stall go on, those to come too. */
  release(): void;
  /** Moves the live playlist on by one segment. */
  moveOn(): void;
};

/** How an origin differs from the plain one. */
export type OriginOptions = {
  /** Asked first; where it gives nothing the origin answers as always. */
  hook?: (request: Request) => Response | undefined | Promise<Response | undefined>;
};

/**
 * Starts an origin. Paths: `/file/…` (see `serveFile`), `/hls/{name}` (see `originPlaylist`),
 * `/hop/{n}/…` (n redirects, then the rest), `/away/…` (redirects to the other origin), `/circle/…`.
 */
export function startOrigin({ hook }: OriginOptions = {}): Origin {
  const requests: OriginRequest[] = [];
  const asked = new Map<string, number>();
  const release = Promise.withResolvers<void>();
  let open = 0;
  let moves = 0;
  let waiting: { count: number; resolve: () => void }[] = [];

  function changed(by: number): void {
    open += by;
    for (const { count, resolve } of waiting) if (count === open) resolve();
    waiting = waiting.filter(({ count }) => count !== open);
  }

  async function handle(request: Request, info: Deno.ServeHandlerInfo): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const path = pathname + search;
    requests.push({ method: request.method, path, headers: request.headers });
    const askedBefore = asked.get(path) ?? 0;
    asked.set(path, askedBefore + 1);
    changed(1);
    info.completed.catch(() => {}).finally(() => changed(-1));
    const { signal } = request;
    return await hook?.(request) ??
      answer(request, { askedBefore, released: release.promise, signal });
  }

  function answer(request: Request, setting: FileSetting): Response {
    const { pathname, search } = new URL(request.url);
    const [, kind, ...rest] = pathname.split("/");
    switch (kind) {
      case "file":
        return serveFile(request, setting);
      case "hls":
        return playlist(rest.join("/"));
      case "hop": {
        const [left, ...target] = rest;
        const path = `${target.join("/")}${search}`;
        return redirect(Number(left) > 1 ? `/hop/${Number(left) - 1}/${path}` : `/${path}`);
      }
      case "away":
        return redirect(`${otherUrl}/${rest.join("/")}${search}`);
      case "circle":
        return redirect(pathname);
      default:
        return new Response(null, { status: 404 });
    }
  }

  function playlist(name: string): Response {
    const text = originPlaylist(name, moves);
    if (text === undefined) return new Response(null, { status: 404 });
    return new Response(text, { headers: { "content-type": "application/vnd.apple.mpegurl" } });
  }

  const options = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
  const servers = [Deno.serve(options, handle), Deno.serve(options, handle)];
  const [url, otherUrl] = servers.map(({ addr }) => `http://127.0.0.1:${addr.port}`) as [
    string,
    string,
  ];
  return {
    url,
    otherUrl,
    requests,
    open: () => open,
    openIs(count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (count === open) resolve();
      else waiting.push({ count, resolve });
      return promise;
    },
    release: release.resolve,
    moveOn: () => void (moves += 1),
    async [Symbol.asyncDispose]() {
      release.resolve();
      await Promise.all(servers.map((server) => server.shutdown()));
    },
  };
}

function redirect(location: string): Response {
  return new Response(null, { status: 302, headers: { location } });
}
