/** Lists that upstreams stream: gathered, passed on item by item with `@stream`, and never left open. */
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../../gateway/errors.ts';
import { createFeed } from '../kit/feed.ts';
import { ask, closeFeeds, serveFeed } from '../kit/serve-feed.ts';
import { until } from '../kit/until.ts';

afterEach(closeFeeds);

describe('a list that its upstream streams', () => {
  it('is gathered for who takes no parts', async () => {
    const { app, feed, generation } = await serveFeed();
    const answer = app.query('{ ticks(count: 2) { id } }');
    await until(() => feed.streams.length === 1);
    expect(feed.streams[0]?.call).toMatchObject({ operation: 'ticks', args: { count: 2 } });
    expect(Number.isFinite(feed.streams[0]?.call.deadline)).toBe(true);
    feed.streams[0]?.push({ id: '1' }, { id: '2' });
    feed.streams[0]?.end();
    const { body, headers } = await answer;
    expect([body, headers.get('x-tributary-calls')]).toEqual([{ data: { ticks: [{ id: '1' }, { id: '2' }] } }, '1']);
    expect(generation.records).toMatchObject([{ operation: 'ticks', outcome: 'ok' }]);
  });

  it('is passed on item by item with @stream', async () => {
    const { url, feed, operations } = await serveFeed();
    const asked = ask(url, '{ ticks @stream(initialCount: 1, label: "t") { id } }', 'multipart/mixed');
    await until(() => feed.streams.length === 1);
    feed.streams[0]?.push({ id: '1' });
    const { parts } = await asked;
    expect(await parts.take(1)).toEqual([{ data: { ticks: [{ id: '1' }] }, hasNext: true }]);
    feed.streams[0]?.push({ id: '2' });
    expect(await parts.take(1)).toEqual([
      { incremental: [{ items: [{ id: '2' }], path: ['ticks', 1], label: 't' }], hasNext: true },
    ]);
    feed.streams[0]?.end();
    expect(await parts.rest()).toEqual([{ hasNext: false }]);
    await until(() => operations().at(-1) !== undefined);
    expect(operations().at(-1)).toMatchObject({ calls: 1, payloads: 3 });
  });

  it('has joins like any other list', async () => {
    const feed = createFeed(({ args }) => (args['ids'] as string[]).map((id) => ({ id, name: `name of ${id}` })));
    const { app } = await serveFeed({}, feed);
    const answer = app.query('{ ticks { owner { name } } }');
    await until(() => feed.streams.length === 1);
    feed.streams[0]?.push({ id: '1', ownerId: 'a' }, { id: '2', ownerId: 'b' });
    feed.streams[0]?.end();
    expect((await answer).body.data).toEqual({
      ticks: [{ owner: { name: 'name of a' } }, { owner: { name: 'name of b' } }],
    });
  });

  it('is cut at maxItems with an error, and its upstream is cancelled', async () => {
    const { app, feed, generation } = await serveFeed({}, createFeed(), { maxItems: 2, deadlineMs: undefined });
    const answer = app.query('{ ticks { id } }');
    await until(() => feed.streams.length === 1);
    feed.streams[0]?.push({ id: '1' }, { id: '2' }, { id: '3' }, { id: '4' });
    const { body } = await answer;
    expect(body.data).toEqual({ ticks: [{ id: '1' }, { id: '2' }, null] });
    expect(body.errors).toMatchObject(
      [
        {
          path: ['ticks', 2],
          extensions: { code: 'UPSTREAM_BAD_PAYLOAD', source: 'feed' },
          message: /more than 2 items/,
        },
      ].map((error) => ({ ...error, message: expect.stringMatching(error.message) })),
    );
    expect([feed.open(), feed.listeners()]).toEqual([0, 0]);
    expect(generation.records).toMatchObject([{ outcome: 'UPSTREAM_BAD_PAYLOAD' }]);
  });

  it('ends in an error when its upstream fails', async () => {
    const { app, feed } = await serveFeed();
    const answer = app.query('{ ticks { id } hello }');
    await until(() => feed.streams.length === 1);
    feed.streams[0]?.push({ id: '1' });
    feed.streams[0]?.fail(new GatewayError('UPSTREAM_UNREACHABLE', { source: 'feed' }));
    const { body } = await answer;
    expect(body).toMatchObject({
      data: { ticks: [{ id: '1' }, null], hello: null },
      errors: [{ path: ['ticks', 1], extensions: { code: 'UPSTREAM_UNREACHABLE', source: 'feed' } }],
    });
  });

  it.each([
    [{ maxItems: 10, deadlineMs: 20 }, {}, 'UPSTREAM_TIMEOUT'],
    [{ maxItems: 10, deadlineMs: undefined }, { deadline: { defaultMs: 20 } }, 'DEADLINE_EXCEEDED'],
  ])('has the time of a call: %j %j', async (rule, settings, code) => {
    const { app, feed } = await serveFeed(settings, createFeed(), rule);
    const { body } = await app.query('{ ticks { id } }');
    expect(body.errors).toMatchObject([{ extensions: { code, source: 'feed' } }]);
    expect([feed.open(), feed.listeners()]).toEqual([0, 0]);
  });

  it('is cancelled where an item breaks the whole answer', async () => {
    const { app, feed } = await serveFeed();
    const answer = app.query('{ strictTicks { id } }');
    await until(() => feed.streams.length === 1);
    feed.streams[0]?.push({ id: '1' }, { price: 1 });
    expect((await answer).body).toMatchObject({
      data: null,
      errors: [{ extensions: { code: 'UPSTREAM_BAD_PAYLOAD' } }],
    });
    await until(() => feed.open() === 0);
    expect(feed.listeners()).toBe(0);
  });

  it.each([
    ['', 'application/json'],
    ['@stream', 'multipart/mixed'],
    ['@stream', 'text/event-stream'],
  ])('is cancelled when its client leaves: %s %s', async (directive, accept) => {
    const { url, feed, generation, operations } = await serveFeed();
    const controller = new AbortController();
    const asked = fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify({ query: `{ ticks ${directive} { id } }` }),
      signal: controller.signal,
    }).catch(() => undefined);
    await until(() => feed.open() === 1);
    feed.streams[0]?.push({ id: '1' });
    await until(() => feed.streams[0]?.taken === 1);
    controller.abort();
    await asked;
    await until(() => feed.open() === 0 && operations().at(-1) !== undefined);
    expect(feed.listeners()).toBe(0);
    expect(operations().at(-1)).toMatchObject({ codes: ['CLIENT_CLOSED'] });
    expect(generation.records).toHaveLength(1);
  });
});
