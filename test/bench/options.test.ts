import { expect, test } from 'vitest';
import { parseOptions } from '../../bench/options.ts';
import { createParts } from '../../bench/parts.ts';
import { loadPeer, ours, peerNames } from '../../bench/peers.ts';
import { createPlan, quickPeers, setupKey, setupsOf } from '../../bench/plan.ts';
import { workloads } from '../../bench/workloads/index.ts';

const known = ['tributary', 'other'];

test('no options mean everything, in full', () => {
  expect(parseOptions([], known)).toEqual({
    ...{ quick: false, only: [], parts: false, before: null, seconds: null, rounds: null, out: null, help: false },
  });
});

test('options are read', () => {
  const args = [
    '--quick',
    '--only',
    'other, tributary',
    '--seconds',
    '2.5',
    '--out',
    'here',
    '--before',
    'HEAD~3',
    '--rounds',
    '7',
  ];
  const only = ['other', 'tributary'];
  expect(parseOptions(args, known)).toEqual({
    ...{ quick: true, only, parts: false, before: 'HEAD~3', seconds: 2.5, rounds: 7, out: 'here', help: false },
  });
  expect(createPlan(true, null, 7).rounds).toBe(7);
});

test.each([
  [['--only', 'stranger'], 'no such peer: stranger (there are tributary, other)'],
  [['--seconds', 'many'], 'a number from 0.5 to 60'],
  [['--seconds', '61'], 'a number from 0.5 to 60'],
  [['--rounds', '1.5'], 'a whole number from 1 to 50'],
  [['--parts', '--only', 'other'], 'leave --only out'],
  [['--fast'], 'fast'],
  [['extra'], 'extra'],
])('%j is refused', (args, message) => {
  expect(() => parseOptions(args, known)).toThrow(message);
});

test('the parts of the gateway are switched off one by one, under names of their own', () => {
  expect(parseOptions(['--parts'], known)).toMatchObject({ parts: true, only: [] });
  const names = createParts().map(({ name }) => name);
  expect(names.length).toBeGreaterThanOrEqual(5);
  expect(new Set([...names, ...peerNames()]).size).toBe(names.length + peerNames().length);
  expect(names.every((name) => name.startsWith(`${ours}-`))).toBe(true);
});

test.each([true, false])('every row of a plan (quick: %s) asks a query that its workload has', (quick) => {
  const { cells, rounds } = createPlan(quick, null);
  expect(rounds).toBeGreaterThanOrEqual(2);
  const known = (cell: (typeof cells)[number]) =>
    workloads[cell.setup.workload].createCases().some(({ name }) => name === cell.caseName);
  expect(cells.filter((cell) => !known(cell))).toEqual([]);
  expect(new Set(cells.map((cell) => JSON.stringify(cell))).size).toBe(cells.length);
});

test('a full plan asks each query in all its ways', () => {
  const { cells } = createPlan(false, null);
  const ways = (caseName: string) =>
    cells.filter((cell) => cell.caseName === caseName).map(({ setup, vary }) => `${setupKey(setup)} ${vary}`);
  const joined = ['posts nothing', 'posts operation', 'posts argument', 'posts caller', 'posts-forward caller'];
  const far = ['posts-20ms nothing', 'posts-20ms caller'];
  expect(ways('posts-users')).toEqual([...joined, ...far, 'posts-signed nothing', 'posts-signed operation']);
  expect(ways('posts-titles')).toEqual(joined);
  expect(ways('greet')).toEqual([...joined.filter((way) => way !== 'posts argument'), 'posts-signed nothing']);
  expect(ways('shop-join')).toEqual(['shop nothing', 'shop operation', 'shop caller']);
});

test('every folder of bench/peers exports the peer of its name, which serves setups of a full plan; ours serves all', async () => {
  const peers = await Promise.all(peerNames().map(loadPeer));
  const setups = setupsOf(createPlan(false, null).cells);
  const near = new Set(setups.filter(({ latencyMs }) => latencyMs === undefined).map(setupKey));
  expect(peers[0]?.name).toBe(ours);
  expect(new Set(peers[0]?.setups.map(setupKey))).toEqual(near);
  for (const peer of peers) {
    expect(peer.setups.length).toBeGreaterThan(0);
    expect(peer.setups.map(setupKey).filter((key) => !near.has(key))).toEqual([]);
  }
  expect(quickPeers.filter((name) => !peerNames().includes(name))).toEqual([]);
});
