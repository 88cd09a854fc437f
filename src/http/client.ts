// Pure: values in, values out.

/**
 * Who is at the other end, and under which origin they reached us: the peer itself, or what
 * trusted proxies say of it.
 *
 * @module
 */

import {
  type Address,
  isWithin,
  LOOPBACK,
  parseAddress,
  parseRange,
  PRIVATE,
  type Range,
} from "./address.ts";

/** Which peers may speak for others: nobody, those in some ranges, or so many hops of anybody. */
export type TrustProxy =
  | { kind: "none" }
  | { kind: "ranges"; ranges: readonly Range[] }
  | { kind: "hops"; hops: number };

/** What a request's headers say of the origin that the client sees. */
export type Forwarded = {
  readonly proto: string | null;
  readonly host: string | null;
};

/** The client behind a request, and how many trusted hops stand between it and us. */
export type Client = { address: Address | undefined; hops: number };

const MOST_HOPS = 32;

/**
 * Reads `TRUST_PROXY`: a hop count, or a list of addresses, CIDRs, `loopback` and `private`;
 * `undefined` where it is neither.
 */
export function parseTrustProxy(text: string): TrustProxy | undefined {
  const trimmed = text.trim();
  if (/^\d+$/.test(trimmed)) {
    const hops = Number(trimmed);
    if (hops > MOST_HOPS) return undefined;
    return hops === 0 ? { kind: "none" } : { kind: "hops", hops };
  }
  const ranges: Range[] = [];
  for (const word of trimmed.split(/[\s,]+/)) {
    const named = word === "loopback" ? LOOPBACK : word === "private" ? PRIVATE : undefined;
    const range = named ?? parseRange(word);
    if (range === undefined) return undefined;
    ranges.push(...(Array.isArray(range) ? range as readonly Range[] : [range as Range]));
  }
  return { kind: "ranges", ranges };
}

/** Walks `X-Forwarded-For` from the right, for as long as who speaks is trusted. */
export function findClient(peer: string, forwardedFor: string | null, trust: TrustProxy): Client {
  let address = parseAddress(peer);
  let hops = 0;
  const chain = forwardedFor === null || trust.kind === "none" ? [] : forwardedFor.split(",");
  while (isTrusted(address, hops, trust)) {
    const next = chain.length > hops ? parseAddress(chain[chain.length - 1 - hops]!) : undefined;
    hops += 1;
    if (next === undefined) break;
    address = next;
  }
  return { address, hops };
}

/** Whether a peer hides others behind it although it is not trusted: all of them would be one. */
export function hidesOthers(peer: string, forwardedFor: string | null, trust: TrustProxy): boolean {
  if (forwardedFor === null || trust.kind !== "none") return false;
  const address = parseAddress(peer);
  return address !== undefined && isAmong(address, [...LOOPBACK, ...PRIVATE]);
}

/**
 * The origin that the client sees: the request's own, or what the nearest `hops` proxies were
 * told. Values that are no scheme or no `host[:port]` are passed over.
 */
export function findOrigin(own: string, { proto, host }: Forwarded, hops: number): string {
  if (hops === 0) return own;
  const scheme = hopValue(proto, hops)?.toLowerCase();
  const name = hopValue(host, hops);
  const [ownScheme, ownName] = own.split("://") as [string, string];
  const validScheme = scheme === "http" || scheme === "https" ? scheme : ownScheme;
  return `${validScheme}://${name !== undefined && isHost(name) ? name.toLowerCase() : ownName}`;
}

/** Whether a text is `host[:port]`, the host a name, an IPv4 address or a bracketed IPv6 one. */
export function isHost(text: string): boolean {
  const found = /^(?:[a-z\d_](?:[a-z\d._-]*[a-z\d_.])?|\[[\da-f:.]+\])(?::(\d{1,5}))?$/i.exec(text);
  return found !== null && text.length <= 255 && Number(found[1] ?? 0) <= 65535 &&
    URL.canParse(`http://${text}`);
}

function isTrusted(address: Address | undefined, hops: number, trust: TrustProxy): boolean {
  switch (trust.kind) {
    case "none":
      return false;
    case "hops":
      return hops < trust.hops;
    case "ranges":
      return address !== undefined && isAmong(address, trust.ranges);
  }
}

function isAmong(address: Address, ranges: readonly Range[]): boolean {
  return ranges.some((range) => isWithin(address, range));
}

function hopValue(header: string | null, hops: number): string | undefined {
  const values = header?.split(",").map((value) => value.trim()).filter((value) => value !== "");
  return values?.[Math.max(0, values.length - hops)];
}
