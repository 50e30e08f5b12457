/** What the answers of a REST source are read as. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connector } from '../../../gateway/connect/connector.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import { callOf, failureOf, optionsOf, startUpstream, type Upstream } from './kit.ts';

const field = (name: string, type: string, accept?: string, method = 'GET'): string => {
  const promised = accept === undefined ? '' : `accept: "${accept}", `;
  return `${name}: ${type} @httpOperation(subgraph: "shop", path: "/${name}", httpMethod: "${method}", ${promised}params: [])`;
};

const SDL = `scalar Bytes
type Query {
  ${field('status', 'JSON', 'application/json')}
  ${field('text', 'String', 'text/plain')}
  ${field('image', 'String', 'image/png')}
  ${field('bytes', 'Bytes', 'application/octet-stream')}
  ${field('lines', 'JSON', 'application/x-ndjson')}
  ${field('exists', 'JSON', undefined, 'HEAD')}
}`;

let upstream: Upstream;
let connector: Connector;
let answer: Parameters<typeof startUpstream>[0];

beforeAll(async () => {
  upstream = await startUpstream((...exchange) => answer(...exchange));
  connector = openConnector('rest', optionsOf({ sdl: SDL, endpoints: [upstream.url] }));
});

afterAll(async () => {
  await connector[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

beforeEach(() => {
  upstream.requests.length = 0;
});

describe('an answer', () => {
  it.each<[string, number, string | undefined, string | Buffer, unknown]>([
    ['status', 200, 'application/json', '{"id":9007199254740993,"small":1.5}', { id: '9007199254740993', small: 1.5 }],
    ['status', 200, 'text/html', '[1]', [1]],
    ['status', 200, undefined, '\uFEFF{"a":1}', { a: 1 }],
    ['status', 201, 'application/json', '"text"', 'text'],
    ['status', 204, undefined, '', null],
    ['status', 200, 'application/json', '', null],
    ['text', 200, 'text/plain', 'grüße', 'grüße'],
    ['text', 200, 'text/plain; charset=ISO-8859-1', Buffer.from('grüße', 'latin1'), 'grüße'],
    ['text', 200, 'text/plain; charset=nonsense', 'plain', 'plain'],
    ['text', 200, 'application/problem+json', '{"a":1}', { a: 1 }],
    ['text', 200, undefined, 'grüße', 'grüße'],
    ['text', 200, 'application/octet-stream', 'text', 'text'],
    ['text', 200, 'text/event-stream', 'data: 1\n\n', 'data: 1\n\n'],
    ['image', 200, 'image/png', Buffer.from([0, 255, 137]), 'AP+J'],
    ['image', 200, 'image/svg+xml', '<svg/>', '<svg/>'],
    ['bytes', 200, 'application/octet-stream', Buffer.from([0, 255, 137]), 'AP+J'],
    ['bytes', 200, 'text/plain', 'text', 'dGV4dA=='],
    ['bytes', 200, 'application/json', '{}', 'e30='],
    [
      'lines',
      200,
      'application/x-ndjson',
      '{"a":1}\n\n{"a":9007199254740993}\n',
      [{ a: 1 }, { a: '9007199254740993' }],
    ],
    ['lines', 200, 'application/jsonl', '1\r\n2', [1, 2]],
    ['lines', 200, 'application/json-seq', '\x1e{"a":\n1}\n\x1e2\n', [{ a: 1 }, 2]],
    ['lines', 200, 'application/json', '[1,\n2]', [1, 2]],
    ['lines', 200, 'application/json', '{"a":\n1}', [{ a: 1 }]],
    ['lines', 200, 'application/json', '1\n2', [1, 2]],
    ['lines', 200, 'text/plain', '1\n2', [1, 2]],
    ['lines', 200, 'application/x-ndjson', '', []],
    ['status', 200, 'application/x-ndjson', '1\n2\n', [1, 2]],
  ])('to %s of %s %s %j is read as %j', async (operation, status, type, body, data) => {
    answer = (_request, response) => {
      response.writeHead(status, type === undefined ? {} : { 'content-type': type });
      response.end(body);
    };
    expect(await connector.call(callOf(operation))).toEqual({ data, status, bytes: Buffer.byteLength(body) });
  });
});

describe('an answer to HEAD', () => {
  it('is null, however long it says the body would be', async () => {
    answer = (_request, response) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': 10_000_000,
        'content-encoding': 'gzip',
      });
      response.end();
    };
    expect(await connector.call(callOf('exists'))).toEqual({ data: null, status: 200, bytes: 0 });
    expect(upstream.requests).toMatchObject([{ method: 'HEAD', url: '/exists' }]);
  });
});

describe('a sequence of JSON that breaks off', () => {
  it('is a bad payload', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.end('{"a":1}\n{"a":');
    };
    expect((await failureOf(connector.call(callOf('lines')))).code).toBe('UPSTREAM_BAD_PAYLOAD');
  });
});
