/** Subscriptions as server-sent events: what comes, and what becomes of errors. */
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../../gateway/errors.ts';
import { createFeed } from '../kit/feed.ts';
import { readEvents } from '../kit/parts.ts';
import { ask, closeFeeds, serveFeed } from '../kit/serve-feed.ts';
import { until } from '../kit/until.ts';

afterEach(closeFeeds);

describe('a subscription', () => {
  it('gives one event per message and completes with its upstream', async () => {
    const { url, feed, generation, operations } = await serveFeed();
    const { response, parts } = await ask(url, 'subscription S { ticks(of: "a") { id price } }', 'text/event-stream', {
      'x-request-id': 'sub-1',
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('x-request-id')).toBe('sub-1');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    await until(() => feed.streams.length === 1);
    expect(feed.streams[0]?.call).toMatchObject({ operation: 'ticks', args: { of: 'a' }, requestId: 'sub-1' });
    expect(feed.streams[0]?.call.deadline).toBe(Number.POSITIVE_INFINITY);
    feed.streams[0]?.push({ id: '1', price: 7 }, { id: '2' });
    expect(await parts.take(2)).toEqual([
      { data: { ticks: { id: '1', price: 7 } } },
      { data: { ticks: { id: '2', price: null } } },
    ]);
    feed.streams[0]?.end();
    expect(await parts.rest()).toEqual([]);
    await until(() => operations().at(-1) !== undefined);
    expect(operations().at(-1)).toMatchObject({
      requestId: 'sub-1',
      operation: 'S',
      kind: 'subscription',
      calls: 1,
      payloads: 2,
    });
    expect(operations().at(-1)).not.toHaveProperty('codes');
    expect(generation.records).toMatchObject([{ source: 'feed', operation: 'ticks', outcome: 'ok' }]);
  });

  it('is served for GET too, as EventSource asks', async () => {
    const { url, feed } = await serveFeed();
    const query = encodeURIComponent('subscription { ticks { id } }');
    // It can set no header: the browser itself says that the page is ours.
    const headers = { accept: 'text/event-stream', 'sec-fetch-site': 'same-origin' };
    const response = await fetch(`${url}?query=${query}`, { headers });
    const parts = readEvents(response);
    await until(() => feed.streams.length === 1);
    feed.streams[0]?.push({ id: '1' });
    feed.streams[0]?.end();
    expect(await parts.rest()).toEqual([{ data: { ticks: { id: '1' } } }]);
  });

  it('asks joins anew for each event, so that no event sees what an earlier one fetched', async () => {
    let version = 0;
    const feed = createFeed(() => {
      version += 1;
      return [{ id: 'o', name: `name ${version}` }];
    });
    const { url, operations } = await serveFeed({}, feed);
    const { parts } = await ask(url, 'subscription { ticks { owner { name } also: owner { name } } }');
    await until(() => feed.streams.length === 1);
    feed.streams[0]?.push({ id: '1', ownerId: 'o' }, { id: '2', ownerId: 'o' });
    feed.streams[0]?.end();
    const owners = (await parts.rest()).map((part) => (part as { data: { ticks: unknown } }).data.ticks);
    expect(owners).toEqual([1, 2].map((n) => ({ owner: { name: `name ${n}` }, also: { name: `name ${n}` } })));
    await until(() => operations().at(-1) !== undefined);
    expect(operations().at(-1)).toMatchObject({ calls: 3 });
  });

  it('reads from its upstream no faster than the client reads', async () => {
    const { url, feed } = await serveFeed();
    const { parts, controller } = await ask(url, 'subscription { ticks { id } }');
    await until(() => feed.streams.length === 1);
    const long = 'x'.repeat(100_000);
    feed.streams[0]?.push(...Array.from({ length: 1000 }, (_, index) => ({ id: `${index} ${long}` })));
    await parts.take(1);
    let before = -1;
    // Until nothing moves any more: buffers of both sides are full.
    await until(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      const now = feed.streams[0]?.taken ?? 0;
      const still = now === before;
      before = now;
      return still;
    });
    expect(before).toBeLessThan(500);
    controller.abort();
    await until(() => feed.open() === 0);
  });
});

describe('errors', () => {
  it('of one event are masked and leave the next alone', async () => {
    const feed = createFeed(({ args }) => {
      if (String(args['ids']) === 'bad') throw new Error('password=hunter2');
      return [{ id: 'ok', name: 'Ann' }];
    });
    const { app, url, operations, hasMetric } = await serveFeed({}, feed);
    const { parts } = await ask(url, 'subscription { ticks { owner { name } } }', 'text/event-stream', {
      'x-request-id': 'sub-2',
    });
    await until(() => feed.streams.length === 1);
    feed.streams[0]?.push({ ownerId: 'bad' }, { ownerId: 'ok' });
    feed.streams[0]?.end();
    const [first, second] = await parts.rest();
    expect(first).toMatchObject({
      data: { ticks: { owner: null } },
      errors: [{ path: ['ticks', 'owner'], extensions: { code: 'INTERNAL', requestId: 'sub-2' } }],
    });
    expect(JSON.stringify(first)).not.toContain('hunter2');
    expect(second).toEqual({ data: { ticks: { owner: { name: 'Ann' } } } });
    await until(() => operations().at(-1) !== undefined);
    expect(operations().at(-1)).toMatchObject({ codes: ['INTERNAL'], level: 'error', payloads: 2 });
    expect(app.lines.filter(({ msg }) => msg === 'unknown error')).toHaveLength(1);
    expect(await hasMetric('tributary_errors_total{code="INTERNAL",source=""} 1')).toBe(true);
  });

  it.each([
    [new GatewayError('UPSTREAM_FAILED', { source: 'feed', cause: 'secret' }), 'UPSTREAM_FAILED', 'feed'],
    [new Error('password=hunter2'), 'INTERNAL', undefined],
  ])('of the upstream end it with a coded event: %s', async (error, code, source) => {
    const { url, feed } = await serveFeed();
    const { parts } = await ask(url, 'subscription { ticks { id } }');
    await until(() => feed.streams.length === 1);
    feed.streams[0]?.push({ id: '1' });
    feed.streams[0]?.fail(error);
    const [, last, ...more] = await parts.rest();
    expect(more).toEqual([]);
    expect(last).toMatchObject({ errors: [{ extensions: { code } }] });
    expect((last as { errors: [{ extensions: object }] }).errors[0].extensions).toEqual(
      expect.objectContaining(source === undefined ? { code } : { code, source }),
    );
    expect(JSON.stringify(last)).not.toMatch(/hunter2|secret/);
    expect(feed.open()).toBe(0);
  });

  it.each([
    ['subscription { ticks { id } other { id } }', 'VALIDATION_FAILED'],
    ['subscription { nothing }', 'VALIDATION_FAILED'],
    ['subscription {', 'PARSE_FAILED'],
    ['subscription ($x: ID!) { ticks(of: $x) { id } }', 'BAD_REQUEST'],
  ])('of the document are told in one event: %s', async (query, code) => {
    const { url, feed } = await serveFeed();
    const { parts } = await ask(url, query);
    expect(await parts.rest()).toMatchObject([{ errors: [{ extensions: { code } }] }]);
    expect(feed.streams).toEqual([]);
  });

  it('tell who takes no events, and open nothing', async () => {
    const { app, feed } = await serveFeed();
    const { status, body } = await app.query('subscription { ticks { id } }');
    expect([status, body.errors?.[0]?.extensions['code']]).toEqual([406, 'BAD_REQUEST']);
    expect(feed.open()).toBe(0);
  });
});

it('a quiet connection is kept alive by comments', async () => {
  const { url, feed } = await serveFeed();
  const { parts, controller } = await ask(url, 'subscription { ticks { id } }');
  await until(() => feed.open() === 1);
  const next = parts.take(1);
  await until(() => parts.comments() >= 2);
  feed.streams[0]?.push({ id: '1' });
  expect(await next).toEqual([{ data: { ticks: { id: '1' } } }]);
  controller.abort();
  await until(() => feed.open() === 0);
});
