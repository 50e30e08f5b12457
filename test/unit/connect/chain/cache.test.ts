import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../../gateway/connect/cache/memory-store.ts';
import type { CacheStore } from '../../../../gateway/connect/cache/store.ts';
import { type CacheOptions, createCacheRule } from '../../../../gateway/connect/chain/cache.ts';
import type { Call, Caller } from '../../../../gateway/connect/connector.ts';
import type { CallNotes } from '../../../../gateway/context.ts';
import { GatewayError } from '../../../../gateway/errors.ts';
import { createFakeClock } from '../../../kit/clock.ts';
import { callOf, failureOf } from '../kit.ts';
import { faultOf, resultOf, settled } from './kit.ts';

const NOW = Date.UTC(2026, 0, 1);
const date = new Date(NOW).toUTCString();

type World = Partial<CacheOptions> & {
  ages?: { maxAgeMs?: number; staleWhileRevalidateMs?: number; staleIfErrorMs?: number };
};

/** An upstream that counts its answers, behind a cache that keeps them by `ages` or by their headers. */
function world({ ages, ...rest }: World = {}) {
  const clock = createFakeClock(NOW);
  const sent: Call[] = [];
  const upstream: { head: Record<string, string>; fails: GatewayError | undefined; answer: Caller | undefined } = {
    head: {},
    fails: undefined,
    answer: undefined,
  };
  const policy = ages && { maxAgeMs: 0, staleWhileRevalidateMs: 0, staleIfErrorMs: 0, ...ages };
  const rule = createCacheRule({
    source: 'shop',
    store: createMemoryStore({ now: clock.now }),
    planOf: (operation) => {
      if (operation === 'other') return undefined;
      return operation === 'set'
        ? { kind: 'write', ages: undefined, byHeaders: false }
        : { kind: 'read', ages: policy, byHeaders: true };
    },
    keyOf: ({ args, headers }) => {
      const url = `http://api/${String(args['id'])}`;
      return { text: `${url} ${headers.get('authorization')}`, http: { method: 'GET', url, headers: new Map() } };
    },
    behind: [],
    refreshMs: 1000,
    lifetime: new AbortController().signal,
    now: clock.now,
    ...rest,
  });
  const caller = rule(async (call) => {
    sent.push(call);
    if (upstream.answer) return await upstream.answer(call);
    if (upstream.fails) throw upstream.fails;
    return resultOf(`answer ${sent.length}`, { head: upstream.head });
  });
  const ask = async (id: unknown = 1, headers: Record<string, string> = {}): Promise<unknown[]> => {
    const notes: CallNotes = {};
    const { data, bytes } = await caller(callOf('get', { id }, { notes, headers, deadline: NOW + 1e9 }));
    await settled();
    return [data, notes.cache, bytes];
  };
  return { ask, caller, clock, sent, upstream };
}

describe('the cache', () => {
  it('gives what is fresh without a call, to who sends the same and nobody else', async () => {
    const { ask, clock, sent } = world({ ages: { maxAgeMs: 100 } });
    expect(await ask(1, { authorization: 'a' })).toEqual(['answer 1', 'miss', 10]);
    expect(await ask(1, { authorization: 'a' })).toEqual(['answer 1', 'hit', 0]);
    expect(await ask(1, { authorization: 'b' })).toEqual(['answer 2', 'miss', 10]);
    expect(await ask(2, { authorization: 'a' })).toEqual(['answer 3', 'miss', 10]);
    clock.advance(100);
    expect(await ask(1, { authorization: 'a' })).toEqual(['answer 4', 'miss', 10]);
    expect(sent).toHaveLength(4);
  });

  it('gives each caller a value of its own', async () => {
    const { caller, upstream } = world({ ages: { maxAgeMs: 100 } });
    upstream.answer = async () => resultOf({ list: [1] });
    await caller(callOf('get'));
    await settled();
    const [first, second] = await Promise.all([caller(callOf('get')), caller(callOf('get'))]);
    expect(first.data).toEqual({ list: [1] });
    expect(first.data).not.toBe(second.data);
  });

  it('gives what is stale while it fetches a new one, once, on time of its own', async () => {
    const records: Call[] = [];
    const { ask, clock, sent } = world({
      ages: { maxAgeMs: 100, staleWhileRevalidateMs: 100 },
      behind: [
        (next) => (call) => {
          records.push(call);
          return next(call);
        },
      ],
    });
    await ask();
    clock.advance(150);
    expect((await Promise.all([ask(), ask(), ask()])).map(([data, cache]) => `${data} ${cache}`)).toEqual([
      'answer 1 stale',
      'answer 1 stale',
      'answer 1 stale',
    ]);
    expect(sent).toHaveLength(2);
    expect(records).toMatchObject([{ notes: { cache: 'refresh' }, deadline: clock.now() + 1000 }]);
    expect(records[0]?.record).toBeUndefined();
    expect(await ask()).toEqual(['answer 2', 'hit', 0]);
    clock.advance(250);
    expect((await ask())[0]).toBe('answer 3');
  });

  it('gives what is stale when the source fails, and only for failures of the source', async () => {
    const { ask, clock, upstream } = world({ ages: { maxAgeMs: 100, staleIfErrorMs: 100 } });
    await ask();
    clock.advance(150);
    upstream.fails = faultOf('UPSTREAM_REJECTED', 404);
    expect((await failureOf(ask())).code).toBe('UPSTREAM_REJECTED');
    upstream.fails = new GatewayError('UPSTREAM_FAILED', { source: 'shop', isAnswer: true });
    expect((await failureOf(ask())).code).toBe('UPSTREAM_FAILED');
    for (const code of [
      'UPSTREAM_FAILED',
      'UPSTREAM_UNREACHABLE',
      'UPSTREAM_TIMEOUT',
      'CIRCUIT_OPEN',
      'SOURCE_UNAVAILABLE',
    ] as const) {
      upstream.fails = faultOf(code);
      expect(await ask()).toEqual(['answer 1', 'stale-if-error', 0]);
    }
    clock.advance(50);
    expect((await failureOf(ask())).code).toBe('SOURCE_UNAVAILABLE');
  });

  it('gives what is stale shortly before the time is up, when the source does not answer', async () => {
    const { ask, caller, clock, sent, upstream } = world({ ages: { maxAgeMs: 100, staleIfErrorMs: 100 } });
    await ask();
    clock.advance(150);
    upstream.answer = () => new Promise(() => undefined);
    const notes: CallNotes = {};
    const { data } = await caller(callOf('get', { id: 1 }, { notes, deadline: clock.now() + 100 }));
    expect([data, notes.cache]).toEqual(['answer 1', 'stale-if-error']);
    expect(sent.at(-1)?.signal.aborted).toBe(true);
  });

  it('asks with the validators whether an answer is still good', async () => {
    const { ask, clock, sent, upstream } = world();
    upstream.head = { 'cache-control': 'max-age=10', etag: '"1"', 'last-modified': date };
    await ask();
    clock.advance(10_000);
    upstream.answer = async ({ conditions }) => {
      expect([...(conditions ?? [])]).toEqual([
        ['if-none-match', '"1"'],
        ['if-modified-since', date],
      ]);
      return { data: undefined, status: 304, bytes: 0, head: { 'cache-control': 'max-age=20' } };
    };
    expect(await ask()).toEqual(['answer 1', 'revalidated', 0]);
    clock.advance(19_999);
    expect(await ask()).toEqual(['answer 1', 'hit', 0]);
    clock.advance(1);
    upstream.answer = undefined;
    upstream.head = { 'cache-control': 'no-store' };
    expect(await ask()).toEqual(['answer 3', 'miss', 10]);
    expect((await ask())[0]).toBe('answer 4');
    expect(sent.at(-1)?.conditions?.size).toBe(0);
  });

  it('asks a question by POST without conditions, and says nothing where nothing may be kept', async () => {
    const http = { method: 'POST', url: 'http://api/search', headers: new Map() };
    const { ask, clock, sent, upstream } = world({ ages: { maxAgeMs: 10 }, keyOf: () => ({ text: 'search', http }) });
    upstream.head = { etag: '"1"' };
    expect((await ask())[1]).toBe('miss');
    clock.advance(10);
    expect((await ask())[1]).toBe('miss');
    expect(sent.map(({ conditions }) => conditions?.size)).toEqual([0, 0]);
    const plain = world();
    expect(await plain.ask()).toEqual(['answer 1', undefined, 10]);
  });

  it('forgets what was kept of a URL when something is changed there, also what was asked before', async () => {
    const { ask, caller, clock, upstream } = world();
    upstream.head = { 'cache-control': 'max-age=60' };
    await ask(1);
    await ask(2);
    clock.advance(5);
    await caller(callOf('set', { id: 1 }, { idempotent: false }));
    clock.advance(1);
    expect((await ask(1)).slice(0, 2)).toEqual(['answer 4', 'miss']);
    expect((await ask(2)).slice(0, 2)).toEqual(['answer 2', 'hit']);
    upstream.fails = faultOf('UPSTREAM_REJECTED', 409);
    await failureOf(caller(callOf('set', { id: 2 }, { idempotent: false })));
    upstream.fails = undefined;
    expect((await ask(2)).slice(0, 2)).toEqual(['answer 2', 'hit']);
  });

  it('never gives anything older than it may, nor the answer to another question', async () => {
    const step = fc.record({ afterMs: fc.nat(60), id: fc.nat(2), fails: fc.boolean(), refused: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
        const { ask, clock, upstream } = world({
          ages: { maxAgeMs: 50, staleWhileRevalidateMs: 30, staleIfErrorMs: 80 },
        });
        upstream.answer = async ({ args }) => {
          if (upstream.fails) throw upstream.fails;
          return resultOf({ id: args['id'], at: clock.now() });
        };
        for (const { afterMs, id, fails, refused } of steps) {
          clock.advance(afterMs);
          upstream.fails = fails ? faultOf(refused ? 'UPSTREAM_REJECTED' : 'UPSTREAM_FAILED', 500) : undefined;
          const [data, cache] = await ask(id).catch(() => []);
          if (data === undefined) continue;
          const { id: answered, at } = data as { id: number; at: number };
          expect(answered).toBe(id);
          const most = { hit: 49, stale: 79, 'stale-if-error': 129, miss: 0 }[String(cache)];
          expect(clock.now() - at).toBeLessThanOrEqual(most ?? -1);
          if (cache === 'stale-if-error') expect([fails, refused]).toEqual([true, false]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('goes on without its store, and tells', async () => {
    const faults: unknown[] = [];
    const down = new Error('down');
    const broken: CacheStore = {
      get: () => Promise.reject(down),
      set: () => Promise.reject(down),
      delete: () => Promise.reject(down),
      [Symbol.asyncDispose]: async () => undefined,
    };
    const { ask, caller } = world({ ages: { maxAgeMs: 100 }, store: broken, onFault: (fault) => faults.push(fault) });
    expect((await ask())[0]).toBe('answer 1');
    expect((await ask())[0]).toBe('answer 2');
    expect((await caller(callOf('set', { id: 1 }, { idempotent: false }))).data).toBe('answer 3');
    expect(faults.length).toBeGreaterThanOrEqual(4);
  });

  it('stays away from what it has nothing to do with', async () => {
    const { caller, sent } = world({ ages: { maxAgeMs: 100 } });
    for (let n = 0; n < 2; n += 1) await caller(callOf('other'));
    expect(sent.map(({ conditions }) => conditions)).toEqual([undefined, undefined]);
  });
});
