/**
 * Chromium without a window, driven over its DevTools protocol.
 *
 * @module
 */

/** A page that is open. */
export type Page = AsyncDisposable & {
  /** Runs an expression in the page; promises are waited for. */
  run(expression: string): Promise<unknown>;
  /** Leads the page elsewhere. */
  go(url: string): Promise<void>;
};

type Reply = { id?: number; result?: Record<string, unknown>; error?: { message: string } };

/** Chromium as it runs in a closed network, and plays without a touch. */
const FLAGS = [
  ..."headless no-sandbox disable-gpu disable-quic no-first-run disable-background-networking"
    .split(" "),
  "disable-component-update",
  "disable-sync",
  "autoplay-policy=no-user-gesture-required",
  "remote-debugging-port=0",
].map((flag) => `--${flag}`);

/** Starts Chromium with one empty page. */
export async function openBrowser(): Promise<Page> {
  const home = await Deno.makeTempDir({ dir: "/tmp", prefix: "weir-chromium-" });
  const child = new Deno.Command("chromium", {
    args: [...FLAGS, `--user-data-dir=${home}`, "about:blank"],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const found = Promise.withResolvers<string>();
  const said = listen(child.stderr, found.resolve);
  child.status.then(() => found.reject(new Error("Chromium ended before it could be asked")));
  const socket = new WebSocket(await found.promise);
  await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
  const waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  let last = 0;
  let sessionId: string | undefined;
  socket.addEventListener("message", ({ data }) => {
    const { id, result, error } = JSON.parse(data) as Reply;
    if (id === undefined) return;
    if (error) waiting.get(id)?.reject(new Error(error.message));
    else waiting.get(id)?.resolve(result!);
    waiting.delete(id);
  });

  function send(method: string, params: unknown = {}): Promise<Record<string, unknown>> {
    const id = ++last;
    const reply = Promise.withResolvers<Record<string, unknown>>();
    waiting.set(id, reply);
    socket.send(JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) }));
    return reply.promise;
  }

  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  sessionId = (await send("Target.attachToTarget", { targetId, flatten: true }))
    .sessionId as string;

  async function run(expression: string): Promise<unknown> {
    const asked = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await send("Runtime.evaluate", asked);
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value?: unknown }).value;
  }

  return {
    run,
    async go(url) {
      await send("Page.navigate", { url });
      while (await run("location.href + document.readyState") !== `${url}complete`);
    },
    async [Symbol.asyncDispose]() {
      sessionId = undefined;
      const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
      send("Browser.close").catch(() => {});
      await Promise.all([closed, child.status, said]);
      await Deno.remove(home, { recursive: true });
    },
  };
}

/** Finds where DevTools listens among what Chromium says. */
async function listen(
  stream: ReadableStream<Uint8Array>,
  onAddress: (url: string) => void,
): Promise<void> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream() as never)) {
    text += chunk;
    const found = /listening on (ws:\S+)/.exec(text);
    if (found) onAddress(found[1]!);
  }
}
