/**
 * An evening of six households on two seats, played against the real server in each delivery, with
 * a clock that runs as fast as the work is done; prints a table in Markdown:
 *
 *     deno task simulate [--evenings=20] [--seed=1] [--seats=2]
 *
 * Ends with 1 where the proxy lets the source be over its seats, or refuses while one is free.
 *
 * @module
 */

import { MODES } from "./simulate/door.ts";
import { playEvening } from "./simulate/evening.ts";
import { table, type Tally } from "./simulate/tally.ts";

const options = readArguments(Deno.args);
const tallies = new Map<string, Tally[]>();
for (const mode of MODES) {
  console.error(`playing ${options.evenings} evenings, delivery ${mode} …`);
  const evenings: Tally[] = [];
  for (let evening = 0; evening < options.evenings; evening++) {
    evenings.push(await playEvening(mode, { ...options, seed: options.seed + evening }));
  }
  tallies.set(mode, evenings);
}
for (const line of table(tallies)) console.log(line);
const kept = tallies.get("proxy")!.every(({ overSec, refusedWhileFree }) =>
  overSec === 0 && refusedWhileFree === 0
);
Deno.exit(kept ? 0 : 1);

function readArguments(args: readonly string[]) {
  const options = { evenings: 20, seed: 1, seats: 2 };
  for (const arg of args) {
    const [, name, value] = /^--(evenings|seed|seats)=([1-9]\d*)$/.exec(arg) ?? [];
    if (name === undefined) {
      console.error(`Cannot read ${arg}: see the head of scripts/simulate.ts`);
      Deno.exit(2);
    }
    options[name as keyof typeof options] = Number(value);
  }
  return options;
}
