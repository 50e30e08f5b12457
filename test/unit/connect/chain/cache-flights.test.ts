/** Rows of bulk calls that are under way, shared key by key. */
import { describe, expect, it } from 'vitest';
import type { CallNotes } from '../../../../gateway/context.ts';
import { GatewayError } from '../../../../gateway/errors.ts';
import { callOf, failureOf } from '../kit.ts';
import { NOW, world } from './by-key-kit.ts';
import { faultOf, settled } from './kit.ts';

describe('rows under way', () => {
  it('are shared by key, and only the others are asked for', async () => {
    const { start, read, sent, source } = world();
    source.hold = true;
    const notes: CallNotes[] = [{}, {}, {}];
    const calls = [
      ['1', '2'],
      ['2', '3'],
      ['1', '3'],
    ].map((keys, index) => start(keys, { notes: notes[index] ?? {} }));
    await settled();
    expect(sent).toEqual([['1', '2'], ['3']]);
    for (const go of source.held) go();
    const [first, second, third] = await Promise.all(calls);
    expect([first && read(first, ['1', '2']), second && read(second, ['2', '3'])]).toEqual([
      [1, 1],
      [1, 2],
    ]);
    expect(third && read(third, ['1', '3'])).toEqual([1, 2]);
    expect(notes).toEqual([{}, {}, { coalesced: true }]);
    source.hold = false;
    await start(['1']);
    expect(sent).toHaveLength(3);
  });

  it('are asked for again by who asks after a change has ended', async () => {
    const { start, read, caller, sent, source } = world();
    source.hold = true;
    const early = start(['1']);
    await settled();
    const change = caller(callOf('set', {}, { deadline: NOW + 1e9, idempotent: false }));
    await settled();
    source.held[1]?.();
    await change;
    const after = start(['1']);
    await settled();
    expect(sent).toEqual([['1'], [], ['1']]);
    source.held[0]?.();
    source.held[2]?.();
    expect([read(await early, ['1']), read(await after, ['1'])]).toEqual([[1], [3]]);
  });

  it('are asked for again by who sends something else', async () => {
    const { start, sent, source } = world();
    source.hold = true;
    const all = [
      start(['1'], { headers: { authorization: 'one' } }),
      start(['1'], { headers: { authorization: 'two' } }),
      start(['1'], { headers: { authorization: 'one' }, shape: 'by code' }),
    ];
    await settled();
    expect(sent).toEqual([['1'], ['1'], ['1']]);
    for (const go of source.held) go();
    await Promise.all(all);
  });

  it('are given up when the last who waits has left, and not before', async () => {
    const { start, signals, sent, source } = world();
    source.hold = true;
    const leavers = [new AbortController(), new AbortController()];
    const calls = [['1', '2'], ['2']].map((keys, index) => {
      const signal = leavers[index]?.signal;
      return failureOf(start(keys, signal ? { signal } : {}));
    });
    await settled();
    expect(sent).toHaveLength(1);
    leavers[0]?.abort();
    expect((await calls[0])?.code).toBe('CLIENT_CLOSED');
    expect(signals[0]?.aborted).toBe(false);
    leavers[1]?.abort();
    expect((await calls[1])?.code).toBe('CLIENT_CLOSED');
    expect(signals[0]?.aborted).toBe(true);
    source.hold = false;
    expect((await start(['2'])).status).toBe(200);
  });

  it('are asked for anew by who has more time than those who asked first', async () => {
    const { start, read, clock, sent, source } = world();
    source.hold = true;
    source.fails = faultOf('DEADLINE_EXCEEDED');
    const hasty = failureOf(start(['1', '2'], { deadline: NOW + 10 }));
    await settled();
    source.fails = undefined;
    const patient = start(['2', '3'], { deadline: NOW + 1000 });
    await settled();
    source.hold = false;
    clock.advance(10);
    for (const go of source.held) go();
    expect((await hasty).code).toBe('DEADLINE_EXCEEDED');
    expect(read(await patient, ['2', '3'])).toEqual([3, 2]);
    expect(sent).toEqual([['1', '2'], ['3'], ['2']]);
  });

  it('are bounded: what comes beyond is asked for by itself', async () => {
    const { start, sent, source } = world({ maxFlights: 2 });
    source.hold = true;
    const calls = [['1', '2'], ['3'], ['3'], ['1']].map((keys) => start(keys));
    await settled();
    expect(sent).toEqual([['1', '2'], ['3'], ['3']]);
    for (const go of source.held) go();
    await Promise.all(calls);
  });
});

describe('a bulk call', () => {
  it('that cannot be sent without its keys is kept and shared as a whole', async () => {
    const { caller, sent } = world({
      keyOf: () => {
        throw new GatewayError('BAD_REQUEST');
      },
      ages: {},
    });
    const bulk = {
      keys: ['1'],
      shape: '',
      argsFor: () => ({}),
      rowsOf: (data: unknown) => ({ rows: new Map([['1', data as unknown[]]]), unrequested: 0 }),
    };
    const call = { ...callOf('rows', { ids: ['1'] }, { deadline: NOW + 1e9 }), bulk };
    const [one, two] = await Promise.all([caller(call), caller(call)]);
    const rows = new Map([['1', [{ id: '1', n: 1 }]]]);
    expect([one?.data, two?.data]).toEqual([rows, rows]);
    expect(sent).toEqual([['1']]);
  });
});
