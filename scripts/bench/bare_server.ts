/**
 * The yardstick: a bare `Deno.serve` that gives one answer. Arguments: the port, and the answer as
 * JSON `{ body, headers }`.
 *
 * @module
 */

const [port, answer] = Deno.args;
const { body, headers }: { body: string; headers: Record<string, string> } = JSON.parse(answer!);

Deno.serve(
  { port: Number(port), onListen() {} },
  () => new Response(body, { headers }),
);
