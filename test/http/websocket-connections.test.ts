/** Who may connect by WebSocket, and what is closed with which code. */
import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createFeed } from '../kit/feed.ts';
import { closeFeeds, serveFeed } from '../kit/serve-feed.ts';
import { connect, subscribeMessage } from '../kit/socket.ts';
import { until } from '../kit/until.ts';

afterEach(closeFeeds);

const TICKS = 'subscription { ticks { id } }';
const hello = () => createFeed(({ args }) => `hello ${args['wait'] ?? ''}`);

describe('who may connect', () => {
  const refused = (url: string, options: Parameters<typeof connect>[1]) =>
    connect(url, { ...options, handshake: false }).then(
      () => 101,
      ({ message }: Error) => Number(/\d{3}/.exec(message)?.[0]),
    );

  it.each([
    ['nobody of another path', '/other', {}, 404],
    ['nobody without the subprotocol', '', { protocols: [] }, 400],
    ['nobody with another subprotocol', '', { protocols: ['graphql-ws'] }, 400],
    ['no page of another site', '', { origin: 'http://evil.test' }, 403],
    ['no page without a site', '', { origin: 'null' }, 403],
    ['a page of a site that is configured', '', { origin: 'https://shop.test' }, 101],
    ['who is no browser', '', {}, 101],
  ])('%s', async (_, path, options, status) => {
    const { url, hasMetric } = await serveFeed({ websocket: { origins: ['https://shop.test'] } });
    expect(await refused(url.replace('/graphql', path === '' ? '/graphql' : path), options)).toBe(status);
    if (status !== 101) expect(await hasMetric(`tributary_websocket_refusals_total{status="${status}"} 1`)).toBe(true);
  });

  it('a page of the gateway itself', async () => {
    const { url } = await serveFeed({}, hello());
    expect(await refused(url, { origin: new URL(url).origin })).toBe(101);
  });

  it('no more than websocket.connections', async () => {
    const { url, hasMetric } = await serveFeed({ websocket: { connections: 1 } });
    const first = await connect(url);
    expect(await refused(url, {})).toBe(503);
    first.socket.close();
    await first.closed;
    await until(() => hasMetric('tributary_websocket_connections 0'));
    expect(await refused(url, {})).toBe(101);
  });

  it('nobody when it is switched off', async () => {
    const { url } = await serveFeed({ websocket: { connections: 0 } });
    expect(await refused(url, {})).toBe(503);
  });

  it('gets a problem document when refused', async () => {
    const { url } = await serveFeed({}, hello());
    const body = await new Promise<string>((resolve, reject) => {
      const headers = {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': `${'a'.repeat(22)}==`,
      };
      const request = httpRequest(url, { headers }, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve(`${response.statusCode} ${response.headers['content-type']} ${text}`));
      });
      request.on('error', reject).end();
    });
    expect(body).toContain('400 application/problem+json {"type":"about:blank"');
    expect(body).toContain('graphql-transport-ws');
  });

  it('keeps its headers for every operation, with those of connection_init that are allowed', async () => {
    const feed = createFeed(() => 'hi');
    const { url } = await serveFeed({ websocket: { initHeaders: ['Authorization'] } }, feed);
    const client = await connect(url, {
      headers: { 'x-tenant': 't1' },
      init: { Authorization: 'Bearer x', 'x-tenant': 'other', 'x-more': 'no', authorizations: { deep: true } },
    });
    client.send(subscribeMessage('1', '{ hello }'));
    await client.next();
    const { headers } = feed.calls[0] ?? {};
    expect([headers?.get('authorization'), headers?.get('x-tenant'), headers?.get('x-more')]).toEqual([
      'Bearer x',
      't1',
      undefined,
    ]);
  });

  it('another upgrade than WebSocket is a plain request, as clients that try HTTP/2 expect', async () => {
    const { url } = await serveFeed({}, hello());
    const body = JSON.stringify({ query: '{ hello(wait: false) }' });
    const answer = await new Promise<string>((resolve, reject) => {
      const headers = {
        connection: 'Upgrade, HTTP2-Settings',
        upgrade: 'h2c',
        'http2-settings': 'AAMAAABkAAQAAP__',
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      };
      const request = httpRequest(url, { method: 'POST', headers }, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve(`${response.statusCode} ${text}`));
      });
      request.on('error', reject).end(body);
    });
    expect(answer).toBe('200 {"data":{"hello":"hello false"}}');
  });
});

describe('what is closed with a code of the protocol', () => {
  it.each([
    ['a message before connection_init', [subscribeMessage('1', '{ hello }')], 4401],
    ['a second connection_init', [{ type: 'connection_init' }, { type: 'connection_init' }], 4429],
    [
      'an id that is in use',
      [{ type: 'connection_init' }, subscribeMessage('1', TICKS), subscribeMessage('1', TICKS)],
      4409,
    ],
    ['what is no JSON', ['{'], 4400],
    ['a type that does not exist', [{ type: 'connection_init' }, { type: 'more' }], 4400],
    [
      'a query that is no text',
      [{ type: 'connection_init' }, { id: '1', type: 'subscribe', payload: { query: 1 } }],
      4400,
    ],
    ['a message that is too large', ['x'.repeat(3000)], 1009],
  ])('%s', async (_, messages, code) => {
    const { url, feed } = await serveFeed({ websocket: { messageBytes: 2000 } });
    const client = await connect(url, { handshake: false });
    client.send(...messages);
    expect((await client.closed).code).toBe(code);
    await until(() => feed.open() === 0);
  });

  it('bytes', async () => {
    const { url } = await serveFeed({}, hello());
    const client = await connect(url);
    client.socket.send(Buffer.from('{"type":"ping"}'));
    expect((await client.closed).code).toBe(1003);
  });

  it('no connection_init in time', async () => {
    const { url } = await serveFeed({ websocket: { initWaitMs: 20 } });
    const client = await connect(url, { handshake: false });
    expect((await client.closed).code).toBe(4408);
  });
});
