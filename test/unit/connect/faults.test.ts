import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connector } from '../../../gateway/connect/connector.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import { callOf, failureOf, optionsOf, publicText, sendJson, startUpstream, type Upstream } from './kit.ts';

const SDL = /* GraphQL */ `
  type Query {
    get(key: String): JSON @httpOperation(subgraph: "shop", path: "/private/path", httpMethod: "GET", accept: "application/json",
      params: [{ arg: "key", name: "key", in: "query", style: "form", explode: true }])
    other: JSON @httpOperation(subgraph: "shop", path: "/other", httpMethod: "GET", accept: "application/json", params: [])
  }
`;
const MAX_BODY_BYTES = 10_000;

let upstream: Upstream;
let connector: Connector;
let answer: Parameters<typeof startUpstream>[0];

const options = (rest: Partial<Parameters<typeof optionsOf>[0]> = {}) =>
  optionsOf({ sdl: SDL, endpoints: [upstream.url], maxBodyBytes: MAX_BODY_BYTES, ...rest });

beforeAll(async () => {
  upstream = await startUpstream((...exchange) => answer(...exchange));
  connector = openConnector('rest', options());
});

afterAll(async () => {
  await connector[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

beforeEach(() => {
  upstream.requests.length = 0;
});

describe('a status', () => {
  it.each([
    [400, 'UPSTREAM_REJECTED'],
    [401, 'UPSTREAM_REJECTED'],
    [404, 'UPSTREAM_REJECTED'],
    [422, 'UPSTREAM_REJECTED'],
    [429, 'UPSTREAM_RATE_LIMITED'],
    [500, 'UPSTREAM_FAILED'],
    [503, 'UPSTREAM_FAILED'],
    [599, 'UPSTREAM_FAILED'],
    [304, 'UPSTREAM_REJECTED'],
  ])('of %s becomes %s; URL, headers and body are for the log alone', async (status, code) => {
    answer = (_request, response) => {
      response.writeHead(status, { 'x-internal': 'header-secret' });
      response.end(status === 304 ? undefined : 'body-secret');
    };
    const error = await failureOf(connector.call(callOf('get', { key: 'key-secret' })));
    expect(error).toMatchObject({ code, source: 'shop', detail: { upstreamStatus: status } });
    expect(publicText(error)).not.toMatch(/secret|private|127\.0\.0\.1/);
    expect(error.cause).toMatchObject({
      message: `GET ${upstream.url}/private/path?key=key-secret answered ${status}`,
      headers: { 'x-internal': 'header-secret' },
      body: status === 304 ? '' : 'body-secret',
    });
  });

  it.each([301, 302, 307, 308])('of %s is not followed', async (status) => {
    answer = (_request, response) => {
      response.writeHead(status, { location: '/other' });
      response.end();
    };
    const error = await failureOf(connector.call(callOf('get')));
    expect(error).toMatchObject({ code: 'UPSTREAM_REJECTED', detail: { upstreamStatus: status } });
    expect(upstream.requests).toHaveLength(1);
  });

  it('of 404 is null where the policy says so, and only there', async () => {
    await using lenient = openConnector('rest', options({ policy: { operations: { get: { notFound: 'null' } } } }));
    answer = (_request, response) => sendJson(response, { title: 'gone' }, 404);
    expect(await lenient.call(callOf('get'))).toEqual({ data: null, status: 404, bytes: 16 });
    expect((await failureOf(lenient.call(callOf('other')))).code).toBe('UPSTREAM_REJECTED');
  });

  it('tells the log no more than the beginning of a body', async () => {
    answer = (_request, response) => sendJson(response, JSON.stringify('x'.repeat(9000)), 500);
    const { cause } = await failureOf(connector.call(callOf('get')));
    expect((cause as { body: string }).body).toHaveLength(2048);
  });
});

describe('a body', () => {
  const text = JSON.stringify({ text: 'ü'.repeat(2000) });

  it.each([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['identity', Buffer.from(text)],
    ['gzip, br', brotliCompressSync(gzipSync(text))],
  ])('in the coding %s is decoded', async (coding, body) => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': coding });
      response.end(body);
    };
    expect(await connector.call(callOf('get'))).toEqual({ data: JSON.parse(text), status: 200, bytes: body.length });
  });

  it.each([
    ['gzip', gzipSync('x'.repeat(MAX_BODY_BYTES + 1))],
    ['br', brotliCompressSync('x'.repeat(1_000_000))],
    ['gzip, gzip', gzipSync(gzipSync('x'.repeat(10_000_000)))],
    ['gzip', Buffer.from('no gzip')],
    ['zstd', Buffer.from('{}')],
    ['gzip, gzip, gzip, gzip', Buffer.from('{}')],
  ])('in the coding %s that grows too large or cannot be decoded is a bad payload', async (coding, body) => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-encoding': coding });
      response.end(body);
    };
    expect((await failureOf(connector.call(callOf('get')))).code).toBe('UPSTREAM_BAD_PAYLOAD');
  });

  it('of exactly the limit is read', async () => {
    answer = (_request, response) => sendJson(response, JSON.stringify('x'.repeat(MAX_BODY_BYTES - 2)));
    expect((await connector.call(callOf('get'))).bytes).toBe(MAX_BODY_BYTES);
  });

  it.each(['announced', 'never ending'])(
    'beyond the limit, %s, is a bad payload and its socket is closed',
    async (kind) => {
      const closed = new Promise<void>((resolve) => {
        answer = (_request, response, incoming) => {
          incoming.socket.once('close', () => resolve());
          response.writeHead(200, kind === 'announced' ? { 'content-length': MAX_BODY_BYTES + 1 } : {});
          const block = Buffer.alloc(1000, ' ');
          const more = (): void => {
            while (!response.destroyed && response.write(block)) if (kind === 'announced') return;
          };
          response.on('drain', more);
          more();
        };
      });
      expect((await failureOf(connector.call(callOf('get')))).code).toBe('UPSTREAM_BAD_PAYLOAD');
      await closed;
    },
  );

  it.each(['{"a":', 'plain text', '{"n":9007199254740993'])(
    '%j where JSON was promised is a bad payload',
    async (body) => {
      answer = (_request, response) => sendJson(response, body);
      const error = await failureOf(connector.call(callOf('get')));
      expect(error.code).toBe('UPSTREAM_BAD_PAYLOAD');
      expect(publicText(error)).not.toContain(body);
    },
  );
});

describe('a connection', () => {
  it('that is refused or whose host does not exist is UPSTREAM_UNREACHABLE, without its address', async () => {
    const closedPort = await freePort();
    for (const endpoint of [`http://127.0.0.1:${closedPort}`, 'http://does-not-exist.invalid']) {
      await using other = openConnector('rest', options({ endpoints: [endpoint] }));
      const error = await failureOf(other.call(callOf('get')));
      expect(error).toMatchObject({ code: 'UPSTREAM_UNREACHABLE', detail: {} });
      expect(publicText(error)).not.toMatch(/127|invalid/);
    }
  });

  it('that breaks before or within the answer is UPSTREAM_UNREACHABLE', async () => {
    answer = (_request, _response, incoming) => incoming.socket.resetAndDestroy();
    expect((await failureOf(connector.call(callOf('get')))).code).toBe('UPSTREAM_UNREACHABLE');
    answer = (_request, response, incoming) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{', () => incoming.socket.destroy());
    };
    expect((await failureOf(connector.call(callOf('get')))).code).toBe('UPSTREAM_UNREACHABLE');
  });

  it('that does not speak HTTP gives a bad payload', async () => {
    const server = createServer((socket) => {
      socket.once('data', () => socket.end('500 5.5.1 Command unrecognized\r\n'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await using other = openConnector('rest', options({ endpoints: [`http://127.0.0.1:${port}`] }));
    expect((await failureOf(other.call(callOf('get')))).code).toBe('UPSTREAM_BAD_PAYLOAD');
    await new Promise((resolve) => server.close(resolve));
  });

  it('is used again, also after errors', async () => {
    await using other = openConnector('rest', options());
    const sockets = new Set<number | undefined>();
    answer = (_request, response, incoming) => {
      sockets.add(incoming.socket.remotePort);
      sendJson(response, {}, upstream.requests.length % 2 === 0 ? 200 : 500);
    };
    for (let n = 0; n < 6; n += 1) await other.call(callOf('get')).catch(() => undefined);
    expect(upstream.requests).toHaveLength(6);
    // undici frees a connection just after it hands over the answer: the next call may find it busy and take a second one.
    expect(sockets.size).toBeLessThanOrEqual(2);
  });

  it('that is closed with its source gives SOURCE_UNAVAILABLE', async () => {
    const other = openConnector('rest', options());
    await other[Symbol.asyncDispose]();
    expect((await failureOf(other.call(callOf('get')))).code).toBe('SOURCE_UNAVAILABLE');
  });
});

it('an operation nobody opened is a fault of ours', async () => {
  expect((await failureOf(connector.call(callOf('constructor')))).code).toBe('INTERNAL');
});

it('a large answer of many pieces comes whole', async () => {
  await using large = openConnector('rest', options({ maxBodyBytes: 10_000_000 }));
  const text = 'ä'.repeat(2_000_000);
  answer = (_request, response) => sendJson(response, JSON.stringify(text));
  const { data, bytes } = await large.call(callOf('get'));
  expect(bytes).toBe(4_000_002);
  expect(createHash('sha1').update(String(data)).digest('hex')).toBe(createHash('sha1').update(text).digest('hex'));
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
