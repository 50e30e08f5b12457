/**
 * Protects what stands beside the gateway: a contract, or a name that suddenly means another address, must not lead calls to the
 * machine itself, to the network behind it, or to the service that gives a cloud machine its credentials (OWASP: server-side
 * request forgery).
 */
import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { GatewayError } from '../errors.ts';
import { embeddedIn } from './embedded-address.ts';
import { shownAddress } from './shown-address.ts';

/** Addresses of one link, and those where clouds answer with credentials (AWS, Azure, Google, Alibaba, Oracle). */
const isMetadata = rangesOf(
  ['169.254.0.0/16', '100.100.100.200/32', '168.63.129.16/32', '192.0.0.192/32'],
  ['fe80::/10', 'fd00:ec2::254/128', 'fd20:ce::254/128'],
);
/**
 * Addresses that lead to the machine itself, into the network behind it, or to no one machine (RFC 1918, RFC 4193, RFC 6598, RFC 6890;
 * benchmarks: RFC 2544; multicast: RFC 5771, RFC 4291 §2.7; reserved: RFC 1112 §4; translation within a network: RFC 8215).
 */
const isInternal = rangesOf(
  [
    ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
    ...['198.18.0.0/15', '224.0.0.0/4', '240.0.0.0/4'],
  ],
  ['::/128', '::1/128', '64:ff9b:1::/48', 'fc00::/7', 'ff00::/8'],
);
const METADATA_NAME = /^metadata\.(google\.internal|goog)$/;
const INTERNAL_NAME = /^(.+\.)?localhost$/;
/** How long a name that was judged is believed, in ms. */
const BELIEVED_MS = 30_000;

export type GuardOptions = {
  source: string;
  /** The address of the source as it is written: a URL, `host:port`, or a target of grpc-js. */
  endpoint: string;
  /** Whether grpc-js reads the address: `dns:`, `ipv4:`, `ipv6:` and `unix:` mean something to it alone (default false). */
  isGrpc?: boolean;
  /** Hosts that the policy lets be called although they are internal: names or addresses. */
  allowInternal: readonly string[];
  /** Whether nobody but the contract names the address. */
  onlyContract?: boolean;
  /** What the address is, in the error for who has to change it. */
  what?: string;
  /** Milliseconds since the epoch. */
  now: () => number;
};

export type Guard = {
  /** Resolves a name like `dns.lookup` and leaves out addresses that must not be called; fails when none is left. */
  lookup: LookupFunction;
  /**
   * For who resolves the name for himself: judges all it stands for now, and believes that for thirty seconds, but for a name that
   * could not be resolved. Rejects with SOURCE_UNAVAILABLE. What the name stands for a moment later is not known to it.
   */
  check(): Promise<void>;
};

/**
 * Judges the address of a source. What is written as an address is judged here, a name now and whenever it is resolved.
 *
 * @param resolveName `dns.lookup`
 * @returns undefined where there is nothing to guard: an address, or a host that the policy allows
 * @throws GatewayError SOURCE_UNAVAILABLE when it must not be called
 */
export function createGuard(options: GuardOptions, resolveName: typeof lookup = lookup): Guard | undefined {
  const { source, onlyContract = false, what = 'address', isGrpc = false, now } = options;
  const allowed = new Set(options.allowInternal.map(hostOf));
  const reasonOf = (host: string): string | undefined => {
    if (allowed.has(host)) return undefined;
    const isName = isIP(host) === 0;
    if (isName ? METADATA_NAME.test(host) : isMetadata(host)) return 'is link-local or serves cloud metadata';
    const isInside = onlyContract && (isName ? INTERNAL_NAME.test(host) : isInternal(host));
    return isInside ? 'is internal, and only the contract names it' : undefined;
  };
  const advice = (reason: string): string =>
    `The ${what} of this source ${reason}: name its host in endpoints.allowInternal of the policy, or set another.`;
  const hosts = isGrpc ? grpcHosts(options.endpoint) : [hostOf(options.endpoint)];
  for (const host of hosts) {
    const reason = reasonOf(host);
    if (reason === undefined) continue;
    throw new GatewayError('SOURCE_UNAVAILABLE', {
      source,
      message: advice(reason),
      cause: shownAddress(options.endpoint),
    });
  }
  const names = hosts.filter((host) => isIP(host) === 0 && !allowed.has(host));
  if (names.length === 0) return undefined;

  const judge = (found: readonly LookupAddress[]) =>
    found.map((each) => ({ ...each, reason: reasonOf(normal(each.address)) }));
  // Who calls must not learn what the name stands for.
  const refused = (host: string, { address, reason = '' }: ReturnType<typeof judge>[number]): GatewayError =>
    new GatewayError('SOURCE_UNAVAILABLE', { source, cause: `${host} is ${address}. ${advice(reason)}` });

  /** @returns whether there was anything to judge */
  function checkName(name: string): Promise<boolean> {
    return new Promise((resolve, reject) => {
      resolveName(name, { all: true }, (error, found) => {
        // A name that cannot be resolved is no fault of ours: who connects will say so.
        const bad = error ? undefined : judge(found).find(({ reason }) => reason !== undefined);
        if (bad) reject(refused(name, bad));
        else resolve(!error);
      });
    });
  }

  async function checkNames(): Promise<void> {
    const known = await Promise.all(names.map(checkName));
    if (known.includes(false)) judged = undefined;
  }

  let judged: Promise<void> | undefined;
  let judgedAt = Number.NEGATIVE_INFINITY;
  return {
    lookup: (host, { all = false, ...rest }, done) => {
      resolveName(host, { ...rest, all: true }, (error, found) => {
        if (error) return done(error, all ? [] : '');
        const [bad] = judge(found).filter(({ reason }) => reason !== undefined);
        const good = found.filter(({ address }) => reasonOf(normal(address)) === undefined);
        const [first] = good;
        if (!first) done(bad ? refused(host, bad) : new Error(`${host} has no address`), all ? [] : '');
        else if (all) done(null, good);
        else done(null, first.address, first.family);
      });
    },
    check: async () => {
      if (judged === undefined || now() - judgedAt >= BELIEVED_MS) {
        judgedAt = now();
        judged = checkNames();
      }
      await judged;
    },
  };
}

/** The hosts of an address: grpc-js takes several after `ipv4:` and `ipv6:`, and none after `unix:`. */
function grpcHosts(endpoint: string): string[] {
  const [, scheme = '', rest = ''] =
    /^(?:(dns|ipv4|ipv6|unix|unix-abstract):(?:\/\/[^/]*\/)?)?(.*)$/.exec(endpoint) ?? [];
  if (scheme.startsWith('unix')) return [];
  return scheme.startsWith('ip') ? rest.split(',').map(hostOf) : [hostOf(rest)];
}

/** The host in its one form: URLs read `0x7f.1`, `2130706433` and `[::ffff:7f00:1]` as what they are (WHATWG URL, "host parsing"). */
function hostOf(address: string): string {
  const rest = address.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  const plain = isIP(rest) === 6 ? `http://[${rest}]` : `http://${rest}`;
  return normal(URL.canParse(plain) ? new URL(plain).hostname : rest);
}

function normal(host: string): string {
  return host
    .replace(/^\[|\]$|%.*$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
}

/** Whether an address lies in one of the ranges, or is a way to write one of IPv4 that does. */
function rangesOf(v4: readonly string[], v6: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const range of v4) {
    const [net = '', bits] = range.split('/');
    list.addSubnet(net, Number(bits), 'ipv4');
  }
  for (const range of v6) {
    const [net = '', bits] = range.split('/');
    list.addSubnet(net, Number(bits), 'ipv6');
  }
  return (address) =>
    list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4') ||
    embeddedIn(address).some((each) => list.check(each, 'ipv4'));
}
