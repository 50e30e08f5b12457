/** The process that waits for the next build: one at most, for one task, and not for ever. */
import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { buildDefaults } from '../../../gateway/config/build.ts';
import { createReserve } from '../../../gateway/registry/build-child.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const env = { A: '1' };

function world(readyMs = 1000) {
  const children: (ChildProcess & { told: unknown[]; ended: boolean })[] = [];
  const start = () => {
    const child = Object.assign(new EventEmitter(), {
      told: [] as unknown[],
      ended: false,
      connected: true,
      ref: () => undefined,
      unref: () => undefined,
      send: (message: unknown) => void child.told.push(message),
      kill: () => {
        child.ended = true;
      },
    });
    children.push(child as never);
    return child as never;
  };
  return { children, reserve: createReserve({ ...buildDefaults, readyMs, maxMemoryMb: 1000 }, start) };
}

it('has loaded what builds need when it is taken, and is taken once', () => {
  const { children, reserve } = world();
  reserve.refill(env);
  reserve.refill(env);
  expect(children.map(({ told }) => told)).toEqual([[{ maxHeapMb: 900 }]]);
  expect([reserve.take(env), reserve.take(env)]).toEqual(children);
  expect(children.map(({ told }) => told.length)).toEqual([1, 0]);
});

it('is not taken where another environment is wanted, or when it is gone', () => {
  const { children, reserve } = world();
  reserve.refill(env);
  expect(reserve.take({ ...env })).toBe(children[1]);
  expect(children.map(({ ended }) => ended)).toEqual([true, false]);
  reserve.refill(env);
  children[2]?.emit('exit', 1);
  expect(reserve.take(env)).toBe(children[3]);
});

it('ends when nobody has needed it for its time, and on demand', () => {
  const { children, reserve } = world();
  reserve.refill(env);
  vi.advanceTimersByTime(999);
  expect(children[0]?.ended).toBe(false);
  vi.advanceTimersByTime(1);
  expect(children[0]?.ended).toBe(true);
  reserve.refill(env);
  reserve.empty();
  expect(children[1]?.ended).toBe(true);
});

it('is none where none is wanted', () => {
  const { children, reserve } = world(0);
  reserve.refill(env);
  expect(children).toEqual([]);
});
