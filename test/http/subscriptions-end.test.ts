/** How subscriptions end: by their limits, by either side, by the gateway; and that nothing is left behind. */
import { afterEach, describe, expect, it } from 'vitest';
import { startApp } from '../kit/app.ts';
import { createFeed, makeFeedGeneration } from '../kit/feed.ts';
import { makeSupply } from '../kit/fixed-supply.ts';
import { listenersOf } from '../kit/listeners.ts';
import { readEvents } from '../kit/parts.ts';
import type { Asked } from '../kit/serve-feed.ts';
import { ask, closeFeeds, serveFeed } from '../kit/serve-feed.ts';
import { until } from '../kit/until.ts';

afterEach(closeFeeds);

describe('limits', () => {
  it('an event has the time of a request, its subscription goes on', async () => {
    const feed = createFeed(({ args, signal }) =>
      String(args['ids']) === 'slow'
        ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
        : [{ id: 'quick', name: 'Ann' }],
    );
    const { url } = await serveFeed({ deadline: { defaultMs: 30 } }, feed);
    const { parts } = await ask(url, 'subscription { ticks { id owner { name } } }');
    await until(() => feed.streams.length === 1);
    feed.streams[0]?.push({ id: '1', ownerId: 'slow' }, { id: '2', ownerId: 'quick' });
    feed.streams[0]?.end();
    expect(await parts.rest()).toMatchObject([
      { data: { ticks: { id: '1', owner: null } }, errors: [{ extensions: { code: 'DEADLINE_EXCEEDED' } }] },
      { data: { ticks: { id: '2', owner: { name: 'Ann' } } } },
    ]);
  });

  it('an event whose execution never ends is given up', async () => {
    const feed = createFeed(() => new Promise(() => undefined));
    const { url } = await serveFeed({ deadline: { defaultMs: 20 } }, feed);
    const { parts } = await ask(url, 'subscription { ticks { owner { name } } }');
    await until(() => feed.streams.length === 1);
    feed.streams[0]?.push({ ownerId: 'o' });
    feed.streams[0]?.end();
    expect(await parts.rest()).toMatchObject([{ data: null, errors: [{ extensions: { code: 'DEADLINE_EXCEEDED' } }] }]);
  });

  it('subscriptions.maxLifetimeMs ends it with a coded event', async () => {
    const { url, feed } = await serveFeed({ subscriptions: { maxLifetimeMs: 20 } });
    const { parts } = await ask(url, 'subscription { ticks { id } }');
    expect(await parts.rest()).toMatchObject([{ errors: [{ extensions: { code: 'DEADLINE_EXCEEDED' } }] }]);
    expect(feed.open()).toBe(0);
  });

  it('subscriptions.max refuses the next one until another ends', async () => {
    const { url, feed } = await serveFeed({ subscriptions: { max: 1 } });
    const first = await ask(url, 'subscription { ticks { id } }');
    await until(() => feed.open() === 1);
    const refused = await ask(url, 'subscription { ticks { id } }');
    expect(refused.response.status).toBe(429);
    expect(refused.response.headers.get('retry-after')).toBe('5');
    expect(await refused.parts.rest()).toMatchObject([{ errors: [{ extensions: { code: 'RATE_LIMITED' } }] }]);
    expect(feed.open()).toBe(1);
    first.controller.abort();
    await until(() => feed.open() === 0);
    const again = await ask(url, 'subscription { ticks { id } }');
    expect(again.response.status).toBe(200);
    await until(() => feed.open() === 1);
    again.controller.abort();
    await until(() => feed.open() === 0);
  });
});

describe('the end', () => {
  it('a client that leaves cancels the upstream, at whatever moment, and nothing is left', async () => {
    const hanging = new Set<() => void>();
    const feed = createFeed(() => new Promise((resolve) => hanging.add(() => resolve([]))));
    const { app, url, generation, hasMetric } = await serveFeed({}, feed);
    const query = 'subscription { ticks { id owner { name } } }';
    const moments: ((listening: Asked, index: number) => Promise<void>)[] = [
      // Before any event.
      async (_, index) => until(() => feed.streams.length === index + 1),
      // After one.
      async ({ parts }, index) => {
        await until(() => feed.streams.length === index + 1);
        feed.streams[index]?.push({ id: '1' });
        await parts.take(1);
      },
      // While one is executed.
      async (_, index) => {
        await until(() => feed.streams.length === index + 1);
        feed.streams[index]?.push({ id: '1', ownerId: 'o' });
        await until(() => hanging.size > 0);
        hanging.clear();
      },
      // While more waits than anybody reads.
      async ({ parts }, index) => {
        await until(() => feed.streams.length === index + 1);
        feed.streams[index]?.push(...Array.from({ length: 200 }, () => ({ id: 'x'.repeat(50_000) })));
        await parts.take(1);
      },
    ];
    const rounds = 3;
    for (let round = 0; round < rounds; round += 1) {
      for (const [at, moment] of moments.entries()) {
        const listening = await ask(url, query);
        await moment(listening, round * moments.length + at);
        listening.controller.abort();
        await until(() => feed.open() === 0);
      }
    }
    expect(feed.streams).toHaveLength(rounds * moments.length);
    expect(feed.listeners()).toBe(0);
    const endings = generation.contexts.flatMap(({ signal, gone }) => [signal, gone]);
    expect(endings.length).toBeGreaterThan(10);
    expect(endings.map(listenersOf).filter((count) => count !== 0)).toEqual([]);
    await until(() => app.lines.filter(({ msg }) => msg === 'operation').length === feed.streams.length);
    await until(() => hasMetric('tributary_streams_open 0'));
    expect(await hasMetric('tributary_operations_in_flight 0')).toBe(true);
    expect(await hasMetric(`tributary_operations_total{kind="subscription",outcome="ok"} ${feed.streams.length}`)).toBe(
      true,
    );
  });

  it('an answer that nobody ever reads ends when who asked for it gives up', async () => {
    const { app, feed, operations } = await serveFeed();
    const controller = new AbortController();
    await app.fetch(
      new Request('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ query: 'subscription { ticks { id } }' }),
        signal: controller.signal,
      }),
    );
    await until(() => feed.open() === 1);
    controller.abort();
    await until(() => feed.open() === 0 && operations().length === 1);
    expect(feed.listeners()).toBe(0);
  });

  it('of the gateway comes with a last word, and does not wait for drainMs', async () => {
    const { app, url, feed } = await serveFeed({ drainMs: 60_000 });
    const { parts } = await ask(url, 'subscription { ticks { id } }');
    await until(() => feed.open() === 1);
    const stopped = app[Symbol.asyncDispose]();
    expect(await parts.rest()).toMatchObject([{ errors: [{ extensions: { code: 'DRAINING', retryable: true } }] }]);
    await stopped;
    expect(feed.open()).toBe(0);
    expect(app.lines.at(-1)).toMatchObject({ msg: 'gateway stopped', abandoned: 0 });
  });

  it('of a process that another replaces comes with a last word at once', async () => {
    const { app, url, feed } = await serveFeed({ drainMs: 200 });
    const { parts } = await ask(url, 'subscription { ticks { id } }');
    await until(() => feed.open() === 1);
    const left = app.leave();
    expect(app.readiness().ready).toBe(false);
    expect(await parts.rest()).toMatchObject([{ errors: [{ extensions: { code: 'DRAINING', retryable: true } }] }]);
    await left;
    expect(feed.open()).toBe(0);
    expect(app.lines.at(-1)).toMatchObject({ msg: 'gateway stopped', reason: 'replaced', abandoned: 0 });
  });

  it('of a generation lets subscriptions go on for drainMs, then tells them to begin again', async () => {
    const { app, url, feed, generation, supply } = await serveFeed({ drainMs: 100 });
    const { parts } = await ask(url, 'subscription { ticks { id } }');
    await until(() => feed.open() === 1);
    const next = makeFeedGeneration('g2');
    supply.swap(next);
    feed.streams[0]?.push({ id: 'still' });
    expect(await parts.take(1)).toEqual([{ data: { ticks: { id: 'still' } } }]);
    expect(generation.disposals).toBe(0);
    const fresh = await ask(url, 'subscription { ticks { id } }');
    await until(() => next.feed.open() === 1);
    expect(await parts.rest()).toMatchObject([{ errors: [{ extensions: { code: 'DRAINING' } }] }]);
    await until(() => generation.disposals === 1);
    expect([feed.open(), next.feed.open(), next.disposals]).toEqual([0, 1, 0]);
    fresh.controller.abort();
    await until(() => next.feed.open() === 0);
    expect(app.readiness()).toMatchObject({ generation: 'g2' });
  });

  it('holds the generation also where nobody listens on a port', async () => {
    const generation = makeFeedGeneration('g1');
    const supply = makeSupply(generation);
    await using app = startApp(supply, { drainMs: 5000 });
    const response = await app.fetch(
      new Request('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ query: 'subscription { ticks { id } }' }),
      }),
    );
    const parts = readEvents(response);
    const all = parts.rest();
    await until(() => generation.feed.open() === 1);
    supply.swap(makeFeedGeneration('g2'));
    generation.feed.streams[0]?.push({ id: '1' });
    generation.feed.streams[0]?.end();
    expect(await all).toEqual([{ data: { ticks: { id: '1' } } }]);
    await until(() => generation.disposals === 1);
  });
});
