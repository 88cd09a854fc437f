/**
 * What can go wrong on the way to a Redis that is reached over TCP.
 *
 * @module
 */

import { type Carry, startTcpFront, type TcpFront } from "./tcp_front.ts";

/** What is done with what a client asks, and with what Redis answers. */
export type TcpFault = { up?: Carry; down?: Carry };

/** A front whose fault may be changed at any time. */
export type TcpFaults = TcpFront & { fault: TcpFault | undefined };

/** Listens on a free port of 127.0.0.1 in front of a Redis. */
export function startTcpFaults(redisPort: number): TcpFaults {
  const front = startTcpFront(redisPort, {
    up: (carried) => (faults.fault?.up ?? pass)(carried),
    down: (carried) => (faults.fault?.down ?? pass)(carried),
  });
  const faults: TcpFaults = Object.assign(front, { fault: undefined });
  return faults;
}

const pass: Carry = ({ bytes, pass }) => pass(bytes);

/** The connection ends before Redis has been asked. */
export const dropped: TcpFault = { up: ({ drop }) => drop() };

/** Redis is asked, and the connection ends before its answer. */
export const replyLost: TcpFault = { down: ({ drop }) => drop() };

/** Redis is asked, and the connection ends after some bytes of its answer. */
export const replyCut: TcpFault = {
  async down({ bytes, pass, drop }) {
    await pass(bytes.subarray(0, 5));
    drop();
  },
};

/** Redis is not asked, and this comes in place of each of its answers. */
export function says(text: string): TcpFault {
  return {
    async up({ bytes, answer }) {
      const commands = new TextDecoder().decode(bytes).match(/^\*\d+\r$/gm) ?? [];
      await answer(new TextEncoder().encode(text.repeat(commands.length)));
    },
  };
}

/** Redis is asked, and its answer comes byte by byte, each once `step` has resolved. */
export function byteByByte(step: () => Promise<unknown>): TcpFault {
  return {
    async down({ bytes, pass }) {
      for (let at = 0; at < bytes.length; at++) {
        await step();
        await pass(bytes.slice(at, at + 1));
      }
    },
  };
}
