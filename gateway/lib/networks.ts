import { BlockList, isIP } from 'node:net';

/** Whether an address is in one of the networks. An IPv4 address inside an IPv6 one (`::ffff:10.0.0.1`) counts as itself. */
export type Networks = (address: string) => boolean;

/** @param cidrs `10.0.0.0/8`, `fd00::/8`, or single addresses; what `isNetwork` refuses matches nothing */
export function createNetworks(cidrs: readonly string[]): Networks {
  if (cidrs.length === 0) return () => false;
  const list = new BlockList();
  for (const cidr of cidrs) {
    const parsed = parseNetwork(cidr);
    if (parsed) list.addSubnet(parsed.address, parsed.prefix, parsed.family);
  }
  return (address) => {
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 4 ? 'ipv4' : 'ipv6');
  };
}

/** Whether a text is an address or a network in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3). */
export function isNetwork(text: string): boolean {
  return parseNetwork(text) !== undefined;
}

function parseNetwork(text: string): { address: string; prefix: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [address = '', bits, more] = text.split('/');
  const version = isIP(address);
  const longest = version === 4 ? 32 : 128;
  if (version === 0 || more !== undefined || address.includes('%')) return undefined;
  if (bits !== undefined && !/^\d{1,3}$/.test(bits)) return undefined;
  const prefix = bits === undefined ? longest : Number(bits);
  return prefix > longest ? undefined : { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}
