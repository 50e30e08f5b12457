/** Whole answers that are kept: when they are given, when they are made, and how often. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { RequestContext } from '../../gateway/context.ts';
import { GatewayError } from '../../gateway/errors.ts';
import { noteCall, startCached } from '../kit/cached.ts';
import { createFakeClock } from '../kit/clock.ts';
import { until } from '../kit/until.ts';

// Hundreds of requests are seconds where the machine is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const SDL = `
type Query {
  item(id: ID): Item @call @cacheControl(maxAge: 10, staleWhileRevalidate: 20, staleIfError: 60, tags: ["shop"])
  plain(id: ID): Item @call
  me: Item @call @cacheControl(maxAge: 10, scope: "PRIVATE")
  never: Item @call @cacheControl(maxAge: 0)
}
type Item { id: ID name: String price: Int @cacheControl(maxAge: 4) }
`;

type Call = { args: Record<string, unknown>; answer(value: unknown): void; fail(error: Error): void };

/** Fields answer when the test says so, or at once by `reply`. */
function shop(settings: Record<string, unknown> = {}) {
  const clock = createFakeClock();
  const calls: Call[] = [];
  const state: { reply: ((context: RequestContext) => unknown) | undefined } = { reply: undefined };
  const resolve = (name: string) => (_: unknown, args: Record<string, unknown>, context: RequestContext) =>
    new Promise((answer, fail) => {
      calls.push({ args, answer, fail });
      context.signal.addEventListener('abort', () => fail(context.signal.reason as Error), { once: true });
      noteCall(context, name);
      if (!state.reply) return;
      try {
        answer(state.reply(context));
      } catch (error) {
        fail(error as Error);
      }
    });
  const names = ['item', 'plain', 'me', 'never'];
  const resolvers = { Query: Object.fromEntries(names.map((name) => [name, resolve(name)])) };
  return { clock, calls, state, ...startCached({ sdl: SDL, resolvers, settings, now: clock.now }) };
}

const item = { id: 'i1', name: 'Pen', price: 3 };
const query = '{ item(id: "i1") { name } }';

describe('equal operations at once', () => {
  it('500 of them are one call', async () => {
    const { ask, calls } = shop();
    const asked = Array.from({ length: 500 }, () => ask(query));
    await until(() => calls.length > 0);
    calls[0]?.answer(item);
    const answers = await Promise.all(asked);
    expect(calls.length).toBe(1);
    expect(new Set(answers.map(({ data }) => JSON.stringify(data)))).toEqual(new Set(['{"item":{"name":"Pen"}}']));
    const outcomes = answers.map(({ outcome }) => outcome);
    expect([
      outcomes.filter((each) => each === 'MISS').length,
      outcomes.filter((each) => each === 'HIT').length,
    ]).toEqual([1, 499]);
  });

  it('do not end with the one who asked first', async () => {
    const { ask, calls } = shop();
    const leaving = new AbortController();
    const first = ask(query, { signal: leaving.signal }).catch(() => undefined);
    await until(() => calls.length === 1);
    const others = [ask(query), ask(query)];
    await nextTurn();
    leaving.abort();
    await until(() => calls.length === 2);
    calls[1]?.answer(item);
    expect((await Promise.all(others)).map(({ data }) => data)).toEqual([
      { item: { name: 'Pen' } },
      { item: { name: 'Pen' } },
    ]);
    await first;
    expect(calls.length).toBe(2);
  });

  it('never share errors: each that waited asks for itself, at the same time', async () => {
    const { ask, calls } = shop();
    const asked = [ask(query), ask(query), ask(query)];
    await until(() => calls.length === 1);
    calls[0]?.fail(new GatewayError('UPSTREAM_REJECTED'));
    await until(() => calls.length === 3);
    calls[1]?.answer(item);
    calls[2]?.fail(new GatewayError('UPSTREAM_FAILED'));
    const [first, second, third] = await Promise.all(asked);
    expect([first?.errors?.length, second?.data, third?.errors?.length]).toEqual([1, { item: { name: 'Pen' } }, 1]);
  });

  it('do not wait for each other where answers cannot be kept, once that is known', async () => {
    const { ask, calls, state } = shop();
    state.reply = (context) => {
      noteCall(context, 'item', { keepMs: 0 });
      return item;
    };
    expect((await ask(query)).headers.get('x-cache')).toBe('MISS; shop does not want it kept');
    state.reply = undefined;
    const asked = [ask(query), ask(query)];
    await until(() => calls.length === 3);
    for (const call of calls) call.answer(item);
    for (const { headers } of await Promise.all(asked))
      expect(headers.get('x-cache')).toBe('MISS; shop does not want it kept');
  });
});

describe('an answer', () => {
  it('is as old as the youngest of its fields may be', async () => {
    const { ask, clock, calls, state } = shop();
    state.reply = () => item;
    const withPrice = '{ item(id: "i1") { name price } }';
    for (const text of [query, withPrice]) await ask(text);
    clock.advance(4000);
    expect([(await ask(query)).outcome, (await ask(withPrice)).outcome]).toEqual(['HIT', 'MISS']);
    expect(calls.length).toBe(3);
  });

  it('past its age is given once more while a new one is made behind its back', async () => {
    const { ask, clock, calls } = shop();
    const first = ask(query);
    await until(() => calls.length === 1);
    calls[0]?.answer(item);
    await first;
    clock.advance(10_000);
    const stale = await Promise.all([ask(query), ask(query)]);
    expect(stale.map(({ outcome, data }) => [outcome, data])).toEqual(
      Array(2).fill(['STALE', { item: { name: 'Pen' } }]),
    );
    await until(() => calls.length === 2);
    expect((await ask(query)).headers.get('x-cache')).toBe('STALE; a newer one is being made');
    calls[1]?.answer({ ...item, name: 'Pencil' });
    await until(async () => (await ask(query)).outcome === 'HIT');
    expect((await ask(query)).data).toEqual({ item: { name: 'Pencil' } });
    expect(calls.length).toBe(2);
  });

  it('long past its age is given when a source fails, and for no other error', async () => {
    const { ask, clock, state } = shop();
    state.reply = () => item;
    await ask(query);
    clock.advance(40_000);
    const failWith = (code: ConstructorParameters<typeof GatewayError>[0]) => {
      state.reply = () => {
        throw new GatewayError(code, { source: 'shop' });
      };
      return ask(query);
    };
    for (const code of ['UPSTREAM_FAILED', 'CIRCUIT_OPEN', 'UPSTREAM_TIMEOUT'] as const) {
      const { outcome, data, headers } = await failWith(code);
      expect({ outcome, data }).toEqual({ outcome: 'STALE', data: { item: { name: 'Pen' } } });
      expect(headers.get('x-cache')).toBe('STALE; a source failed');
    }
    expect((await failWith('UPSTREAM_REJECTED')).data).toEqual({ item: null });
    clock.advance(31_000);
    expect((await failWith('UPSTREAM_FAILED')).data).toEqual({ item: null });
  });

  it('stands in as well when a source does not answer in time', async () => {
    const { ask, clock, state } = shop();
    state.reply = () => item;
    await ask(query);
    clock.advance(40_000);
    state.reply = undefined;
    const { outcome, data } = await ask(query, { headers: { 'x-request-timeout-ms': '600' } });
    expect({ outcome, data }).toEqual({ outcome: 'STALE', data: { item: { name: 'Pen' } } });
  });

  it('is kept no longer than any of its sources says', async () => {
    const { ask, clock, state } = shop();
    state.reply = (context) => {
      noteCall(context, 'other', { keepMs: 2000 });
      return item;
    };
    await ask(query);
    clock.advance(1999);
    expect((await ask(query)).outcome).toBe('HIT');
    clock.advance(1);
    expect((await ask(query)).outcome).toBe('STALE');
  });

  it('with a call that no age stands for is kept only if its source says for how long', async () => {
    const { ask, state } = shop();
    const both = '{ item(id: "i1") { name } plain(id: "i2") { name } }';
    state.reply = () => item;
    expect((await ask(both)).headers.get('x-cache')).toBe('MISS; no age at Query.plain');
    const { ask: askAnew, state: anew, calls } = shop();
    anew.reply = (context) => {
      for (const call of context.calls) call.keepMs = 5000;
      return item;
    };
    expect([(await askAnew(both)).outcome, (await askAnew(both)).outcome, calls.length]).toEqual(['MISS', 'HIT', 2]);
  });

  it('is counted by what became of it', async () => {
    const { ask, state, metrics } = shop();
    state.reply = () => item;
    for (const text of [query, query, '{ plain { id } }']) await ask(text);
    const shown = await metrics.expose();
    for (const [outcome, count] of [
      ['miss', 1],
      ['hit', 1],
      ['bypass', 1],
    ] as const)
      expect(shown).toContain(`tributary_answers_total{outcome="${outcome}"} ${count}`);
  });
});
