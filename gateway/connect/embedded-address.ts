/** Addresses of IPv4 that stand inside addresses of IPv6: who connects to the one may end at the other. */
import { isIPv6 } from 'node:net';

/** A prefix in groups of 16 bits, and where the 32 bits of the other address begin. */
type Place = { prefix: readonly number[]; at: number };

const PLACES: readonly Place[] = [
  // IPv4-compatible, and IPv4-mapped (RFC 4291 §2.5.5).
  { prefix: [0, 0, 0, 0, 0, 0], at: 6 },
  { prefix: [0, 0, 0, 0, 0, 0xffff], at: 6 },
  // IPv4-translated (RFC 2765 §2.1).
  { prefix: [0, 0, 0, 0, 0xffff, 0], at: 6 },
  // The prefix for all (RFC 6052 §2.1), and those for use within a network (RFC 8215), which may be 96 bits long.
  { prefix: [0x64, 0xff9b, 0, 0, 0, 0], at: 6 },
  { prefix: [0x64, 0xff9b, 1], at: 6 },
  // 6to4 (RFC 3056 §2).
  { prefix: [0x2002], at: 1 },
];

/**
 * All that an address may stand for.
 *
 * @param address without brackets and zone; none is found in what is no address of IPv6
 * @returns addresses of IPv4 with dots
 */
export function embeddedIn(address: string): string[] {
  if (!isIPv6(address)) return [];
  const groups = groupsOf(address);
  const found = PLACES.filter(({ prefix }) => prefix.every((group, index) => groups[index] === group));
  const pairs = found.map(({ at }) => [groups[at] ?? 0, groups[at + 1] ?? 0] as const);
  // With a prefix of 48 bits they lie around eight that are zero (RFC 6052 §2.2).
  const [, , , high = 0, middle = 0, low = 0] = groups;
  const isLocal = groups[0] === 0x64 && groups[1] === 0xff9b && groups[2] === 1;
  if (isLocal) pairs.push([high, ((middle & 0xff) << 8) | (low >> 8)]);
  return pairs.map(([first, second]) => [first >> 8, first & 0xff, second >> 8, second & 0xff].join('.'));
}

function groupsOf(address: string): number[] {
  // WHATWG URL writes every address in one form, without dots.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [before, after] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const zeros = tail === undefined ? 0 : 8 - (before?.length ?? 0) - (after?.length ?? 0);
  return [...(before ?? []), ...Array<string>(zeros).fill('0'), ...(after ?? [])].map((group) =>
    Number.parseInt(group, 16),
  );
}
