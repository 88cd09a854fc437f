/**
 * Tickets: what a play's URL carries. Compact, encrypted and authenticated, so that a URL tells
 * nothing and names only what was made here.
 *
 * @module
 */

import type { Now } from "../ports.ts";
import { fromBase64url, toBase64url } from "../http/base64url.ts";
import { deriveKey, HMAC } from "../http/secret.ts";

/** The right to ask for a play; each opening admits and resolves anew. */
export type Ticket = {
  viewer: string;
  episode: string;
  /** Which row of the resolve, and what it is known by should the rows have moved. */
  row: { index: number; mark: string };
  /** 0 where unknown. */
  runtimeSec: number;
  /** Milliseconds since 1970. */
  issuedAt: number;
  /** The play's id. */
  play: string;
  /** Where a part of the play is, as its playlist named it; none for the play itself. */
  part?: string;
};

/** Makes tickets and reads them. */
export type Tickets = {
  /** The ticket as base64url; the same ticket gives the same text. */
  seal(ticket: Ticket): Promise<string>;
  /** `undefined` for whatever was not made here, was changed, or is too old. */
  open(text: string): Promise<Ticket | undefined>;
};

type Keys = { mac: CryptoKey; aes: CryptoKey };

const IV_BYTES = 12;
const LONGEST = 8192;
const REMEMBERED = 1000;
/** A part's URL is the source's own and ages with it; a film is not cut short by its link's time. */
const PART_TTL_MS = 24 * 3_600_000;
const CONTEXT = new TextEncoder().encode("weir ticket 1");

/**
 * Makes tickets under keys that HKDF derives from the first of `secrets`; those under the others
 * are still read, so that secrets can be rotated. The nonce is a MAC of the content, so that it
 * never repeats for another content. The last 1000 that were sealed or opened, parts aside, are
 * remembered: a player opens what was just listed, and its URL again for each seek, and the cipher is
 * the dearest step of that.
 */
export function createTickets(options: {
  secrets: readonly [string, ...string[]];
  ttlMs: number;
  /** Wall clock, in milliseconds since 1970. */
  now: Now;
}): Tickets {
  const { secrets, ttlMs, now } = options;
  const derived = new Map<string, Promise<Keys>>();
  const opened = new Map<string, Ticket>();

  /** Made when they are first wanted. */
  function keysOf(secret: string): Promise<Keys> {
    const keys = derived.get(secret) ?? deriveKeys(secret);
    derived.set(secret, keys);
    return keys;
  }

  async function decrypt(bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
    for (const secret of secrets) {
      const { aes } = await keysOf(secret);
      try {
        const algorithm = {
          name: "AES-GCM",
          iv: bytes.subarray(0, IV_BYTES),
          additionalData: CONTEXT,
        };
        const plain = await crypto.subtle.decrypt(algorithm, aes, bytes.subarray(IV_BYTES));
        return new TextDecoder().decode(plain);
      } catch {
        // Not under this key: another may fit, and where none does there is no ticket.
      }
    }
    return undefined;
  }

  async function read(text: string): Promise<Ticket | undefined> {
    const bytes = text.length <= LONGEST ? fromBase64url(text) : undefined;
    const plain = bytes && await decrypt(bytes);
    return plain === undefined ? undefined : decode(plain);
  }

  function remember(text: string, ticket: Ticket): void {
    opened.delete(text);
    opened.set(text, ticket);
    if (opened.size > REMEMBERED) opened.delete(opened.keys().next().value!);
  }

  return {
    async seal(ticket) {
      const { mac, aes } = await keysOf(secrets[0]);
      const plain = new TextEncoder().encode(encode(ticket));
      const iv = new Uint8Array(await crypto.subtle.sign("HMAC", mac, plain)).slice(0, IV_BYTES);
      const algorithm = { name: "AES-GCM", iv, additionalData: CONTEXT };
      const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, aes, plain));
      const bytes = new Uint8Array(iv.length + sealed.length);
      bytes.set(iv);
      bytes.set(sealed, iv.length);
      const text = toBase64url(bytes);
      if (ticket.part === undefined) remember(text, ticket);
      return text;
    },
    async open(text) {
      const ticket = opened.get(text) ?? await read(text);
      if (ticket === undefined) return undefined;
      if (ticket.part === undefined) remember(text, ticket);
      const age = now() - ticket.issuedAt;
      return age < (ticket.part === undefined ? ttlMs : PART_TTL_MS) ? ticket : undefined;
    },
  };
}

function encode(ticket: Ticket): string {
  const { viewer, episode, row, runtimeSec, issuedAt, play, part } = ticket;
  const fields = [viewer, episode, row.index, row.mark, runtimeSec, issuedAt, play];
  return JSON.stringify(part === undefined ? fields : [...fields, part]);
}

function decode(text: string): Ticket {
  const [viewer, episode, index, mark, runtimeSec, issuedAt, play, part] = JSON.parse(text);
  const ticket = { viewer, episode, row: { index, mark }, runtimeSec, issuedAt, play };
  return part === undefined ? ticket : { ...ticket, part };
}

async function deriveKeys(secret: string): Promise<Keys> {
  return {
    mac: await deriveKey(secret, { use: "weir ticket mac", algorithm: HMAC, usages: ["sign"] }),
    aes: await deriveKey(secret, {
      use: "weir ticket",
      algorithm: { name: "AES-GCM", length: 256 },
      usages: ["encrypt", "decrypt"],
    }),
  };
}
