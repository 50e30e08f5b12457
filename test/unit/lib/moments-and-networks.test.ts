import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { atMoment } from '../../../gateway/lib/at-moment.ts';
import { createNetworks, isNetwork } from '../../../gateway/lib/networks.ts';
import { reaching } from '../../../gateway/lib/reach.ts';

describe('atMoment', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 0 }));
  afterEach(() => void vi.useRealTimers());

  it('acts once, when the clock shows it, also beyond what a timer reaches', () => {
    const act = vi.fn();
    const days = 86_400_000;
    atMoment(60 * days, Date.now, act);
    vi.advanceTimersByTime(60 * days - 1);
    expect(act).not.toHaveBeenCalled();
    vi.advanceTimersByTime(90 * days);
    expect(act).toHaveBeenCalledTimes(1);
  });

  it('acts at once where it is over, and never when it was taken back', () => {
    const act = vi.fn();
    atMoment(-1, Date.now, act);
    expect(act).toHaveBeenCalledTimes(1);
    atMoment(10, Date.now, act)();
    vi.advanceTimersByTime(20);
    expect([act.mock.calls.length, vi.getTimerCount()]).toEqual([1, 0]);
  });
});

describe('networks', () => {
  it('hold exactly the addresses that share their first bits', () => {
    const octet = fc.nat(255);
    const address = fc.tuple(octet, octet, octet, octet);
    const numberOf = (parts: readonly number[]): bigint => parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
    fc.assert(
      fc.property(address, address, fc.nat(32), fc.nat(32), (network, other, bits, shared) => {
        // Half of the addresses begin as the network does.
        const mixed = network.map((part, index) => (index * 8 < shared ? part : (other[index] ?? 0)));
        const drop = BigInt(32 - bits);
        const inside = numberOf(network) >> drop === numberOf(mixed) >> drop;
        const holds = createNetworks([`${network.join('.')}/${bits}`]);
        expect([holds(mixed.join('.')), holds(`::ffff:${mixed.join('.')}`)]).toEqual([inside, inside]);
      }),
      { numRuns: 100 },
    );
  });

  it.each(['10.0.0.0/8', '10.0.0.1', '::1', 'fd00::/8'])('may be written %s', (text) => {
    expect(isNetwork(text)).toBe(true);
  });
  it.each(['10.0.0.0/33', '10.0.0/8', 'fd00::/129', '10.0.0.0/8/8', 'localhost', '', '10.0.0.0/', 'fe80::1%eth0'])(
    'may not be written %j',
    (text) => {
      expect(isNetwork(text)).toBe(false);
      expect(createNetworks([text])('10.0.0.1')).toBe(false);
    },
  );
});

it('reaching finds what leads somewhere, through circles too', () => {
  const edges: Readonly<Record<string, readonly string[]>> = {
    a: ['b'],
    b: ['c', 'a'],
    c: [],
    d: ['d'],
    e: ['d'],
    f: ['e', 'b'],
  };
  const found = reaching(
    Object.keys(edges),
    (node) => edges[node] ?? [],
    (node) => node === 'c',
  );
  expect([...found].sort()).toEqual(['a', 'b', 'c', 'f']);
});
