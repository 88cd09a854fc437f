/**
 * What Upstash does with scripts that plain Redis does not.
 *
 * @module
 */

import type { Command, Run } from "./rest_protocol.ts";

/** The first line by which a script on Upstash locks its own keys instead of the database. */
export const KEY_LOCKING_LINE = "#!lua flags=allow-key-locking";

/** What plain Redis (7.0.15) answers to an EVAL with that line. */
export const UNEXPECTED_FLAG = "ERR Unexpected flag in script shebang: allow-key-locking";

/** What Redis answers to an EVALSHA of a script that it does not have. */
export const NO_SCRIPT = "NOSCRIPT No matching script. Please use EVAL.";

/** SHA-1 of a script's text in lower-case hex: its name in EVALSHA. */
export async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}

/**
 * Makes `run` take scripts that begin with {@linkcode KEY_LOCKING_LINE}: it is given them with
 * that line emptied (line numbers stay), and EVALSHA of the text as sent means the text as run.
 */
export function acceptKeyLocking(run: Run): Run {
  const ranAs = new Map<string, string>();

  async function rewrite(command: Command): Promise<Command> {
    const [name = "", script = "", ...rest] = command;
    switch (name.toUpperCase()) {
      case "EVAL": {
        if (!script.startsWith(`${KEY_LOCKING_LINE}\n`)) return command;
        const text = script.slice(KEY_LOCKING_LINE.length);
        ranAs.set(await sha1(script), await sha1(text));
        return [name, text, ...rest];
      }
      case "EVALSHA":
        return [name, ranAs.get(script.toLowerCase()) ?? script, ...rest];
      default:
        return command;
    }
  }

  return async (commands, options) => run(await Promise.all(commands.map(rewrite)), options);
}
