/** The tree of an explanation, line by line. */
import { expect, it } from 'vitest';
import { explainText } from '../../../gateway/cli/explain-text.ts';
import type { Explained, ExplainedCall } from '../../../gateway/execute/explain.ts';
import type { RealCalls } from '../../../gateway/execute/real-calls.ts';

const call = (path: string, more: Partial<ExplainedCall> = {}): ExplainedCall => ({
  ...{ path, coordinate: 'Query.a', kind: 'call', source: 'shop', operation: 'a', group: 0 },
  ...{ predicted: { keys: 0, calls: 1 }, policy: { cache: 'off' }, calls: [] },
  ...more,
});

const real = (more: Partial<RealCalls> = {}): RealCalls => ({
  ...{ calls: 1, asked: 1, keys: 0, ms: { most: 2, sum: 2 }, bytes: 0, cache: {}, coalesced: 0, unrequested: 0 },
  ...{ outcomes: { ok: 1 } },
  ...more,
});

function textOf(calls: readonly ExplainedCall[], more: Partial<Explained> = {}): string[] {
  const operation = { kind: 'query', name: null };
  const explain: Explained = { operation, generation: 'g', predictedCalls: 1, calls, ...more };
  return explainText({ extensions: { explain } }).trimEnd().split('\n');
}

it('names the operation, and counts in words', () => {
  expect(textOf([])).toEqual(['query: 1 call expected']);
  expect(textOf([], { operation: { kind: 'mutation', name: 'Pay' }, predictedCalls: 2, madeCalls: 1 })).toEqual([
    'mutation Pay: 2 calls expected, 1 made',
  ]);
  expect(explainText({ errors: [{ message: 'no' }] })).toBe('');
});

it('draws branches, and keys that are fetched first below the field that needs them', () => {
  const key = { source: 'ids', operation: 'idOf', group: 2, batchSize: 1, predicted: { keys: 3, calls: 3 } };
  const below = call('a.b.c', { kind: 'join', predicted: { keys: 1, calls: 1 }, batchSize: 100 });
  const tree = [
    call('a', {
      calls: [
        call('a.b', { kind: 'join', keysFrom: [{ ...key, policy: {} }], calls: [below] }),
        call('a.d', { kind: 'join', keysFrom: [{ ...key, policy: {} }] }),
      ],
    }),
    call('e', { kind: 'delegate' }),
  ];
  expect(textOf(tree)).toEqual([
    'query: 1 call expected',
    '├─ a  call shop.a [#0 · expected 1 call]',
    '│  ├─ a.b  join shop.a [#0 · expected 1 call]',
    '│  │  │  key from ids.idOf [#2 · key by key · expected 3 calls for 3 keys]',
    '│  │  └─ a.b.c  join shop.a [#0 · up to 100 keys a call · expected 1 call for 1 key]',
    '│  └─ a.d  join shop.a [#0 · expected 1 call]',
    '│        key from ids.idOf [#2 · key by key · expected 3 calls for 3 keys]',
    '└─ e  delegate shop.a [#0 · expected 1 call]',
  ]);
});

it('names the types that ask, a few of them, and says where there was more', () => {
  const calls = [call('a', { on: ['A', 'B', 'C'] }), call('b', { on: ['A', 'B', 'C', 'D', 'E'] })];
  expect(textOf(calls, { truncated: true })).toEqual([
    'query: 1 call expected',
    '├─ a on A, B, C  call shop.a [#0 · expected 1 call]',
    '└─ b on A, B, C and 2 more  call shop.a [#0 · expected 1 call]',
    '… and more that is not shown',
  ]);
});

it('tells what the calls came to: cache, sharing, dropped rows and errors', () => {
  const made = call('a', {
    real: real({
      ...{ calls: 2, keys: 5, ms: { most: 12.34, sum: 20 }, bytes: 99, cache: { hit: 1, miss: 2 }, coalesced: 1 },
      ...{ unrequested: 3, outcomes: { ok: 2, UPSTREAM_TIMEOUT: 1 } },
    }),
  });
  const shared = call('b', { predicted: undefined as never, policy: { cache: { maxAgeMs: 5 } } });
  const headers = call('c', { policy: { cache: 'as its headers allow' }, real: real() });
  expect(textOf([made, shared, headers])).toEqual([
    'query: 1 call expected',
    '├─ a  call shop.a [#0 · expected 1 call · made 2 calls for 5 keys, 12.3 ms, 99 B, cache hit ×1, cache miss ×2, dropped 3 rows nobody asked for, shared ×1, UPSTREAM_TIMEOUT ×1]',
    '├─ b  call shop.a [#0 · shares calls with one above · cached {"maxAgeMs":5}]',
    '└─ c  call shop.a [#0 · expected 1 call · made 1 call, 2 ms, 0 B · cached as its headers allow]',
  ]);
});
