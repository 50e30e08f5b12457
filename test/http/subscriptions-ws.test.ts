/** GraphQL over WebSocket (graphql-transport-ws): operations of every kind. */
import { createClient } from 'graphql-ws';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createFeed, makeFeedGeneration } from '../kit/feed.ts';
import { closeFeeds, serveFeed } from '../kit/serve-feed.ts';
import { connect, subscribeMessage } from '../kit/socket.ts';
import { until } from '../kit/until.ts';

afterEach(closeFeeds);

const TICKS = 'subscription { ticks { id } }';
const hello = () => createFeed(({ args }) => `hello ${args['wait'] ?? ''}`);

describe('operations', () => {
  it('a subscription, until its upstream ends', async () => {
    const { url, feed, operations } = await serveFeed({}, hello());
    const client = await connect(url);
    client.send(subscribeMessage('1', 'subscription S($of: ID) { ticks(of: $of) { id } }', { variables: { of: 'a' } }));
    await until(() => feed.open() === 1);
    expect(feed.streams[0]?.call.args).toEqual({ of: 'a' });
    feed.streams[0]?.push({ id: 'x' });
    expect(await client.next()).toEqual({ id: '1', type: 'next', payload: { data: { ticks: { id: 'x' } } } });
    feed.streams[0]?.end();
    expect(await client.next()).toEqual({ id: '1', type: 'complete' });
    await until(() => operations().length === 1);
    expect(operations()[0]).toMatchObject({
      operation: 'S',
      kind: 'subscription',
      payloads: 1,
      calls: 1,
      generation: 'g1',
    });
  });

  it('queries and mutations, several at a time, each with slots of its own', async () => {
    const { url, operations } = await serveFeed({}, hello());
    const client = await connect(url, { headers: { 'x-request-id': 'of-the-connection' } });
    client.send(subscribeMessage('q', '{ hello(wait: true) }'));
    expect([await client.next(), await client.next()]).toEqual([
      { id: 'q', type: 'next', payload: { data: { hello: 'hello true' } } },
      { id: 'q', type: 'complete' },
    ]);
    client.send(
      subscribeMessage('a', 'query A { hello }'),
      subscribeMessage('b', 'mutation B { tick(id: "1") { id } }'),
    );
    await until(() => operations().length === 3);
    expect(operations().map(({ kind, calls }) => [kind, calls])).toEqual([
      ['query', 1],
      ['query', 1],
      ['mutation', 1],
    ]);
    expect(new Set(operations().map(({ requestId }) => requestId)).size).toBe(3);
  });

  it('@stream and @defer in parts', async () => {
    const { url, feed } = await serveFeed({}, hello());
    const client = await connect(url);
    client.send(subscribeMessage('1', '{ ticks @stream { id } }'));
    await until(() => feed.open() === 1);
    expect(await client.next()).toMatchObject({ type: 'next', payload: { data: { ticks: [] }, hasNext: true } });
    feed.streams[0]?.push({ id: 'x' });
    expect(await client.next()).toMatchObject({
      payload: { incremental: [{ items: [{ id: 'x' }], path: ['ticks', 0] }], hasNext: true },
    });
    feed.streams[0]?.end();
    expect(await client.next()).toMatchObject({ payload: { hasNext: false } });
    expect(await client.next()).toEqual({ id: '1', type: 'complete' });
  });

  it('work with the client of graphql-ws', async () => {
    const { url, feed } = await serveFeed({}, hello());
    const client = createClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket });
    const events = client.iterate({ query: TICKS });
    const first = events.next();
    await until(() => feed.open() === 1);
    feed.streams[0]?.push({ id: '1' });
    expect((await first).value).toEqual({ data: { ticks: { id: '1' } } });
    await events.return?.();
    await until(() => feed.open() === 0);
    await client.dispose();
  });

  it.each([
    ['{ nothing }', 'VALIDATION_FAILED'],
    ['{ hello', 'PARSE_FAILED'],
    ['query A { hello } query B { hello }', 'BAD_REQUEST'],
  ])('that are wrong are refused with an error: %s', async (query, code) => {
    const { url, operations } = await serveFeed({}, hello());
    const client = await connect(url);
    client.send(subscribeMessage('1', query));
    const answer = await client.next();
    expect(answer).toMatchObject({ id: '1', type: 'error', payload: [{ extensions: { code } }] });
    expect(JSON.stringify(answer)).not.toContain('"http"');
    expect(operations()).toMatchObject([{ codes: [code] }]);
  });

  it('mask what nobody expected, in every event', async () => {
    const feed = createFeed(() => {
      throw new Error('password=hunter2');
    });
    const { app, url } = await serveFeed({}, feed);
    const client = await connect(url);
    client.send(subscribeMessage('1', 'subscription { ticks { owner { name } } }'), subscribeMessage('2', '{ hello }'));
    await until(() => feed.open() === 1);
    feed.streams[0]?.push({ ownerId: 'o' });
    feed.streams[0]?.fail(new Error('password=hunter2'));
    const answers = [];
    for (let n = 0; n < 5; n += 1) answers.push(await client.next());
    expect(answers.filter(({ type }) => type === 'complete')).toHaveLength(2);
    expect(JSON.stringify(answers).match(/"code":"INTERNAL"/g)).toHaveLength(3);
    expect(JSON.stringify(answers)).not.toMatch(/hunter2|"http"/);
    expect(app.lines.filter(({ msg }) => msg === 'unknown error')).toHaveLength(3);
  });

  it('stay on the generation they began on, not on that of their connection', async () => {
    const { url, feed, generation, supply } = await serveFeed({ drainMs: 100 });
    const client = await connect(url);
    client.send(subscribeMessage('1', TICKS));
    await until(() => feed.open() === 1);
    const next = makeFeedGeneration('g2');
    supply.swap(next);
    client.send(subscribeMessage('2', TICKS));
    await until(() => next.feed.open() === 1);
    feed.streams[0]?.push({ id: 'old' });
    expect(await client.next()).toMatchObject({ id: '1', payload: { data: { ticks: { id: 'old' } } } });
    expect(await client.next()).toMatchObject({
      id: '1',
      type: 'next',
      payload: { errors: [{ extensions: { code: 'DRAINING' } }] },
    });
    expect(await client.next()).toEqual({ id: '1', type: 'complete' });
    await until(() => generation.disposals === 1);
    next.feed.streams[0]?.push({ id: 'new' });
    expect(await client.next()).toMatchObject({ id: '2', payload: { data: { ticks: { id: 'new' } } } });
  });

  it('have a deadline when they are queries', async () => {
    const feed = createFeed(() => new Promise(() => undefined));
    const { url } = await serveFeed({ deadline: { defaultMs: 20 } }, feed);
    const client = await connect(url);
    client.send(subscribeMessage('1', '{ hello }'));
    expect(await client.next()).toMatchObject({ payload: { errors: [{ extensions: { code: 'DEADLINE_EXCEEDED' } }] } });
  });
});
