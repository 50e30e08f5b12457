import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agesByHeaders, agesByPolicy, MAX_AGE_MS } from '../../../../gateway/connect/cache/ages.ts';
import { type Entry, keptMs, readEntry, standingOf, writeEntry } from '../../../../gateway/connect/cache/entry.ts';
import { GatewayError } from '../../../../gateway/errors.ts';

const NOW = Date.UTC(2026, 0, 1);
const date = new Date(NOW).toUTCString();
const none = { staleWhileRevalidateMs: 0, staleIfErrorMs: 0 };
const must = undefined;

describe('the ages of an answer', () => {
  const SWR = 'max-age=60, stale-while-revalidate=30, stale-if-error=600';
  it.each([
    [{ 'cache-control': 'max-age=60' }, { freshMs: 60_000, ...none }],
    [{ 'cache-control': 'Max-Age="60"' }, { freshMs: 60_000, ...none }],
    [
      { 'cache-control': 'max-age=60', age: '20' },
      { freshMs: 40_000, ...none },
    ],
    [
      { 'cache-control': 'max-age=60', age: '90' },
      { freshMs: 0, ...none },
    ],
    [{ 'cache-control': 'max-age=60, s-maxage=10' }, { freshMs: 10_000, ...none }],
    [{ 'cache-control': 'max-age=0' }, { freshMs: 0, ...none }],
    [{ 'cache-control': 'no-cache, max-age=60' }, { freshMs: 0, ...none }],
    [{ 'cache-control': 'max-age=9999999999' }, { freshMs: MAX_AGE_MS, ...none }],
    [{ 'cache-control': 'immutable' }, { freshMs: 0, ...none }],
    [{ 'cache-control': SWR }, { freshMs: 60_000, staleWhileRevalidateMs: 30_000, staleIfErrorMs: 600_000 }],
    [{ 'cache-control': `${SWR}, must-revalidate` }, { freshMs: 60_000, ...none }],
    [{ 'cache-control': `${SWR}, s-maxage=60` }, { freshMs: 60_000, ...none }],
    [
      { expires: new Date(NOW + 5000).toUTCString(), date },
      { freshMs: 5000, ...none },
    ],
    [{ expires: new Date(NOW + 5000).toUTCString() }, { freshMs: 5000, ...none }],
    [
      { expires: '0', date },
      { freshMs: 0, ...none },
    ],
    // Never guessed from when it was changed, however long ago.
    [
      { 'cache-control': 'public', 'last-modified': 'Mon, 01 Jan 2001 00:00:00 GMT' },
      { freshMs: 0, ...none },
    ],
    [{ etag: '"1"', 'last-modified': 'Mon, 01 Jan 2001 00:00:00 GMT' }, must],
    [{}, must],
    [{ 'cache-control': 'no-store, max-age=60' }, must],
    [{ 'cache-control': 'private, max-age=60' }, must],
    [
      { 'cache-control': 'max-age=60', 'set-cookie': 'a=b' },
      { freshMs: 0, ...none },
    ],
    [{ 'cache-control': 'max-age=60', vary: '*' }, must],
    [{ 'cache-control': 'max-age=60', vary: 'accept, X-Request-Id' }, must],
    [
      { 'cache-control': 'max-age=60', vary: 'accept, authorization' },
      { freshMs: 60_000, ...none },
    ],
  ])('with the headers %j are %j', (head, ages) => {
    const request = { method: 'GET', url: 'http://api/x', headers: new Map() };
    expect(agesByHeaders(request, 200, head as Record<string, string>, NOW)).toEqual(ages);
  });

  it.each([
    ['max-age=60', false],
    ['max-age=60, public', true],
    ['s-maxage=60', true],
    ['max-age=60, must-revalidate', true],
  ])('to a request with Authorization: %s is kept: %s', (cacheControl, kept) => {
    const request = { method: 'GET', url: 'http://api/x', headers: new Map([['authorization', 'Bearer x']]) };
    const ages = agesByHeaders(request, 200, { 'cache-control': cacheControl }, NOW);
    expect(ages !== undefined).toBe(kept);
  });

  it.each([
    ['POST', 200],
    ['GET', 500],
    ['GET', 206],
  ])('of %s with %i are none', (method, status) => {
    const ages = agesByHeaders(
      { method, url: 'http://api/x', headers: new Map() },
      status,
      { 'cache-control': 'private' },
      NOW,
    );
    expect(ages).toBeUndefined();
  });

  it('of a policy hold whatever the headers say, but for no-store', () => {
    const ages = { maxAgeMs: 1, staleWhileRevalidateMs: 2, staleIfErrorMs: 3 };
    const expected = { freshMs: 1, staleWhileRevalidateMs: 2, staleIfErrorMs: 3 };
    expect(agesByPolicy(ages, { 'cache-control': 'private, max-age=0' })).toEqual(expected);
    expect(agesByPolicy(ages, undefined)).toEqual(expected);
    expect(agesByPolicy(ages, { 'cache-control': 'No-Store' })).toBeUndefined();
  });
});

const entryOf = (data: unknown, rest: Partial<Entry> = {}): Entry => ({
  ...{ askedAt: NOW, freshMs: 10, staleWhileRevalidateMs: 5, staleIfErrorMs: 20, status: 200, data, head: {} },
  ...rest,
});

describe('a stored answer', () => {
  it.each([
    [-100, 'fresh', true],
    [0, 'fresh', true],
    [9, 'fresh', true],
    [10, 'stale', true],
    [14, 'stale', true],
    [15, 'expired', true],
    [29, 'expired', true],
    [30, 'expired', false],
  ])('of %i ms is %s', (age, state, forErrors) => {
    expect(standingOf(entryOf(1), NOW + age)).toEqual({ state, forErrors });
  });

  it('is of no use any more when it is no longer kept', () => {
    const ages = fc.record({
      freshMs: fc.nat(1000),
      staleWhileRevalidateMs: fc.nat(1000),
      staleIfErrorMs: fc.nat(1000),
    });
    fc.assert(
      fc.property(ages, (given) => {
        const entry = entryOf(1, given);
        expect(standingOf(entry, NOW + keptMs(entry))).toEqual({ state: 'expired', forErrors: false });
      }),
    );
    expect(keptMs(entryOf(1, { head: { etag: '"1"' } }))).toBeGreaterThan(60_000);
  });

  it('comes back as it was, or is not written at all', () => {
    fc.assert(
      fc.property(fc.anything({ withDate: true, withBigInt: true, withNullPrototype: true }), (data) => {
        const text = writeEntry(entryOf(data));
        if (text !== undefined) expect(JSON.stringify(readEntry(text)?.data)).toBe(JSON.stringify(data));
      }),
    );
    fc.assert(
      fc.property(fc.json(), (text) => {
        const data: unknown = JSON.parse(text.replaceAll('-0', '0'));
        expect(readEntry(writeEntry(entryOf(data)) ?? '')?.data).toEqual(data);
      }),
    );
  });

  it.each([
    ['an error inside', { a: [new GatewayError('UPSTREAM_FAILED')] }],
    ['a date', { a: new Date(0) }],
    ['bytes', { a: Buffer.from('x') }],
    ['no number', Number.NaN],
    ['a big integer', 1n],
    ['nothing', undefined],
    ['a hole', { a: undefined }],
  ])('is not written with %s', (_what, data) => {
    expect(writeEntry(entryOf(data))).toBeUndefined();
  });

  it.each([
    '',
    'x',
    '1',
    'null',
    '[]',
    '{}',
    '{"askedAt":1}',
    JSON.stringify({ ...entryOf(1), head: { a: 1 } }),
    JSON.stringify({ ...entryOf(1), freshMs: '1' }),
  ])('is nothing when %s stands in the store', (text) => {
    expect(readEntry(text)).toBeUndefined();
  });
});
