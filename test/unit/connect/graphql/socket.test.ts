/** Subscriptions over WebSocket (graphql-transport-ws), over real connections. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import type { Connector } from '../../../../gateway/connect/connector.ts';
import type { GatewayError } from '../../../../gateway/errors.ts';
import { until } from '../../../kit/until.ts';
import { failureOf, publicText } from '../kit.ts';
import {
  COMPLETE,
  connectorOf,
  next,
  open,
  polite,
  readRest,
  readToFault,
  type SocketUpstream,
  say,
  startSocket,
  stopped,
} from './subscription-kit.ts';

const close: AsyncDisposable[] = [];

afterEach(async () => {
  vi.useRealTimers();
  for (const each of close.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

async function serve(
  answer: Parameters<typeof startSocket>[0],
  policy: Record<string, unknown> = {},
  more: Parameters<typeof connectorOf>[0] & { verify?: Parameters<typeof startSocket>[1] } = {},
): Promise<{ upstream: SocketUpstream; connector: Connector }> {
  const { verify, ...options } = more;
  const upstream = await startSocket(answer, verify);
  close.push(upstream);
  const connector = connectorOf(
    { endpoints: [upstream.url], ...options },
    { subscriptions: { protocol: 'graphql-ws' }, ...policy },
  );
  close.push(connector);
  return { upstream, connector };
}

const tick = (n: unknown) => next({ data: { ticks: { n } } });
const ONE = [{ n: 1 }];

describe('a subscription over WebSocket', () => {
  it('says what the protocol wants, gives the value of the field for each event, and answers pings', async () => {
    const { upstream, connector } = await serve(
      polite((socket) => {
        say(socket, { type: 'ping', payload: { a: 1 } }, { type: 'pong' });
        socket.send('{"id":"1","type":"next","payload":{"data":{"ticks":{"n":9007199254740993}}}}');
        say(socket, next({ data: { ticks: null } }), COMPLETE, tick('too late'));
      }),
    );
    expect(await readRest(open(connector))).toEqual([{ n: '9007199254740993' }, null]);
    await until(() => upstream.open() === 0);
    expect(upstream.sockets).toHaveLength(1);
    expect(upstream.sockets[0]?.url).toBe('/graphql');
    expect(upstream.sockets[0]?.said).toEqual([
      { type: 'connection_init', payload: {} },
      {
        id: '1',
        type: 'subscribe',
        payload: { query: 'subscription ($id: ID) { ticks(id: $id) { n } }', variables: { id: 'a' } },
      },
      { type: 'pong', payload: { a: 1 } },
    ]);
  });

  it('proves who asks in the upgrade and in connection_init, on a connection for each', async () => {
    const policy = { auth: { passThrough: true }, subscriptions: { protocol: 'graphql-ws', url: '/live' } };
    const { upstream, connector } = await serve(
      polite((socket) => say(socket, COMPLETE)),
      policy,
    );
    const bearers = ['Bearer one', 'Bearer two'];
    for (const authorization of bearers) {
      await readRest(open(connector, { headers: new Map([['authorization', authorization]]) }));
    }
    expect(upstream.sockets.map(({ headers }) => headers.authorization)).toEqual(bearers);
    expect(upstream.sockets.map(({ said }) => said[0]?.payload)).toEqual(
      bearers.map((authorization) => ({ authorization })),
    );
    expect(upstream.sockets.map(({ url }) => url)).toEqual(['/live', '/live']);
    expect(upstream.sockets[0]?.headers).toMatchObject({
      'sec-websocket-protocol': 'graphql-transport-ws',
      'x-request-id': 'request-1',
    });
    expect(upstream.sockets[0]?.headers).not.toHaveProperty('x-request-timeout-ms');
  });

  it('that the upstream ends with an error gives it as the last event, at its field', async () => {
    const { upstream, connector } = await serve(
      polite((socket) => say(socket, tick(1), { id: '1', type: 'error', payload: [{ message: 'secret-1' }] })),
    );
    const read = await readRest(open(connector));
    expect(read).toMatchObject([{ n: 1 }, { code: 'UPSTREAM_FAILED', source: 'shop' }]);
    expect(JSON.stringify(read[1])).not.toContain('secret');
    await until(() => upstream.open() === 0);
  });

  it('is completed at the upstream when its reader leaves, also while waiting, or its signal is aborted', async () => {
    const { upstream, connector } = await serve(polite((socket) => say(socket, tick(1))));
    const left = open(connector);
    await left.next();
    const waiting = left.next();
    await left.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });

    const controller = new AbortController();
    const aborted = open(connector, { signal: controller.signal });
    await aborted.next();
    const last = aborted.next();
    controller.abort();
    expect(await last).toEqual({ done: true, value: undefined });
    await until(() => upstream.open() === 0);
    expect(upstream.sockets.map(({ said }) => said.at(-1))).toEqual([COMPLETE, COMPLETE]);
  });
});

describe('a connection that breaks', () => {
  const thenSays = (...messages: (object | string)[]) =>
    polite((socket) => {
      say(socket, tick(1));
      for (const message of messages) socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    });
  const drop = (socket: WebSocket): void => {
    say(socket, tick(1));
    socket.terminate();
  };
  const closing = (code: number) => polite((socket) => socket.close(code, 'secret'));
  const first = (message: object) => (_said: object, socket: WebSocket) => say(socket, message);

  it.each<[string, Parameters<typeof startSocket>[0], unknown[], string]>([
    ['drops', polite(drop), ONE, 'UPSTREAM_UNREACHABLE'],
    ['is closed before the end', closing(1000), [], 'UPSTREAM_UNREACHABLE'],
    ['is closed by a proxy that leaves', closing(1001), [], 'UPSTREAM_UNREACHABLE'],
    ['is closed by an upstream that fails', closing(4500), [], 'UPSTREAM_FAILED'],
    ['is closed for who asks', closing(4403), [], 'UPSTREAM_REJECTED'],
    ['says garbage', thenSays('garbage'), ONE, 'UPSTREAM_BAD_PAYLOAD'],
    ['says what nobody knows', thenSays({ type: 'what' }), ONE, 'UPSTREAM_BAD_PAYLOAD'],
    ['says what only clients say', thenSays({ type: 'connection_init' }), ONE, 'UPSTREAM_BAD_PAYLOAD'],
    ['says it of another subscription', thenSays({ id: '2', type: 'complete' }), ONE, 'UPSTREAM_BAD_PAYLOAD'],
    ['acknowledges twice', thenSays({ type: 'connection_ack' }), ONE, 'UPSTREAM_BAD_PAYLOAD'],
    ['begins too early', first(tick(1)), [], 'UPSTREAM_BAD_PAYLOAD'],
    ['says it in bytes', polite((socket) => socket.send(Buffer.from('{}'))), [], 'UPSTREAM_BAD_PAYLOAD'],
    ['says too much', thenSays(tick('x'.repeat(1000))), ONE, 'UPSTREAM_BAD_PAYLOAD'],
  ])('%s: the events before it come, then the error', async (_title, answer, before, code) => {
    const { upstream, connector } = await serve(answer, {}, { maxBodyBytes: 1000 });
    const events = open(connector);
    const { read, error } = await readToFault(events);
    expect(error).toMatchObject({ code, source: 'shop' });
    expect(publicText(error)).not.toMatch(/secret|127\.0\.0\.1/);
    expect(read).toEqual(before);
    expect(await events.next()).toEqual({ done: true, value: undefined });
    await until(() => upstream.open() === 0);
  });

  it('is never acknowledged: that is as long as the source may take', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { upstream, connector } = await serve(() => undefined, { deadlineMs: 500 });
    const late = failureOf(readRest(open(connector)));
    await until(() => upstream.sockets[0]?.said.length === 1);
    vi.advanceTimersByTime(500);
    expect((await late).code).toBe('UPSTREAM_TIMEOUT');
    await until(() => upstream.open() === 0);
  });

  it.each([
    [401, 'UPSTREAM_REJECTED'],
    [404, 'UPSTREAM_REJECTED'],
    [429, 'UPSTREAM_RATE_LIMITED'],
    [503, 'UPSTREAM_FAILED'],
  ])('is refused with %i: %s', async (status, code) => {
    const { connector } = await serve(() => undefined, {}, { verify: () => status });
    const error = await failureOf(readRest(open(connector)));
    expect(error).toMatchObject({ code, source: 'shop', detail: { upstreamStatus: status } });
  });

  it('fails when nobody is there', async () => {
    const { connector } = await serve(() => undefined, {}, { endpoints: ['127.0.0.1:9'] });
    expect((await failureOf(readRest(open(connector)))).code).toBe('UPSTREAM_UNREACHABLE');
  });

  it('is noticed when the other side does not even answer pings', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { upstream, connector } = await serve(polite((socket) => say(socket, tick(1))));
    const events = open(connector);
    await events.next();
    let pings = 0;
    upstream.sockets[0]?.socket.on('ping', () => {
      pings += 1;
    });
    vi.advanceTimersByTime(12_000);
    await until(() => pings === 1);
    // What is said after the answer to a ping comes after it.
    for (const { socket } of upstream.sockets) say(socket, tick(2));
    expect((await events.next()).value).toEqual({ n: 2 });
    vi.advanceTimersByTime(12_000);
    await until(() => pings === 2);
    for (const { socket } of upstream.sockets) socket.pause();
    let error: GatewayError | undefined;
    void failureOf(events.next()).then((fault) => {
      error = fault;
    });
    await until(() => {
      vi.advanceTimersByTime(12_000);
      return error !== undefined;
    });
    expect(error?.code).toBe('UPSTREAM_UNREACHABLE');
    // Nobody pings any more.
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a slow reader', () => {
  it('holds up the upstream and misses nothing', async () => {
    const total = 2000;
    let upstreamSocket: WebSocket | undefined;
    const { connector } = await serve(
      polite((socket) => {
        upstreamSocket = socket;
        for (let n = 0; n < total; n += 1) say(socket, tick(`${n} ${'x'.repeat(10_000)}`));
        say(socket, COMPLETE);
      }),
    );
    const events = open(connector);
    await events.next();
    await stopped(() => upstreamSocket?.bufferedAmount ?? 0);
    // Most of the 20 MB have not left the upstream.
    expect(upstreamSocket?.bufferedAmount).toBeGreaterThan(5_000_000);
    const rest = await readRest(events);
    expect(rest.map((value) => Number.parseInt((value as { n: string }).n, 10))).toEqual(
      Array.from({ length: total - 1 }, (_, index) => index + 1),
    );
  });
});
