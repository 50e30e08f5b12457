/** The supervisor as a serving process hears it, and what is carried from one process to the next. */
import { describe, expect, it } from 'vitest';
import type { Parent } from '../../../../gateway/cli/io.ts';
import { adopt, carry } from '../../../../gateway/cli/supervise/carry.ts';
import type { Carried, ToServing } from '../../../../gateway/cli/supervise/messages.ts';
import { openSuccession } from '../../../../gateway/cli/supervise/succession.ts';
import { createBreakers } from '../../../../gateway/connect/chain/breakers.ts';
import { createMemoryLimitStore } from '../../../../gateway/limit/memory-store.ts';
import { createMemoryRecords } from '../../../../gateway/record/memory-store.ts';
import { createFakeClock } from '../../../kit/clock.ts';

const wanted = { generation: 'g2', revision: 2, settings: 's' };
const nothing: Carried = { operations: [], budgets: [], breakers: [] };

function open(order: unknown[] = []) {
  const told: unknown[] = [];
  let hear: (message: ToServing) => void = () => undefined;
  const parent: Parent = {
    send: (message) => void told.push(message),
    onMessage: (listener) => {
      hear = (message) => listener(message, undefined);
    },
    onGone: () => undefined,
  };
  const succession = openSuccession(parent, { carry: async () => nothing, over: () => void order.push('over') });
  return { told, succession, hears: (message: ToServing) => hear(message) };
}

describe('a succession', () => {
  it('says hello, and begins as it is told', async () => {
    const [first, second] = [open(), open()];
    first.hears({ kind: 'begin' });
    second.hears({ kind: 'begin', wanted });
    expect(first.told).toEqual([{ kind: 'hello' }]);
    expect([(await first.succession).wanted, (await second.succession).wanted]).toEqual([undefined, wanted]);
  });

  it('listens only after it was given what it goes on with', async () => {
    const { told, succession, hears } = open();
    hears({ kind: 'begin', wanted });
    const { ready, serving } = await succession;
    const taken = ready();
    expect(told.at(-1)).toEqual({ kind: 'ready' });
    hears({ kind: 'take', carried: nothing });
    expect(await taken).toBe(nothing);
    serving();
    expect(told.at(-1)).toEqual({ kind: 'serving' });
  });

  it('gives what is to be carried when it is asked for it', async () => {
    const { told, hears } = open();
    hears({ kind: 'give' });
    await new Promise(setImmediate);
    expect(told.at(-1)).toEqual({ kind: 'given', carried: nothing });
  });

  it('begins to leave before who asked for a successor hears of it', async () => {
    const order: unknown[] = [];
    const { told, succession, hears } = open(order);
    hears({ kind: 'begin' });
    const { succeed } = await succession;
    const done = succeed(wanted, 5).then((reason) => order.push(reason));
    expect(told.at(-1)).toEqual({ kind: 'succeed', wanted, limitMs: 5 });
    hears({ kind: 'over' });
    await done;
    expect(order).toEqual(['over', undefined]);
  });

  it('tells why nobody took over, and may be asked again', async () => {
    const { succession, hears } = open();
    hears({ kind: 'begin' });
    const { succeed } = await succession;
    const refused = succeed(wanted, 5);
    hears({ kind: 'refused', reason: 'because' });
    expect(await refused).toBe('because');
    const taken = succeed(wanted, 5);
    hears({ kind: 'over' });
    expect(await taken).toBeUndefined();
  });
});

describe('what is carried', () => {
  const clock = createFakeClock();
  const openMemory = () => ({
    operations: createMemoryRecords({ max: 10, keepMs: 1e9, now: clock.now }),
    limits: { local: createMemoryLimitStore({ maxKeys: 10, now: clock.now }) },
    breakers: createBreakers(),
  });
  const budget = { kind: 'points', key: 'k', points: 3, emissionMs: 1000, depthMs: 3000, shadow: false } as const;

  it('is recorded operations, spent budgets and held breakers', async () => {
    const [before, after] = [openMemory(), openMemory()];
    before.operations.record({ hash: 'h', name: 'N', client: 'web', coordinates: ['Query.a'] });
    expect(await before.limits.local.take([budget])).toEqual([{ fits: true, used: 3000 }]);
    before.breakers.of('shop', 'free');
    before.breakers.of('shop', 'held');
    before.breakers.force('shop', 'held', 'open');
    adopt(structuredClone(await carry(before)), after);
    expect(await after.operations.list()).toEqual(await before.operations.list());
    expect(await after.operations.list()).toHaveLength(1);
    expect(await after.limits.local.take([budget])).toMatchObject([{ fits: false }]);
    expect(after.breakers.list()).toMatchObject([{ source: 'shop', operation: 'held', forced: 'open' }]);
  });

  it('leaves behind what is full again, and what is spent already stays spent', async () => {
    const [before, after] = [openMemory(), openMemory()];
    await before.limits.local.take([{ ...budget, points: 1 }]);
    await after.limits.local.take([budget]);
    adopt(await carry(before), after);
    expect(await after.limits.local.take([budget])).toMatchObject([{ fits: false }]);
    clock.advance(1000);
    expect((await carry(before)).budgets).toEqual([]);
  });

  it('is nothing of operations that all replicas record together', async () => {
    const { limits, breakers } = openMemory();
    const shared = { record: () => undefined, list: () => Promise.reject(new Error('asked')) };
    const operations = { ...shared, [Symbol.asyncDispose]: async () => undefined };
    expect(await carry({ operations, limits, breakers })).toEqual(nothing);
  });
});
