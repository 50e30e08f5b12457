/** What every store of whole answers does, and what memory and Redis have to be held to besides. */
import { createHash, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createMemoryStore, type MemoryStore } from '../../../gateway/cache/memory-store.ts';
import { openRedisAnswers } from '../../../gateway/cache/redis-answers.ts';
import { createRedisStore } from '../../../gateway/cache/redis-store.ts';
import type { AnswerStore, Keepable } from '../../../gateway/cache/store.ts';
import { Secret } from '../../../gateway/config/secret.ts';
import { openRedis } from '../../../gateway/lib/redis-connection.ts';
import { findRedis } from '../../kit/redis.ts';
import { startMasters } from '../../kit/redis-groups.ts';
import { findProgram } from '../../kit/software.ts';
import { until } from '../../kit/until.ts';

// Hundreds of requests are seconds where the machine is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const redisUrl = await findRedis();
const program = findProgram('redis-server', 'redis-server');
const bounds = { maxEntryBytes: 10_000, maxKeptMs: 60_000 };
const memory = () => createMemoryStore({ ...bounds, maxBytes: 1_000_000, now: Date.now });

function onRedis(parts: number): AnswerStore {
  const connection = openRedis({ url: new Secret(redisUrl ?? ''), timeoutMs: 2000 }, fail);
  return createRedisStore({ connection, prefix: `tributary-test:${randomUUID()}:`, parts, channel: 'x', ...bounds });
}

function tiered(parts = 1, place: object = { url: new Secret(redisUrl ?? '') }): AnswerStore {
  const redis = { ...place, timeoutMs: 2000, prefix: `tributary-test:${randomUUID()}:` };
  const own = { id: randomUUID(), parts, trustMs: 800, near: memory(), onFault: () => undefined, now: Date.now };
  return openRedisAnswers({ redis, ...own, ...bounds });
}

/** Three servers, each with a part of the slots. */
async function onCluster(): Promise<AnswerStore> {
  const cluster = await startMasters(3);
  const store = tiered(16, cluster?.settings);
  return {
    ...store,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await cluster?.[Symbol.asyncDispose]();
    },
  };
}

const stores: [name: string, open: () => AnswerStore | Promise<AnswerStore>, runs: boolean][] = [
  ['in memory', memory, true],
  ['on Redis', () => onRedis(1), redisUrl !== undefined],
  ['on Redis in several parts', () => onRedis(3), redisUrl !== undefined],
  ['in memory before Redis', () => tiered(), redisUrl !== undefined],
  ['in memory before a Redis Cluster', onCluster, program !== undefined],
];

const key = (name: string): string => createHash('sha256').update(name).digest('hex');
const kept = (text: string, tags: string[], ttlMs = 60_000, freshMs = ttlMs): Keepable => ({
  text,
  tags,
  ttlMs,
  freshMs,
});

describe.each(stores)('a store %s', (_name, open, runs) => {
  let store: AnswerStore;
  beforeAll(async () => {
    if (!runs) return;
    store = await open();
    // True once every replica can be told, so that what follows is not about a store that is away.
    await until(async () => await store.drop(['x']).catch(() => false));
  });
  afterAll(async () => {
    if (runs) await store[Symbol.asyncDispose]();
  });

  /** Keeps an answer as one that was just made. */
  const put = async (name: string, answer: Keepable): Promise<boolean> => {
    const { stamp } = await store.begin(key(name), 'me', 1000);
    await store.end(key(name), 'me');
    return await store.set(key(name), answer, stamp);
  };
  const textOf = async (name: string): Promise<string | undefined> => (await store.get(key(name)))?.text;

  it.runIf(runs)('gives back what was kept, with its names and times', async () => {
    expect(await put('a', kept('{"ä":"€😀\\n"}', ['t1', 't2'], 60_000, 30_000))).toBe(true);
    const { text, tags, heldMs, leftMs, freshMs } = (await store.get(key('a'))) ?? (kept('', []) as never);
    expect({ text, tags }).toEqual({ text: '{"ä":"€😀\\n"}', tags: ['t1', 't2'] });
    expect(heldMs).toBeLessThan(5000);
    expect([leftMs > 25_000, leftMs <= 60_000, freshMs > 25_000, freshMs <= 30_000]).toEqual([true, true, true, true]);
    expect(await store.get(key('nothing'))).toBeUndefined();
  });

  it.runIf(runs)('forgets by itself when the time is up', async () => {
    await put('short', kept('x', [], 40));
    await until(async () => (await textOf('short')) === undefined);
    expect(await put('short', kept('x', [], 0))).toBe(false);
    expect(await textOf('short')).toBeUndefined();
  });

  it.runIf(runs)('does not keep what is too large, nor what stood there before', async () => {
    await put('large', kept('small', ['l']));
    expect(await put('large', kept('x'.repeat(20_001), ['l']))).toBe(false);
    expect(await textOf('large')).toBeUndefined();
  });

  it.runIf(runs)('drops by any of the names, and nothing else', async () => {
    for (const [name, tags] of [
      ['one', ['n1', 'n2']],
      ['two', ['n2', 'n3']],
      ['three', ['n3']],
    ] as const)
      await put(name, kept(name, [...tags]));
    await store.drop(['n2', 'n9']);
    expect([await textOf('one'), await textOf('two'), await textOf('three')]).toEqual([undefined, undefined, 'three']);
    // What is made after that is new.
    expect(await put('one', kept('anew', ['n1', 'n2']))).toBe(true);
    expect(await textOf('one')).toBe('anew');
    await store.drop([]);
    expect(await textOf('one')).toBe('anew');
  });

  it.runIf(runs)('does not keep an answer that was begun before one of its names was dropped', async () => {
    const early = await store.begin(key('race'), 'early', 5000);
    await store.drop(['r1']);
    const late = await store.begin(key('race'), 'early', 5000);
    expect(await store.set(key('race'), kept('old', ['r0', 'r1']), early.stamp)).toBe(false);
    expect(await textOf('race')).toBeUndefined();
    expect(await store.set(key('race'), kept('other', ['r0']), early.stamp)).toBe(true);
    expect(await store.set(key('race'), kept('new', ['r0', 'r1']), late.stamp)).toBe(true);
    expect(await textOf('race')).toBe('new');
    await store.end(key('race'), 'early');
  });

  it.runIf(runs)('lets one make an answer at a time, until that one ends or dies', async () => {
    const holders = async (...names: string[]): Promise<string[]> =>
      (await Promise.all(names.map((name) => store.begin(key('lock'), name, 150)))).map(({ holder }) => holder);
    expect(await holders('a', 'b', 'a')).toEqual(['a', 'a', 'a']);
    await store.end(key('lock'), 'b');
    expect(await holders('b')).toEqual(['a']);
    await store.end(key('lock'), 'a');
    expect(await holders('b', 'c')).toEqual(['b', 'b']);
    await until(async () => (await holders('c'))[0] === 'c');
    await store.end(key('lock'), 'c');
  });

  it.runIf(runs)('never gives what was dropped, in whatever order things happen', async () => {
    type Step = { do: 'begin' | 'set' | 'drop'; at: number; tags: string[] };
    const step = fc.record<Step>({
      do: fc.constantFrom('begin', 'set', 'drop'),
      at: fc.nat(2),
      tags: fc.uniqueArray(fc.constantFrom('p', 'q', 'r'), { minLength: 1, maxLength: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const run = randomUUID();
        const stamps = new Map<number, { stamp: string; begun: number }>();
        const dropped = new Map<string, number>();
        let there: { at: number; text: string; tags: string[] }[] = [];
        for (const [time, each] of steps.entries()) {
          const name = `${run}-${each.at}`;
          const tags = each.tags.map((tag) => `${run}-${tag}`);
          const fill = stamps.get(each.at);
          if (each.do === 'begin') {
            stamps.set(each.at, { stamp: (await store.begin(key(name), 'me', 1000)).stamp, begun: time });
          } else if (each.do === 'drop') {
            await store.drop(tags);
            for (const tag of tags) dropped.set(tag, time);
            there = there.filter((answer) => !answer.tags.some((tag) => tags.includes(tag)));
          } else if (fill) {
            const isOld = tags.some((tag) => (dropped.get(tag) ?? -1) > fill.begun);
            const text = String(time);
            const isKept = await store.set(key(name), kept(text, tags), fill.stamp);
            if (isOld) expect(isKept).toBe(false);
            if (isKept) there.push({ at: each.at, text, tags });
          }
        }
        for (const at of [0, 1, 2]) {
          const found = await textOf(`${run}-${at}`);
          if (found !== undefined)
            expect(there.flatMap((answer) => (answer.at === at ? [answer.text] : []))).toContain(found);
        }
      }),
      { numRuns: 40, seed: 7 },
    );
  });
});

describe('the store in memory', () => {
  it('holds no more than its bytes, and its index goes with what it holds', () => {
    const store = createMemoryStore({ maxBytes: 5000, maxEntryBytes: 5000, now: () => 0 });
    for (let each = 0; each < 100; each += 1) {
      store.put(`k${each}`, kept('x'.repeat(100), ['same', `own${each}`]), store.stamp());
      store.look('k0');
    }
    const held = Array.from({ length: 100 }, (_, each) => each).filter((each) => store.look(`k${each}`));
    expect(held).toEqual([0, 89, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
    store.forget(['same']);
    expect(held.filter((each) => store.look(`k${each}`))).toEqual([]);
  });

  it('forgets which names were dropped when they are too many, and then keeps nothing that was begun before', () => {
    const store = createMemoryStore({ maxBytes: 5000, maxEntryBytes: 5000, maxMarks: 2, now: () => 0 });
    const stamp = store.stamp();
    expect(store.put('a', kept('a', ['x']), stamp)).toBe(true);
    for (const tag of ['1', '2', '3']) store.forget([tag]);
    expect(store.put('b', kept('b', ['x']), stamp)).toBe(false);
    expect(store.put('b', kept('b', ['x']), store.stamp())).toBe(true);
  });
});

it.runIf(program)('stores on one Cluster hear what another drops', async () => {
  const cluster = await startMasters(3);
  const redis = { ...cluster?.settings, timeoutMs: 2000, prefix: 'x:' };
  const open = (near: MemoryStore): AnswerStore =>
    openRedisAnswers({
      ...{ redis, near, id: randomUUID(), parts: 16, trustMs: 800, onFault: () => undefined, now: Date.now },
      ...bounds,
    });
  const nears = [memory(), memory()];
  const [one, two] = nears.map(open);
  await until(async () => (await one?.drop(['x'])) === true && (await two?.drop(['x'])) === true);
  const fill = await one?.begin(key('a'), 'me', 1000);
  await one?.set(key('a'), kept('a', ['t']), fill?.stamp ?? '');
  await until(async () => (await two?.get(key('a')))?.text === 'a');
  await one?.drop(['t']);
  // Its memory is told, without being asked for anything.
  await until(() => nears[1]?.look(key('a')) === undefined);
  await one?.[Symbol.asyncDispose]();
  await two?.[Symbol.asyncDispose]();
  await cluster?.[Symbol.asyncDispose]();
});

function fail(fault: unknown): never {
  throw fault;
}
