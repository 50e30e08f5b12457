/** The rules of a WebSocket connection by themselves: who is let in, and what becomes of one whose proof is bad. */
import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { gatewaySchema } from '../../gateway/config/schema.ts';
import type { ConnectionSlots } from '../../gateway/context.ts';
import { GatewayError } from '../../gateway/errors.ts';
import { takes } from '../../gateway/http/accept.ts';
import { openListener } from '../../gateway/http/listener.ts';
import { createSockets } from '../../gateway/http/sockets.ts';
import { refuseUpgrade, writeRefusal } from '../../gateway/http/upgrade.ts';
import { createEvents } from '../../gateway/observe/events.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { createMetrics } from '../../gateway/observe/metrics.ts';
import { connect, subscribeMessage } from '../kit/socket.ts';

const close: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const each of close.splice(0)) await each();
});

async function listen(identify: () => ConnectionSlots['principal']) {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const log = createLog({ level: 'error', pretty: 'off', destination });
  const sockets = createSockets({
    config: gatewaySchema.parse({}),
    events: createEvents({ log, metrics: createMetrics() }),
    identify,
    identifyQuietly: identify,
    operate: () => {
      throw new Error('password=hunter2');
    },
    now: Date.now,
    randomId: () => 'connection-1',
  });
  const handle = () => undefined;
  const listener = await openListener({ host: '127.0.0.1', port: 0, handle, upgrade: sockets.upgrade });
  close.push(() => Promise.all([sockets.drain(100), listener.drain(100, () => undefined, 'stop')]));
  return { url: `${listener.url}/graphql`, lines };
}

describe('connection_init', () => {
  it.each([
    [new GatewayError('UNAUTHENTICATED', { cause: 'expired' }), 4401, 'UNAUTHENTICATED'],
    [new GatewayError('FORBIDDEN'), 4403, 'FORBIDDEN'],
    [new Error('password=hunter2'), 4500, 'INTERNAL'],
  ])('closes the connection of a bad proof: %s', async (error, code, reason) => {
    const { url, lines } = await listen(() => {
      throw error;
    });
    const client = await connect(url, { handshake: false });
    client.send({ type: 'connection_init' });
    expect(await client.closed).toEqual({ code, reason });
    const told = lines.map(({ requestId, err }) => [requestId, (err as Error).message]);
    expect(told).toEqual(code === 4500 ? [['connection-1', 'password=hunter2']] : []);
  });

  it('is followed by operations; a fault outside of any closes with 4500 and tells nothing', async () => {
    const { url, lines } = await listen(() => ({ kind: 'anonymous', id: 'anonymous', roles: [], scopes: [] }));
    const client = await connect(url);
    client.send(subscribeMessage('1', '{ a }'));
    expect(await client.closed).toEqual({ code: 4500, reason: 'INTERNAL' });
    expect(lines).toHaveLength(1);
  });
});

describe('an upgrade', () => {
  const ask = (headers: IncomingMessage['headers'], url = '/graphql', room: number | undefined = 1) =>
    refuseUpgrade(
      {
        url,
        headers: {
          upgrade: 'websocket',
          host: 'shop.test',
          'sec-websocket-protocol': 'graphql-transport-ws',
          ...headers,
        },
      },
      { origins: ['https://app.test:8443'], room },
    )?.status;

  it.each([
    [{}, undefined],
    [{ origin: 'https://shop.test' }, undefined],
    [{ origin: 'HTTPS://Shop.test' }, undefined],
    [{ host: 'shop.test:4000', origin: 'http://shop.test:4000' }, undefined],
    [{ origin: 'https://app.test:8443' }, undefined],
    [{ origin: 'https://app.test' }, 403],
    [{ origin: 'https://shop.test.evil.test' }, 403],
    [{ origin: 'https://shop.test@evil.test' }, 403],
    [{ origin: 'https://shop.test/path' }, 403],
    [{ origin: 'http://shop.test:81' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: '' }, 403],
    [{ host: undefined, origin: 'https://shop.test' }, 403],
    [{ host: undefined, origin: 'file://' }, 403],
    [{ 'sec-websocket-protocol': 'graphql-ws, graphql-transport-ws' }, undefined],
    [{ 'sec-websocket-protocol': 'graphql-ws' }, 400],
    [{ 'sec-websocket-protocol': undefined }, 400],
    [{ upgrade: 'WebSocket' }, undefined],
    [{ upgrade: 'h2c' }, 400],
  ])('with %j', (headers, status) => {
    expect(ask(headers as IncomingMessage['headers'])).toBe(status);
  });

  it.each([
    ['/graphql/', 1, undefined],
    ['/graphql?x=1', 1, undefined],
    ['/', 1, 404],
    ['/graphql2', 1, 404],
    ['/graphql', 0, 503],
    ['/graphql', undefined, 503],
  ])('of %s with room for %s', (url, room, status) => {
    expect(refuseUpgradeAt(url, room)).toBe(status);
  });

  // Apart, since a default would stand in for undefined.
  const refuseUpgradeAt = (url: string, room: number | undefined) =>
    refuseUpgrade(
      { url, headers: { upgrade: 'websocket', 'sec-websocket-protocol': 'graphql-transport-ws' } },
      { origins: [], room },
    )?.status;

  it('is refused in HTTP, with the length of what is said', () => {
    const [head = '', body = ''] = writeRefusal({ status: 503, detail: 'Später.' }).split('\r\n\r\n');
    expect(head.split('\r\n')).toEqual([
      'HTTP/1.1 503 Service Unavailable',
      'connection: close',
      'content-type: application/problem+json',
      `content-length: ${Buffer.byteLength(body)}`,
      'retry-after: 1',
    ]);
    expect(JSON.parse(body)).toMatchObject({ status: 503, detail: 'Später.' });
  });
});

describe('a client takes', () => {
  it.each([
    [undefined, true, true],
    ['', true, true],
    ['*/*', true, true],
    ['text/event-stream', true, false],
    ['TEXT/Event-Stream', true, false],
    ['text/*', true, false],
    ['multipart/mixed;deferSpec=20220824, application/json', false, true],
    ['application/json', false, false],
    ['text/event-stream;q=0, multipart/mixed;q=0.0', false, false],
    ['text/event-stream;q=0.5', true, false],
    ['text/event-stream; charset=latin1', false, false],
    ['text/event-stream; charset=utf-8', true, false],
    [',;,', false, false],
  ])('of %s: events %s, multipart %s', (accept, events, multipart) => {
    expect([takes(accept, 'text/event-stream'), takes(accept, 'multipart/mixed')]).toEqual([events, multipart]);
  });
});
