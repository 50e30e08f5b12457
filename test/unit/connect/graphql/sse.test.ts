/** Subscriptions over server-sent events, over real connections. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Connector } from '../../../../gateway/connect/connector.ts';
import { GatewayError } from '../../../../gateway/errors.ts';
import { until } from '../../../kit/until.ts';
import { failureOf, publicText } from '../kit.ts';
import {
  begin,
  connectorOf,
  eventOf,
  open,
  readRest,
  readToFault,
  type SseUpstream,
  startSse,
  stopped,
  text,
} from './subscription-kit.ts';

let upstream: SseUpstream;
let connector: Connector;
let answer: Parameters<typeof startSse>[0];

beforeEach(async () => {
  upstream = await startSse((...args) => answer(...args));
  connector = connectorOf({ endpoints: [upstream.url] });
});

afterEach(async () => {
  vi.useRealTimers();
  await connector[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const tick = (n: unknown) => ({ data: { ticks: { n } } });

describe('a subscription over server-sent events', () => {
  it('is asked for in the upstream’s names, and gives the value of the field for each event, numbers exact', async () => {
    answer = text(
      ': hello\n\n',
      eventOf('{"data":{"ticks":{"n":9007199254740993}}}'),
      ':\n\n',
      eventOf(tick(null), 'message'),
      eventOf({ data: { ticks: null } }),
      eventOf('', 'complete'),
      eventOf(tick('too late')),
    );
    expect(await readRest(open(connector))).toEqual([{ n: '9007199254740993' }, { n: null }, null]);
    const [asked] = upstream.asked;
    expect(JSON.parse(asked?.body ?? '')).toEqual({
      query: 'subscription ($id: ID) { ticks(id: $id) { n } }',
      variables: { id: 'a' },
    });
    expect(asked).toMatchObject({ method: 'POST', url: '/graphql' });
    expect(asked?.headers).toMatchObject({ accept: 'text/event-stream', 'content-type': 'application/json' });
    expect(asked?.headers).not.toHaveProperty('x-request-timeout-ms');
  });

  it('sends the credentials and forwarded headers of its own client', async () => {
    const apiKey = { in: 'query', name: 'key', value: 'k1' };
    await using other = connectorOf(
      { endpoints: [`${upstream.url}?v=1`] },
      { auth: { apiKey }, headers: { set: { 'x-set': 'yes' } } },
    );
    answer = text(eventOf('', 'complete'));
    await readRest(open(other));
    expect(upstream.asked).toMatchObject([{ url: '/graphql?v=1&key=k1', headers: { 'x-set': 'yes' } }]);
  });

  it('is opened where the policy says', async () => {
    await using other = connectorOf({ endpoints: [upstream.url] }, { subscriptions: { url: '/events?a=1' } });
    answer = text(eventOf('', 'complete'));
    await readRest(open(other));
    expect(upstream.asked).toMatchObject([{ url: '/events?a=1' }]);
  });

  it('goes on after an event that failed; errors stand in their places', async () => {
    answer = text(
      eventOf({ data: { ticks: null }, errors: [{ message: 'secret-1', path: ['ticks'] }] }),
      eventOf({ data: { ticks: { n: null } }, errors: [{ message: 'secret-2', path: ['ticks', 'n'] }] }),
      eventOf({}),
      eventOf('[]'),
      eventOf(tick(4)),
      eventOf('', 'complete'),
    );
    const [first, second, ...others] = await readRest(open(connector));
    expect(first).toMatchObject({ code: 'UPSTREAM_FAILED', source: 'shop' });
    expect((second as { n: unknown }).n).toMatchObject({ code: 'UPSTREAM_FAILED', source: 'shop' });
    expect(others).toMatchObject([{ code: 'UPSTREAM_BAD_PAYLOAD' }, { code: 'UPSTREAM_BAD_PAYLOAD' }, { n: 4 }]);
    if (!(first instanceof GatewayError)) throw new Error('no error');
    expect(publicText(first)).not.toMatch(/secret|127\.0\.0\.1/);
    expect(JSON.stringify((first.cause as Error).cause)).toContain('secret-1');
  });

  it.each<[number, string, string, string]>([
    [200, 'application/json', '{"errors":[{"message":"no"}]}', 'UPSTREAM_FAILED'],
    [200, 'text/html', '<html>', 'UPSTREAM_BAD_PAYLOAD'],
    [302, 'text/html', '', 'UPSTREAM_REJECTED'],
    [400, 'application/json', '{"errors":[{"message":"no"}]}', 'UPSTREAM_REJECTED'],
    [401, 'text/event-stream', '', 'UPSTREAM_REJECTED'],
    [429, 'text/plain', 'slow down', 'UPSTREAM_RATE_LIMITED'],
    [503, 'text/plain', 'down', 'UPSTREAM_FAILED'],
  ])('answered by %i %s %j fails with %s', async (status, type, body, code) => {
    answer = (response) =>
      void response.writeHead(status, { 'content-type': type, location: `${upstream.url}/elsewhere` }).end(body);
    const error = await failureOf(readRest(open(connector)));
    expect(error).toMatchObject({ code, source: 'shop' });
    expect(publicText(error)).not.toContain('127.0.0.1');
    expect(upstream.asked).toHaveLength(1);
  });

  it('answered by one result is one event', async () => {
    answer = (response) => void response.setHeader('content-type', 'application/json').end(JSON.stringify(tick(1)));
    expect(await readRest(open(connector))).toEqual([{ n: 1 }]);
  });
});

describe('a stream of events that breaks', () => {
  it.each<[string, typeof answer, unknown[], string]>([
    ['ends without complete', text(eventOf(tick(1))), [{ n: 1 }], 'UPSTREAM_UNREACHABLE'],
    ['holds what is not JSON', text(eventOf(tick(1)), eventOf('{"data":')), [{ n: 1 }], 'UPSTREAM_BAD_PAYLOAD'],
    ['holds too much', text(eventOf(tick(1)), eventOf(tick('x'.repeat(1000)))), [{ n: 1 }], 'UPSTREAM_BAD_PAYLOAD'],
    [
      'is in a coding',
      (response) =>
        void response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' }).end(),
      [],
      'UPSTREAM_BAD_PAYLOAD',
    ],
    ['is no HTTP', (response) => void response.socket?.end('what?\r\n\r\n'), [], 'UPSTREAM_BAD_PAYLOAD'],
    [
      'is refused with a page too large',
      (response) => void response.writeHead(500).end('x'.repeat(2000)),
      [],
      'UPSTREAM_BAD_PAYLOAD',
    ],
  ])('%s: the events before it come, then the error', async (_title, how, before, code) => {
    answer = how;
    await using small = connectorOf({ endpoints: [upstream.url], maxBodyBytes: 1000 });
    const events = open(small);
    const { read, error } = await readToFault(events);
    expect(error).toMatchObject({ code, source: 'shop' });
    expect(publicText(error)).not.toContain('127.0.0.1');
    expect(read).toEqual(before);
    expect(await events.next()).toEqual({ done: true, value: undefined });
    await until(() => upstream.open.size === 0);
  });

  it('by dropping fails, and so does one that nobody serves', async () => {
    answer = (response) => {
      begin(response);
      response.write(eventOf(tick(1)));
    };
    const events = open(connector);
    expect(await events.next()).toEqual({ done: false, value: { n: 1 } });
    for (const response of upstream.open) response.destroy();
    expect((await failureOf(readRest(events))).code).toBe('UPSTREAM_UNREACHABLE');
    await using nobody = connectorOf({ endpoints: ['http://127.0.0.1:9/graphql'] });
    expect((await failureOf(readRest(open(nobody)))).code).toBe('UPSTREAM_UNREACHABLE');
  });

  it('has to be there in the time of the source, and may be silent as long as it likes from then on', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using hasty = connectorOf({ endpoints: [upstream.url] }, { deadlineMs: 500 });
    answer = () => undefined;
    const late = failureOf(readRest(open(hasty)));
    await until(() => upstream.asked.length === 1);
    vi.advanceTimersByTime(500);
    expect((await late).code).toBe('UPSTREAM_TIMEOUT');
    await until(() => upstream.open.size === 0);

    answer = (response) => {
      begin(response);
      response.write(eventOf(tick(1)));
    };
    const events = open(hasty);
    await events.next();
    vi.advanceTimersByTime(3_600_000);
    for (const response of upstream.open) response.end(eventOf(tick(2)) + eventOf('', 'complete'));
    expect(await readRest(events)).toEqual([{ n: 2 }]);
  });
});

describe('who reads', () => {
  it('ends the upstream’s side by leaving, also while waiting, or by the signal of the call, without an error', async () => {
    answer = (response) => {
      begin(response);
      response.write(eventOf(tick(1)));
    };
    const left = open(connector);
    await left.next();
    const waiting = left.next();
    await until(() => upstream.open.size === 1);
    await left.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await until(() => upstream.open.size === 0);

    const controller = new AbortController();
    const aborted = open(connector, { signal: controller.signal });
    await aborted.next();
    const last = aborted.next();
    controller.abort();
    expect(await last).toEqual({ done: true, value: undefined });
    await until(() => upstream.open.size === 0);

    const unread = open(connector, { signal: controller.signal });
    expect(await unread.next()).toEqual({ done: true, value: undefined });
    expect(upstream.asked).toHaveLength(2);
  });

  it('and is gone when the connector is: every subscription ends with an error', async () => {
    answer = begin;
    const reading = failureOf(readRest(open(connector)));
    await until(() => upstream.open.size === 1);
    await connector[Symbol.asyncDispose]();
    expect((await reading).code).toBe('SOURCE_UNAVAILABLE');
    await until(() => upstream.open.size === 0);
  });

  it('sets the pace: an upstream that sends without end is stopped until there is room', async () => {
    let sent = 0;
    let isFull = false;
    const most = 20_000;
    answer = (response) => {
      begin(response);
      const write = (): void => {
        while (sent < most && !isFull) {
          sent += 1;
          isFull = !response.write(eventOf(tick('x'.repeat(10_000))));
        }
      };
      response.on('drain', () => {
        isFull = false;
        write();
      });
      write();
    };
    const events = open(connector);
    await events.next();
    await stopped(() => sent);
    const stoppedAt = sent;
    expect(stoppedAt).toBeLessThan(most);
    for (let n = 0; n < stoppedAt + 10; n += 1) expect((await events.next()).done).toBe(false);
    expect(sent).toBeGreaterThan(stoppedAt);
    await events.return?.();
  });
});
