/** Events of subscriptions are charged what they take; with nothing left the stream ends. */
import { afterEach, describe, expect, it } from 'vitest';
import { createFeed } from '../kit/feed.ts';
import { ask, closeFeeds, serveFeed } from '../kit/serve-feed.ts';
import type { Message } from '../kit/socket.ts';
import { connect, subscribeMessage } from '../kit/socket.ts';
import { until } from '../kit/until.ts';

afterEach(closeFeeds);

const limits = (rule: Record<string, unknown>) => ({
  rateLimits: [{ name: 'events', by: [], windowMs: 86_400_000, cost: 'calls', ...rule }],
});
const owners = () => createFeed(({ args }) => (args['ids'] as string[]).map((id) => ({ id, name: id })));
const tick = (id: number) => ({ id: String(id), price: 1, ownerId: `o${id}` });
const WITH_OWNER = 'subscription { ticks { id owner { name } } }';

const refusal = {
  message: expect.stringContaining('The limit "events" is reached: try again in '),
  extensions: { code: 'RATE_LIMITED', retryable: true, rule: 'events', retryAfterMs: expect.any(Number) },
};

describe('an event', () => {
  it('takes the calls it made: the stream ends with the rule when they are spent', async () => {
    const { url, feed } = await serveFeed(limits({ points: 4 }), owners());
    const { parts } = await ask(url, WITH_OWNER);
    await until(() => feed.streams.length === 1);
    feed.streams[0]?.push(...[1, 2, 3, 4, 5, 6, 7].map(tick));
    const all = await parts.rest();
    const told = all.filter((part) => (part as { data?: unknown }).data);
    expect(all.at(-1)).toEqual({ errors: [refusal] });
    expect([told.length, feed.calls.length]).toEqual([all.length - 1, all.length - 1]);
    // One of the four was taken beforehand, as the price of an operation is.
    expect(told.length).toBe(3);
    await until(() => feed.open() === 0);
  });

  it('takes none where it made none', async () => {
    const { url, feed } = await serveFeed(limits({ points: 2 }), owners());
    const { parts } = await ask(url, 'subscription { ticks { id } }');
    await until(() => feed.streams.length === 1);
    feed.streams[0]?.push(...[1, 2, 3, 4, 5, 6, 7, 8, 9].map(tick));
    feed.streams[0]?.end();
    expect(await parts.rest()).toHaveLength(9);
  });

  it('takes its price by what came', async () => {
    const { url, feed } = await serveFeed(limits({ points: 100, cost: 'price' }), owners());
    const { parts } = await ask(url, WITH_OWNER);
    await until(() => feed.streams.length === 1);
    feed.streams[0]?.push(...Array.from({ length: 30 }, (_, index) => tick(index)));
    const all = await parts.rest();
    expect(all.at(-1)).toEqual({ errors: [refusal] });
    expect(all.length).toBeGreaterThan(3);
    expect(all.length).toBeLessThan(12);
  });

  it('takes nothing from rules that count requests, nor is it refused by a shadow', async () => {
    const { rateLimits: requests } = limits({ points: 1, cost: 'requests' });
    const { rateLimits: shadow } = limits({ name: 'shadow', points: 3, shadow: true });
    const { url, feed, hasMetric } = await serveFeed({ rateLimits: [...requests, ...shadow] }, owners());
    const { parts } = await ask(url, WITH_OWNER);
    await until(() => feed.streams.length === 1);
    feed.streams[0]?.push(...[1, 2, 3, 4, 5].map(tick));
    feed.streams[0]?.end();
    expect(await parts.rest()).toHaveLength(5);
    await until(() => hasMetric('tributary_limit_refusals_total{rule="shadow",shadow="true"} 3'));
  });

  it('is charged over WebSocket, too, and spends what operations have', async () => {
    const { app, url, feed } = await serveFeed(limits({ points: 4 }), owners());
    const client = await connect(url);
    client.send(subscribeMessage('1', WITH_OWNER));
    await until(() => feed.streams.length === 1);
    feed.streams[0]?.push(...[1, 2, 3, 4].map(tick));
    const got: Message[] = [];
    while (got.at(-1)?.type !== 'complete') got.push(await client.next());
    expect(got.map(({ type }) => type)).toEqual(['next', 'next', 'next', 'next', 'complete']);
    expect(got[3]?.payload).toEqual({ errors: [refusal] });
    client.socket.close();
    expect((await app.query('{ owners(ids: ["a"]) { id } }')).status).toBe(429);
  });
});
