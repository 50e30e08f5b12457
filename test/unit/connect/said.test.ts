/** How long a source allows others to keep what is made of its answers. */
import { describe, expect, it } from 'vitest';
import { noteSaid, saidOf } from '../../../gateway/connect/cache/said.ts';
import type { CallNotes } from '../../../gateway/context.ts';

const ages = (maxAgeMs: number) => ({ maxAgeMs, staleWhileRevalidateMs: 0, staleIfErrorMs: 5 });

describe('what a source says', () => {
  it.each([
    ['nothing', {}, undefined, {}],
    ['an age for all', { 'cache-control': 'max-age=60' }, 50_000, { keepMs: 50_000 }],
    ['not at all', { 'cache-control': 'No-Store, max-age=60' }, undefined, { keepMs: 0 }],
    ['only after asking', { 'cache-control': 'no-cache, max-age=60' }, 0, { keepMs: 0 }],
    [
      'for one caller',
      { 'cache-control': 'private, max-age="60"', age: '10' },
      undefined,
      { keepMs: 50_000, personal: true },
    ],
    ['with a cookie', { 'cache-control': 'max-age=60', 'set-cookie': 'a=1' }, 0, { keepMs: 0, personal: true }],
    [
      'with a cookie for all',
      { 'cache-control': 'public, max-age=60', 'set-cookie': 'a=1' },
      60_000,
      { keepMs: 60_000 },
    ],
    ['too old already', { 'cache-control': 'max-age=60', age: '90' }, 0, { keepMs: 0 }],
    ['by a date that is over', { expires: '0' }, undefined, { keepMs: 0 }],
    ['different things to everybody', { 'cache-control': 'max-age=60', vary: '*' }, undefined, { keepMs: 0 }],
    ['by what is not told apart', { 'cache-control': 'max-age=60', vary: 'Traceparent' }, undefined, { keepMs: 0 }],
    ['to callers with credentials', { 'cache-control': 'max-age=60' }, undefined, { keepMs: 60_000 }],
  ] as const)('%s', (_what, head, freshMs, expected) => {
    expect(saidOf(undefined, head, freshMs)).toEqual(expected);
  });

  it('counts less than its policy, but for no-store', () => {
    expect(saidOf(ages(5000), { 'cache-control': 'max-age=60' }, undefined)).toEqual({ keepMs: 5000 });
    expect(saidOf(ages(5000), { 'cache-control': 'no-store' }, undefined)).toEqual({ keepMs: 0 });
    // A policy that only has answers for failures says nothing of how long they are good.
    expect(saidOf(ages(0), {}, undefined)).toEqual({});
  });

  it('of several answers the least is noted, and one for one caller makes all of them so', () => {
    const notes: CallNotes = {};
    for (const said of [{ keepMs: 9 }, {}, { keepMs: 4, personal: true }, { keepMs: 7 }]) noteSaid(notes, said);
    expect(notes).toEqual({ keepMs: 4, personal: true });
  });
});
