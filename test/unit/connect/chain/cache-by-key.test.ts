/** Rows of bulk calls that are kept, key by key. */
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../../gateway/connect/cache/memory-store.ts';
import type { CacheStore } from '../../../../gateway/connect/cache/store.ts';
import type { RowsByKey } from '../../../../gateway/connect/connector.ts';
import type { CallNotes, CallRecord } from '../../../../gateway/context.ts';
import { GatewayError } from '../../../../gateway/errors.ts';
import { callOf, failureOf } from '../kit.ts';
import { NOW, world } from './by-key-kit.ts';
import { faultOf, settled } from './kit.ts';

describe('rows that are kept', () => {
  it('are given, and only the others are asked for', async () => {
    const { ask, sent, clock } = world({ ages: {} });
    expect(await ask(['2'])).toEqual([1]);
    const notes: CallNotes = {};
    expect(await ask(['1', '2', '3'], { notes })).toEqual([2, 1, 2]);
    expect(notes).toEqual({ cache: 'miss', keepMs: 100 });
    expect(sent).toEqual([['2'], ['1', '3']]);
    clock.advance(40);
    const again: CallNotes = {};
    expect(await ask(['3', '2', '1'], { notes: again })).toEqual([2, 1, 2]);
    expect(again).toEqual({ cache: 'hit', ageMs: 40, keepMs: 60 });
    clock.advance(60);
    expect(await ask(['1', '2', '3'])).toEqual([3, 3, 3]);
    expect(sent).toHaveLength(3);
  });

  it('are of who sends the same and places keys the same way, and of nobody else', async () => {
    const { ask, sent } = world({ ages: {} });
    const one = { headers: { authorization: 'one' } };
    const two = { headers: { authorization: 'two' } };
    await ask(['1'], one);
    expect(await ask(['1'], two)).toEqual([2]);
    expect(await ask(['1'], { ...one, shape: 'by code' })).toEqual([3]);
    expect(await ask(['1'], one)).toEqual([1]);
    expect(sent).toHaveLength(3);
  });

  it('are of keys that were asked for: others are dropped, and counted where they came', async () => {
    const { ask, start, source, sent } = world({ ages: {} });
    source.strangers = ['7', '8'];
    const first: CallNotes = {};
    const hit: CallNotes = {};
    const plain: CallNotes = {};
    const joined: CallNotes = {};
    const { data } = await start(['1'], { notes: first });
    expect([...(data as RowsByKey).keys()]).toEqual(['1']);
    expect(first).toMatchObject({ cache: 'miss', unrequested: 2 });
    await ask(['1'], { notes: hit });
    expect(hit).toMatchObject({ cache: 'hit', ageMs: 0 });
    source.hold = true;
    const asking = [start(['2'], { notes: plain }), start(['2'], { notes: joined })];
    await settled();
    source.held[0]?.();
    await Promise.all(asking);
    expect([plain, joined]).toMatchObject([{ unrequested: 2 }, { coalesced: true }]);
    expect(sent).toEqual([['1'], ['2']]);
  });

  it('may be none, but no errors', async () => {
    const { ask, sent, source } = world({ ages: {} });
    source.missing.add('1');
    source.bad.add('2');
    const read = await ask(['1', '2']);
    expect(read).toEqual([null, expect.any(GatewayError)]);
    source.bad.clear();
    expect(await ask(['1', '2'])).toEqual([null, 2]);
    expect(sent).toEqual([['1', '2'], ['2']]);
    source.fails = faultOf('UPSTREAM_FAILED', 500);
    expect((await failureOf(ask(['3', '4']))).code).toBe('UPSTREAM_FAILED');
    source.fails = undefined;
    expect(await ask(['3', '4'])).toEqual([4, 4]);
  });

  it('live as long as the headers of their bulk answer say, until a call writes to its URL', async () => {
    const { ask, caller, clock, sent, source } = world();
    await ask(['1']);
    await ask(['1']);
    expect(sent).toHaveLength(2);
    source.head = { 'cache-control': 'max-age=10' };
    await ask(['1', '2']);
    clock.advance(9_999);
    await ask(['2', '3']);
    expect(sent.slice(2)).toEqual([['1', '2'], ['3']]);
    clock.advance(1);
    await ask(['1', '3']);
    expect(sent.at(-1)).toEqual(['1']);
    await caller(callOf('set', {}, { deadline: NOW + 1e9 }));
    clock.advance(1);
    source.head = { 'cache-control': 'no-store' };
    await ask(['1', '3']);
    await ask(['1', '3']);
    expect(sent.slice(-2)).toEqual([
      ['1', '3'],
      ['1', '3'],
    ]);
  });

  it('are given while new ones are fetched: one call for all that are stale, whoever asks', async () => {
    const { ask, clock, sent } = world({ ages: { staleWhileRevalidateMs: 100 } });
    await ask(['1', '2']);
    clock.advance(50);
    await ask(['3']);
    clock.advance(60);
    const notes: CallNotes = {};
    const records: CallRecord[] = [];
    expect(await Promise.all([ask(['1', '2', '3'], { notes }), ask(['2', '4'], { records })])).toEqual([
      [1, 1, 2],
      [1, 4],
    ]);
    expect(notes).toEqual({ cache: 'stale', ageMs: 110, keepMs: 0 });
    expect(records).toMatchObject([{ keys: 1, cache: 'stale', ageMs: 110, outcome: 'ok' }]);
    expect(sent.slice(2)).toEqual([['1', '2'], ['4']]);
    expect(await ask(['1', '2', '3'])).toEqual([3, 3, 2]);
    expect(sent).toHaveLength(4);
  });

  it('stand in when the source fails; keys without any fail by themselves, and the call when no key has rows', async () => {
    const { ask, clock, source } = world({ ages: { staleIfErrorMs: 1000 } });
    await ask(['1', '2']);
    clock.advance(500);
    source.fails = faultOf('UPSTREAM_FAILED', 500);
    const notes: CallNotes = {};
    expect(await ask(['1', '2'], { notes })).toEqual([1, 1]);
    expect(notes).toEqual({ cache: 'stale-if-error', ageMs: 500, keepMs: 0, failed: { error: source.fails } });
    expect(await ask(['1', '9'])).toEqual([1, 'UPSTREAM_FAILED']);
    expect((await failureOf(ask(['8', '9']))).code).toBe('UPSTREAM_FAILED');
    source.fails = faultOf('UPSTREAM_REJECTED', 403);
    expect((await failureOf(ask(['1', '2']))).code).toBe('UPSTREAM_REJECTED');
  });

  it.each([
    ['looking for them', 'look', 1],
    ['the call for new ones is made', 'start', 2],
  ])(
    'stand in when the time is over while %s; what was begun by then ends and nobody joins it',
    async (_, when, calls) => {
      let tick: string | undefined;
      const pass = (at: string): void => {
        if (tick === at) clock.advance(50);
      };
      const kept: CacheStore = createMemoryStore({ now: () => clock.now() });
      const store: CacheStore = {
        ...kept,
        get: (names) => {
          pass('look');
          return kept.get(names);
        },
      };
      const isShared = (): boolean => {
        pass('start');
        return true;
      };
      const { ask, sent, signals, clock, source } = world({ ages: { staleIfErrorMs: 1000 }, store, isShared });
      await ask(['1', '2']);
      clock.advance(500);
      source.hold = true;
      tick = when;
      const notes: CallNotes = {};
      expect(await ask(['1', '2'], { deadline: clock.now() + 5, notes })).toEqual([1, 1]);
      expect(notes.cache).toBe('stale-if-error');
      expect(sent).toHaveLength(calls);
      expect(signals.slice(1).every(({ aborted }) => aborted)).toBe(true);
      tick = undefined;
      source.hold = false;
      expect(await ask(['1', '2'])).toEqual([calls + 1, calls + 1]);
    },
  );

  it('pass on what their answers passed on, each once', async () => {
    const { ask, start, clock, source } = world({ ages: {} });
    source.passed = [['x-a', '1']];
    await ask(['1', '2', '3']);
    source.passed = [['x-a', '2']];
    clock.advance(1);
    const { passed, bytes } = await start(['1', '2', '3', '4']);
    expect([passed, bytes]).toEqual([
      [
        ['x-a', '2'],
        ['x-a', '1'],
      ],
      10,
    ]);
  });

  it('are not needed: a store that fails is told of, and the source asked', async () => {
    const faults: unknown[] = [];
    const broken = () => Promise.reject(new Error('no store'));
    const store: CacheStore = {
      get: broken,
      set: broken,
      delete: broken,
      [Symbol.asyncDispose]: async () => undefined,
    };
    const { ask, sent } = world({ ages: {}, store, onFault: (error) => faults.push(error) });
    expect(await ask(['1', '2'])).toEqual([1, 1]);
    expect(await ask(['1', '2'])).toEqual([2, 2]);
    expect(sent).toHaveLength(2);
    expect(faults.length).toBeGreaterThan(0);
  });
});
