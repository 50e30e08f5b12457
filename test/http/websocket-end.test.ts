/** Limits of WebSocket connections, and how connections and their operations end. */
import { afterEach, describe, expect, it } from 'vitest';
import { createFeed } from '../kit/feed.ts';
import { listenersOf } from '../kit/listeners.ts';
import { closeFeeds, serveFeed } from '../kit/serve-feed.ts';
import { connect, subscribeMessage } from '../kit/socket.ts';
import { until } from '../kit/until.ts';

afterEach(closeFeeds);

const TICKS = 'subscription { ticks { id } }';
const hello = () => createFeed(({ args }) => `hello ${args['wait'] ?? ''}`);

describe('limits', () => {
  it('operationsPerConnection refuses one more, and takes it when another has ended', async () => {
    const { url, feed } = await serveFeed({ websocket: { operationsPerConnection: 1 } });
    const client = await connect(url);
    client.send(subscribeMessage('1', TICKS), subscribeMessage('2', TICKS));
    expect(await client.next()).toMatchObject({
      id: '2',
      type: 'error',
      payload: [{ extensions: { code: 'RATE_LIMITED' } }],
    });
    expect(feed.open()).toBe(1);
    feed.streams[0]?.end();
    expect(await client.next()).toEqual({ id: '1', type: 'complete' });
    client.send(subscribeMessage('3', '{ hello }'));
    expect(await client.next()).toMatchObject({ id: '3', type: 'next' });
  });

  it('subscriptions.max holds over all connections', async () => {
    const { url, feed } = await serveFeed({ subscriptions: { max: 1 } });
    const [one, two] = [await connect(url), await connect(url)];
    one.send(subscribeMessage('1', TICKS));
    await until(() => feed.open() === 1);
    two.send(subscribeMessage('1', TICKS));
    expect(await two.next()).toMatchObject({ payload: { errors: [{ extensions: { code: 'RATE_LIMITED' } }] } });
    expect(feed.open()).toBe(1);
  });

  it('a client that answers no ping is cut off', async () => {
    const { url, feed } = await serveFeed({ websocket: { pingMs: 30 } });
    const client = await connect(url, { autoPong: false });
    client.send(subscribeMessage('1', TICKS));
    expect((await client.closed).code).toBe(1006);
    await until(() => feed.open() === 0);
  });

  it('a client that answers pings stays', async () => {
    const { url } = await serveFeed({ websocket: { pingMs: 300 } });
    const client = await connect(url);
    let pings = 0;
    client.socket.on('ping', () => (pings += 1));
    await until(() => pings >= 4);
    client.send({ type: 'ping', payload: { n: 1 } });
    expect(await client.next()).toEqual({ type: 'pong', payload: { n: 1 } });
  });

  it('a client that reads slowly is waited for, not buffered for', async () => {
    const { url, feed } = await serveFeed({}, hello());
    const client = await connect(url);
    client.send(subscribeMessage('1', TICKS));
    await until(() => feed.open() === 1);
    client.socket.pause();
    feed.streams[0]?.push(...Array.from({ length: 500 }, (_, index) => ({ id: `${index} ${'x'.repeat(100_000)}` })));
    let before = -1;
    await until(async () => {
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      const still = before === feed.streams[0]?.taken;
      before = feed.streams[0]?.taken ?? 0;
      return still;
    });
    expect(before).toBeLessThan(250);
    client.socket.terminate();
    await until(() => feed.open() === 0);
  });

  it('a client that asks and never reads is read no more, until it does', async () => {
    const { url } = await serveFeed({}, hello());
    const client = await connect(url);
    client.socket.pause();
    const count = 100;
    const payload = { text: 'x'.repeat(1_000_000) };
    for (let n = 0; n < count; n += 1) client.send({ type: 'ping', payload });
    let before = -1;
    await until(async () => {
      for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      const still = before === client.socket.bufferedAmount;
      before = client.socket.bufferedAmount;
      return still;
    });
    // What the gateway did not take.
    expect(before).toBeGreaterThan(50_000_000);
    client.socket.resume();
    for (let n = 0; n < count; n += 1) expect((await client.next()).type).toBe('pong');
  });
});

describe('the end', () => {
  it('a client that completes or leaves cancels upstreams at whatever moment, and nothing is left', async () => {
    const hanging: (() => void)[] = [];
    const feed = createFeed(() => new Promise((resolve) => hanging.push(() => resolve([]))));
    const { url, generation, operations, hasMetric } = await serveFeed({}, feed);
    const query = 'subscription { ticks { id owner { name } } }';
    const moments: (() => Promise<void>)[] = [
      async () => undefined,
      async () => until(() => feed.open() === 1),
      async () => {
        await until(() => feed.open() === 1);
        feed.streams.at(-1)?.push({ id: '1', ownerId: 'o' });
        await until(() => hanging.length > 0);
        hanging.length = 0;
      },
    ];
    let sent = 0;
    for (const how of ['complete', 'close', 'terminate'] as const) {
      for (const moment of moments) {
        const client = await connect(url);
        client.send(subscribeMessage('1', query));
        sent += 1;
        await moment();
        if (how === 'complete') {
          client.send({ id: '1', type: 'complete' });
          // The id is free again at once, and the connection serves on.
          client.send(subscribeMessage('1', '{ __typename }'));
          sent += 1;
          expect(await client.next()).toEqual({ id: '1', type: 'next', payload: { data: { __typename: 'Query' } } });
          expect(await client.next()).toEqual({ id: '1', type: 'complete' });
        }
        if (how === 'terminate') client.socket.terminate();
        else client.socket.close();
        await client.closed;
        await until(async () => feed.open() === 0 && (await hasMetric('tributary_websocket_connections 0')));
      }
    }
    await until(() => hasMetric('tributary_operations_in_flight 0'));
    expect(feed.listeners()).toBe(0);
    const endings = generation.contexts.flatMap(({ signal, gone }) => [signal, gone]);
    expect(endings.length).toBeGreaterThan(10);
    expect(endings.map(listenersOf).filter((count) => count !== 0)).toEqual([]);
    expect(await hasMetric('tributary_streams_open 0')).toBe(true);
    // An operation whose client was gone before its message arrived never began.
    expect(operations().length).toBeLessThanOrEqual(sent);
    expect(operations().length).toBeGreaterThanOrEqual(sent - 2);
  });

  it('of the gateway: subscriptions get a last word, queries end, then 1001', async () => {
    const waiting: ((answer: unknown) => void)[] = [];
    const feed = createFeed(() => new Promise((resolve) => waiting.push(resolve)));
    const { app, url } = await serveFeed({ drainMs: 60_000 }, feed);
    const client = await connect(url);
    const idle = await connect(url);
    client.send(subscribeMessage('s', TICKS), subscribeMessage('q', '{ hello }'));
    await until(() => feed.open() === 1 && waiting.length === 1);
    const stopped = app[Symbol.asyncDispose]();
    await expect(connect(url)).rejects.toThrow(/503|ECONNREFUSED/);
    expect(await client.next()).toMatchObject({ id: 's', payload: { errors: [{ extensions: { code: 'DRAINING' } }] } });
    expect(await client.next()).toEqual({ id: 's', type: 'complete' });
    expect((await idle.closed).code).toBe(1001);
    client.send(subscribeMessage('late', '{ hello }'));
    expect(await client.next()).toMatchObject({
      id: 'late',
      type: 'error',
      payload: [{ extensions: { code: 'DRAINING' } }],
    });
    waiting[0]?.('done');
    expect(await client.next()).toEqual({ id: 'q', type: 'next', payload: { data: { hello: 'done' } } });
    expect(await client.next()).toEqual({ id: 'q', type: 'complete' });
    expect((await client.closed).code).toBe(1001);
    await stopped;
    expect(app.lines.at(-1)).toMatchObject({ msg: 'gateway stopped', abandoned: 0 });
  });

  it('cuts off what outlives drainMs, also a client that does not say goodbye', async () => {
    const feed = createFeed(() => new Promise(() => undefined));
    const { app, url } = await serveFeed({ drainMs: 350 }, feed);
    const client = await connect(url);
    client.send(subscribeMessage('q', '{ hello }'));
    await until(() => feed.calls.length === 1);
    client.socket.pause();
    await app[Symbol.asyncDispose]();
    expect(app.lines.at(-1)).toMatchObject({ msg: 'gateway stopped', abandoned: 1 });
  });
});
