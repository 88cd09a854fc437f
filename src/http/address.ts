// Pure: values in, values out.

/**
 * IP addresses and ranges, as proxies and runtimes write them.
 *
 * @module
 */

/** An address as the number it is; IPv4 as such where it comes mapped into IPv6 (RFC 4291). */
export type Address = { readonly bits: 32 | 128; readonly value: bigint };

/** A range of addresses: those whose first `prefix` bits are the same. */
export type Range = { readonly base: Address; readonly prefix: number };

/**
 * Reads an address with or without port, brackets and zone (`1.2.3.4:5`, `[2001:db8::1]:5`,
 * `fe80::1%eth0`); `undefined` where it is none.
 */
export function parseAddress(text: string): Address | undefined {
  const trimmed = text.trim();
  const bracketed = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(trimmed);
  if (bracketed) return parseIpv6(bracketed[1]!);
  const dotted = /^([\d.]+)(?::\d{1,5})?$/.exec(trimmed);
  if (dotted) return parseIpv4(dotted[1]!);
  return parseIpv6(trimmed);
}

/** Reads `address` or `address/prefix`; `undefined` where it is neither. */
export function parseRange(text: string): Range | undefined {
  const [address, prefix, ...rest] = text.trim().split("/");
  const base = parseAddress(address ?? "");
  if (base === undefined || rest.length > 0) return undefined;
  if (prefix === undefined) return { base, prefix: base.bits };
  const mapped = base.bits === 32 && address!.includes(":") ? 96 : 0;
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) - mapped : -1;
  return bits >= 0 && bits <= base.bits ? { base, prefix: bits } : undefined;
}

/** Whether an address lies in a range. */
export function isWithin(address: Address, { base, prefix }: Range): boolean {
  if (address.bits !== base.bits) return false;
  const host = BigInt(base.bits - prefix);
  return address.value >> host === base.value >> host;
}

/** An address as the household it is: an IPv4 address, or the /64 of an IPv6 one. */
export function household({ bits, value }: Address): string {
  return bits === 32 ? `4:${value.toString(16)}` : `6:${(value >> 64n).toString(16)}`;
}

/** Addresses that are this machine's own (RFC 1122, RFC 4291). */
export const LOOPBACK: readonly Range[] = ranges("127.0.0.0/8", "::1");

/** Addresses that are no public ones: private, link-local, unique local (RFC 1918, 3927, 4193). */
export const PRIVATE: readonly Range[] = ranges(
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.0.0/16",
  "fc00::/7",
  "fe80::/10",
);

/**
 * Addresses that no public source has: the above, what is shared, reserved or a group's, and the
 * IPv6 ones that hold an IPv4 one which might be any of these (IANA's special-purpose registries).
 */
export const NOT_PUBLIC: readonly Range[] = [
  ...LOOPBACK,
  ...PRIVATE,
  ...ranges(
    "0.0.0.0/8",
    "100.64.0.0/10",
    "192.0.0.0/24",
    "198.18.0.0/15",
    "224.0.0.0/3",
    "::/96",
    "::ffff:0:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/32",
    "2001:2::/48",
    "2002::/16",
    "5f00::/16",
    "fec0::/10",
    "ff00::/8",
  ),
];

function ranges(...texts: string[]): Range[] {
  return texts.map((text) => parseRange(text)!);
}

function parseIpv4(text: string): Address | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value << 8n | BigInt(part);
  }
  return { bits: 32, value };
}

function parseIpv6(text: string): Address | undefined {
  const unzoned = text.split("%")[0]!;
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(unzoned);
  const tail = dotted ? parseIpv4(dotted[2]!) : undefined;
  if (dotted && tail === undefined) return undefined;
  const plain = tail === undefined
    ? unzoned
    : `${dotted![1]}${(tail.value >> 16n).toString(16)}:${(tail.value & 0xffffn).toString(16)}`;
  const halves = plain.split("::");
  if (halves.length > 2) return undefined;
  const [head, rest] = halves.map((half) => half === "" ? [] : half.split(":")) as [
    string[],
    string[] | undefined,
  ];
  const missing = 8 - head.length - (rest?.length ?? 0);
  if (rest === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array<string>(rest ? missing : 0).fill("0"), ...(rest ?? [])];
  let value = 0n;
  for (const group of groups) {
    if (!/^[\da-f]{1,4}$/i.test(group)) return undefined;
    value = value << 16n | BigInt(`0x${group}`);
  }
  return value >> 32n === 0xffffn ? { bits: 32, value: value & 0xffffffffn } : { bits: 128, value };
}
