/** Iterables whose reader may leave at any time: the source is left, the end is told once, and nobody waits. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { later, throughSteps } from '../../../gateway/lib/iterables.ts';

/** Gives `count` values, then ends, fails or waits for ever; counts how often it was left. */
function makeSource(count: number, then: 'end' | 'fail' | 'wait') {
  const state = { left: 0, given: 0 };
  const source: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        if (state.given < count) {
          state.given += 1;
          return { done: false, value: state.given };
        }
        if (then === 'fail') throw new Error('failed');
        return then === 'end' ? { done: true, value: undefined } : new Promise(() => undefined);
      },
      async return() {
        state.left += 1;
        return { done: true, value: undefined };
      },
    }),
  };
  return { source, state };
}

const endings = fc.constantFrom<('end' | 'fail' | 'wait')[]>('end', 'fail', 'wait');

it('tells the end once, whatever comes first, and leaves a source that has not ended', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(5), fc.nat(7), endings, async (count, wanted, then) => {
      // Only the read that is left may wait for ever.
      const reads = then === 'wait' ? Math.min(wanted, count + 1) : wanted;
      const { source, state } = makeSource(count, then);
      let ends = 0;
      const steps = throughSteps(source, { map: (value) => value * 2, recover: () => -1, end: () => (ends += 1) });
      const got: unknown[] = [];
      // Read on, and leave while the last value is awaited.
      for (let read = 0; read < reads; read += 1) {
        const step = steps.next();
        if (read === reads - 1) void steps.return();
        const { done, value } = await step;
        if (done !== true) got.push(value);
      }
      await steps.return();
      await steps.return();
      expect(await steps.next()).toEqual({ done: true, value: undefined });
      expect(ends).toBe(1);
      const values = Array.from({ length: count }, (_, index) => (index + 1) * 2);
      expect([...values, -1].slice(0, got.length)).toEqual(got);
      const readToEnd = then === 'end' && reads > count + 1;
      expect(state.left).toBe(readToEnd ? 0 : 1);
    }),
  );
});

it('gives what stands for an error as the last value, and nothing where nothing stands for it', async () => {
  for (const [recovered, expected] of [
    ['sorry', [1, 'sorry']],
    [undefined, [1]],
  ] as const) {
    const got: unknown[] = [];
    const { source } = makeSource(1, 'fail');
    const steps = throughSteps<number, number | string>(source, {
      map: (value) => value,
      recover: () => recovered,
      end: () => undefined,
    });
    for await (const value of steps) got.push(value);
    expect(got).toEqual(expected);
  }
});

it('an error of a step ends it like one of the source', async () => {
  const { source, state } = makeSource(3, 'end');
  const fail = (): never => {
    throw new Error('step');
  };
  const steps = throughSteps<number, string>(source, { map: fail, recover: String, end: () => undefined });
  const got: unknown[] = [];
  for await (const value of steps) got.push(value);
  expect([got, state.left]).toEqual([['Error: step'], 1]);
});

it('what comes later is one value or many', async () => {
  const all = async (values: AsyncIterable<unknown>) => {
    const got: unknown[] = [];
    for await (const value of values) got.push(value);
    return got;
  };
  const leave = (): never => {
    throw new Error('nobody left');
  };
  expect(await all(later<unknown>(async () => 7, leave))).toEqual([7]);
  expect(await all(later<unknown>(async () => makeSource(2, 'end').source, leave))).toEqual([1, 2]);
});

it('who leaves before it has come waits for nothing, and what comes then is left', async () => {
  const { source, state } = makeSource(2, 'wait');
  let left = 0;
  let come: (value: AsyncIterable<number>) => void = () => undefined;
  const begin = () => new Promise<AsyncIterable<number>>((resolve) => (come = resolve));
  const values = later<number>(begin, () => (left += 1));
  const first = values.next();
  await values.return();
  await values.return();
  expect([await first, left, state.left]).toEqual([{ done: true, value: undefined }, 1, 0]);
  come(source);
  await new Promise((resolve) => setImmediate(resolve));
  expect([state.left, state.given]).toEqual([1, 0]);
});

it('nothing begins for who leaves before asking', async () => {
  let begun = 0;
  const values = later(
    async () => (begun += 1),
    () => undefined,
  );
  await values.return();
  expect([await values.next(), begun]).toEqual([{ done: true, value: undefined }, 0]);
});
