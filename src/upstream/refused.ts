import { BadReplyError } from "../ports.ts";

/**
 * Redis begins an error with a code of its own
 * (https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors).
 */
const CODE = /^[A-Z]{1,16}(?= |$)/;

/** Who owes a password is refused a command of more than ten words unread (redis, `networking.c`). */
const UNREAD = "unauthenticated multibulk length";

/**
 * What Redis itself refused: a missing script, a Lua error, a quota. Its text goes nowhere else, for
 * it may hold what was asked; its code never does.
 */
export class RefusedError extends BadReplyError {
  /** Keeps the text for whoever has to tell one refusal from another. */
  constructor(readonly reason: string) {
    super(reason.includes(UNREAD) ? "NOAUTH" : CODE.exec(reason)?.[0]);
  }
}
