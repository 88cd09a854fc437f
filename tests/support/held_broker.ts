/**
 * A broker over HTTP that answers when the test says so.
 *
 * @module
 */

/** See {@linkcode serveBroker}. */
export type HeldBroker = {
  url: string;
  /** The next call to come for the sake of `answer`; fails where that is there without one. */
  callFor(answer: Promise<unknown>): Promise<HeldCall>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A call that waits for its answer. */
export type HeldCall = {
  episode: string;
  answer(): void;
  /** Settles when whoever called has gone away. */
  gone: Promise<void>;
};

/** Starts a broker on a free port of 127.0.0.1. */
export function serveBroker(): HeldBroker {
  const calls: HeldCall[] = [];
  const waiting: ((call: HeldCall) => void)[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) =>
      new Promise<Response>((resolve) => {
        const episode = new URL(request.url).searchParams.get("episode");
        if (episode === null) return resolve(new Response("a broker"));
        const gone = new Promise<void>((leave) =>
          request.signal.addEventListener("abort", () => {
            leave();
            resolve(new Response());
          })
        );
        const answer = () =>
          resolve(Response.json({ url: `https://films.example/${episode}.mp4` }));
        const call = { episode, answer, gone };
        const waiter = waiting.shift();
        if (waiter === undefined) calls.push(call);
        else waiter(call);
      }),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    callFor(answer) {
      const { promise, resolve, reject } = Promise.withResolvers<HeldCall>();
      const early = () => reject(new Error("answered without a call of the broker"));
      answer.then(early, early);
      const call = calls.shift();
      if (call === undefined) waiting.push(resolve);
      else resolve(call);
      return promise;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
