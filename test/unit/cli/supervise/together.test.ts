/** What holds for all workers, whichever of them it was said to. */
import { describe, expect, it } from 'vitest';
import type { Readiness } from '../../../../gateway/admin/readiness.ts';
import { createMemoryStore as createAnswers } from '../../../../gateway/cache/memory-store.ts';
import { createToldAnswers } from '../../../../gateway/cache/told-store.ts';
import { createDeskLimits, createLimitDesk } from '../../../../gateway/cli/supervise/desk.ts';
import { joinOthers } from '../../../../gateway/cli/supervise/together.ts';
import { createMemoryStore } from '../../../../gateway/connect/cache/memory-store.ts';
import { createToldStore } from '../../../../gateway/connect/cache/told-store.ts';
import { createBreakers } from '../../../../gateway/connect/chain/breakers.ts';
import { createMemoryLimitStore } from '../../../../gateway/limit/memory-store.ts';
import { createMetrics } from '../../../../gateway/observe/metrics.ts';
import { createMemoryRecords } from '../../../../gateway/record/memory-store.ts';
import { openOperations } from '../../../../gateway/validate/open-operations.ts';
import { createFakeClock } from '../../../kit/clock.ts';
import { openSideBySide, type SideBySide, serveTogether, type Worker } from './side-by-side.ts';

const clock = createFakeClock();
const { now } = clock;

/** As a serving process does it. */
async function join(side: SideBySide, worker: number, generation = 'g1') {
  const started: Worker = side.start(worker);
  const metrics = createMetrics();
  const breakers = createBreakers();
  breakers.of('shop', 'orders');
  breakers.of('shop', 'carts');
  const records = createMemoryRecords({ max: 10, keepMs: 1e9, now });
  const refreshes: string[] = [];
  const state: { generation: string } = { generation };
  const readiness = (): Readiness => ({
    ready: true,
    generation: state.generation,
    revision: 1,
    faults: [],
    sources: [],
  });
  const together = joinOthers(started.bus, { metrics, breakers, operations: records });
  const refresh = async (reason: string): Promise<void> => void refreshes.push(reason);
  await together.begin({ refresh, readiness, onLead: () => undefined });
  side.up(started);
  return { ...started, started, metrics, breakers, records, together, readiness, refreshes, state };
}

async function both() {
  const side = openSideBySide();
  return { side, first: await join(side, 1), second: await join(side, 2) };
}

describe('workers together', () => {
  it('are ready as one, and say what each of them serves', async () => {
    const { first, second } = await both();
    const state = { worker: 1, state: 'serving', generation: 'g1', revision: 1 };
    expect(await second.together.readiness(second.readiness)).toMatchObject({
      ready: true,
      faults: [],
      workers: [state, { ...state, worker: 2 }],
    });
    first.state.generation = 'g2';
    const { faults } = await second.together.readiness(second.readiness);
    expect(faults).toEqual(['Workers serve different generations: 2 g1, 1 g2.']);
  });

  it('say which of them does not answer', async () => {
    const { side, first, second } = await both();
    second.started.isDeaf = true;
    const asked = first.together.readiness(first.readiness);
    await new Promise(setImmediate);
    for (const { then } of side.timers) then();
    expect(await asked).toMatchObject({
      ready: true,
      faults: ['worker 2 is down: It does not answer.'],
      workers: [{ worker: 1 }, { worker: 2, state: 'down' }],
    });
  });

  it('expose their metrics as one text, in which each series says whose it is', async () => {
    const { first, second } = await both();
    first.metrics.operations.inc({ kind: 'query', outcome: 'ok' }, 3);
    second.metrics.operations.inc({ kind: 'query', outcome: 'ok' }, 4);
    second.metrics.operationSeconds.observe({ kind: 'query' }, 0.002);
    const text = await first.together.expose();
    expect(text).toContain('tributary_operations_total{kind="query",outcome="ok",worker="1"} 3\n');
    expect(text).toContain('tributary_operations_total{kind="query",outcome="ok",worker="2"} 4\n');
    expect(text).toContain('tributary_operation_duration_seconds_bucket{le="0.0025",kind="query",worker="2"} 1\n');
    expect(text.match(/^# TYPE tributary_operations_total counter$/gm)).toHaveLength(1);
    // What no worker has counted yet is there all the same.
    expect(text).toContain('tributary_workers_lost_total{worker="2"} 0\n');
  });

  it('hold breakers as one, and see calls of each', async () => {
    const { first, second } = await both();
    const held = await first.together.breakers.force('shop', 'orders', 'open');
    expect(held).toMatchObject([{ operation: 'orders', forced: 'open' }]);
    expect(second.breakers.held()).toEqual([{ source: 'shop', operation: 'orders', forced: 'open' }]);
    second.breakers.of('shop', 'carts').state = { kind: 'open', epoch: 1, until: 7 };
    expect(await first.together.breakers.list()).toMatchObject([
      { operation: 'orders', forced: 'open' },
      { operation: 'carts', state: 'open', until: 7 },
    ]);
    await second.together.breakers.force('shop', undefined, undefined);
    expect([first.breakers.held(), second.breakers.held()]).toEqual([[], []]);
    expect(await first.together.breakers.force('shop', 'nothing', 'open')).toEqual([]);
  });

  it('take up what operators hold before they serve', async () => {
    const { side, first } = await both();
    first.breakers.force('shop', 'orders', 'closed');
    const third = await join(side, 3);
    expect(third.breakers.held()).toEqual(first.breakers.held());
  });

  it('know what clients run at any of them', async () => {
    const { first, second } = await both();
    const seen = { hash: 'h', name: 'N', client: 'web', coordinates: ['Query.a'] };
    for (const { records } of [first, second, second]) records.record(seen);
    second.records.record({ ...seen, hash: 'other' });
    const all = await first.together.operations?.list();
    expect(all?.map(({ hash, count }) => [hash, count])).toEqual([
      ['h', 3],
      ['other', 1],
    ]);
  });

  it('look when the one that leads has taken something up, and not for another', async () => {
    const { first, second } = await both();
    second.together.swapped();
    expect(first.refreshes).toEqual([]);
    first.together.swapped();
    expect(second.refreshes).toEqual(['another worker took a change up']);
  });

  it('look, all of them, when one starts with something else', async () => {
    const { side, first, second } = await both();
    await second.together.compare();
    expect([first.refreshes, second.refreshes]).toEqual([[], []]);
    const third = await join(side, 3, 'g2');
    await third.together.compare();
    const theirs = ['another worker started'];
    expect([first.refreshes, second.refreshes, third.refreshes]).toEqual([
      theirs,
      theirs,
      ['other workers serve something else'],
    ]);
  });
});

describe('stores of several workers', () => {
  const channels = <Name extends Parameters<Worker['bus']['channel']>[0]>(topic: Name) => {
    const { workers, timers } = serveTogether(2);
    const [first, second] = workers.map(({ bus }) => bus.channel(topic));
    if (!first || !second) throw new Error('there are two');
    return { first, second, workers, timers };
  };

  it('drop whole answers at both, those that are being made among them', async () => {
    const { first, second, workers, timers } = channels('answersDropped');
    const open = () => createAnswers({ maxBytes: 1e6, maxEntryBytes: 1e5, now });
    const [one, other] = [createToldAnswers(open(), first), createToldAnswers(open(), second)];
    const answer = { text: 'x', tags: ['t'], ttlMs: 1000, freshMs: 1000 };
    const { stamp } = await other.begin('k', 'me', 1000);
    await other.set('k', answer, stamp);
    expect(await one.drop(['t'])).toBe(true);
    expect(await other.get('k')).toBeUndefined();
    expect(await other.set('k', answer, stamp)).toBe(false);
    const [, busy] = workers;
    if (busy) busy.isDeaf = true;
    const dropping = one.drop(['t']);
    for (const { then } of timers) then();
    expect(await dropping).toBe(false);
  });

  it('tell each other what calls have changed, and keep answers for themselves', async () => {
    const { first, second } = channels('changed');
    const [one, other] = [
      createToldStore(createMemoryStore({ now }), first),
      createToldStore(createMemoryStore({ now }), second),
    ];
    await one.set('answer', 'x', 1000);
    await one.mark?.({ key: 'url', text: '7', ttlMs: 1000 });
    expect(await one.get(['answer', 'url'])).toEqual(['x', '7']);
    expect(await other.get(['answer', 'url'])).toEqual([undefined, '7']);
  });

  it('know operations that were registered at either', async () => {
    const { first, second } = channels('registered');
    const config = { persistedOperations: { maxBytes: 1e6, ttlMs: 1000 } } as never;
    const open = (registered: typeof first) => openOperations({ config, now, onFault: () => undefined, registered });
    const [one, other] = [await open(first), await open(second)];
    await one.set('hash', '{ a }');
    expect(await other.get('hash')).toBe('{ a }');
  });

  it('spend one budget, and one number of places', async () => {
    const { workers } = serveTogether(2, createLimitDesk(createMemoryLimitStore({ maxKeys: 100, now })));
    const [one, other] = workers.map(({ bus }) => createDeskLimits(bus.desk));
    if (!one || !other) throw new Error('there are two');
    const points = { kind: 'points', key: 'p', points: 2, emissionMs: 1000, depthMs: 3000, shadow: false } as const;
    const lease = (id: string) => ({ kind: 'lease', key: 'l', id, max: 1, leaseMs: 1000, shadow: false }) as const;
    expect(await one.take([points])).toMatchObject([{ fits: true }]);
    expect(await other.take([points])).toMatchObject([{ fits: false, used: 2000 }]);
    await one.settle([{ key: 'p', points: -1, emissionMs: 1000 }]);
    expect(await other.take([points])).toMatchObject([{ fits: true }]);
    expect(await one.take([lease('a')])).toMatchObject([{ fits: true }]);
    expect(await other.take([lease('b')])).toMatchObject([{ fits: false }]);
    await one.release([lease('a')]);
    expect(await other.take([lease('b')])).toMatchObject([{ fits: true }]);
    clock.advance(999);
    await other.renew([lease('b')]);
    clock.advance(2);
    expect(await one.take([lease('a')])).toMatchObject([{ fits: false }]);
    // It is where it stays: nothing has to be carried.
    expect(one.carry()).toEqual([]);
  });
});
