/** The network that an address stands for where clients are told apart by address. */
import { isIPv4, isIPv6 } from 'node:net';

/** Groups of 16 bits that a provider gives one customer as a whole (RFC 6177): with the rest everybody has any number of addresses. */
const IPV6_GROUPS = 4;

/** An IPv4 address, also where it came mapped into IPv6 (RFC 4291 §2.5.5.2), or the /64 of an IPv6 address. */
export function clientBlock(address: string): string {
  const [bare = ''] = address.split('%');
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return 'unknown';
  const groups = groupsOf(bare);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped)
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 255])
      .join('.');
  return `${groups
    .slice(0, IPV6_GROUPS)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** The eight numbers of an IPv6 address. */
function groupsOf(address: string): number[] {
  const [left = '', right] = withoutDots(address).split('::');
  const before = numbers(left);
  if (right === undefined) return before;
  const after = numbers(right);
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function numbers(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

/** `::ffff:10.1.2.3` with its last 32 bits as two groups. */
function withoutDots(address: string): string {
  const [tail, a, b, c, d] = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address) ?? [];
  if (tail === undefined) return address;
  const hex = [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(':');
  return address.slice(0, -tail.length) + hex;
}
