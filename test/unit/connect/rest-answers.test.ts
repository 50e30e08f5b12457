/** What the answers of a REST source are read as. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connector } from '../../../gateway/connect/connector.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import { callOf, failureOf, optionsOf, startUpstream, type Upstream } from './kit.ts';

const field = (name: string, type: string, accept?: string, method = 'GET'): string => {
  const promised = accept === undefined ? '' : `accept: "${accept}", `;
  return `${name}: ${type} @httpOperation(subgraph: "shop", path: "/${name}", httpMethod: "${method}", ${promised}params: [])`;
};

const SDL = `scalar Bytes scalar Void scalar IntOrString
type Thing { id: ID }
type Wrapper { value: String @resolveRoot(subgraph: "shop") }
type Things { list: [Thing] @resolveRoot(subgraph: "shop") }
union Plain @variants(subgraph: "shop", members: [{ type: "Thing", json: "object" }]) = Thing
union Wide @variants(subgraph: "shop", members: [{ type: "Thing", json: "object" }, { type: "Things", json: "array" }]) = Thing | Things
type Entry { key: String! value: Int }
enum Color { RED }
type Query {
  ${field('thing', 'Thing', 'application/json')}
  ${field('things', '[Thing!]!', 'application/json')}
  ${field('sure', 'Thing!', 'application/json')}
  ${field('count', 'Int', 'application/json')}
  ${field('color', 'Color', 'application/json')}
  ${field('several', 'IntOrString', 'application/json')}
  ${field('wrapper', 'Wrapper', 'application/json')}
  ${field('plain', 'Plain', 'application/json')}
  ${field('wide', 'Wide', 'application/json')}
  ${field('nothing', 'Void')}
  ${field('xml', 'Thing', 'application/xml')}
  ${field('latin', 'String', 'text/xml')}
  map: [Entry!] @dictionary(subgraph: "shop") ${field('', '', 'application/json').slice(3).replace('/"', '/map"')}
  maps: [[Entry!]] @dictionary(subgraph: "shop") ${field('', '', 'application/json').slice(3).replace('/"', '/maps"')}
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
    ['status', 200, 'text/plain', '[1]', [1]],
    ['status', 200, 'text/javascript', '[1]', [1]],
    ['status', 200, 'application/octet-stream', '[1]', [1]],
    ['status', 200, 'application/vnd.shop+json', '[1]', [1]],
    ['thing', 200, 'application/json', '{"id":1}', { id: 1 }],
    ['thing', 200, undefined, '{}', {}],
    ['thing', 200, 'application/json', 'null', null],
    ['things', 200, 'application/json', '[]', []],
    ['wrapper', 200, 'application/json', '"a"', 'a'],
    ['wide', 200, 'application/json', '[{"id":1}]', [{ id: 1 }]],
    ['plain', 200, 'application/json', '{"id":1}', { id: 1 }],
    ['map', 200, 'application/json', '{"a":1}', { a: 1 }],
    ['maps', 200, 'application/json', '[{"a":1}]', [{ a: 1 }]],
    ['several', 200, 'application/json', '"a"', 'a'],
    ['nothing', 200, 'application/json', '[1]', [1]],
    ['nothing', 200, 'text/html', '<p>', '<p>'],
    ['xml', 200, 'application/xml', '<thing><id>1</id></thing>', { id: '1' }],
    ['xml', 200, undefined, '\uFEFF<thing><id>1</id></thing>', { id: '1' }],
    ['xml', 200, 'application/xml; charset=iso-8859-1', Buffer.from('<t><id>ü</id></t>', 'latin1'), { id: 'ü' }],
    [
      'xml',
      200,
      'application/xml',
      Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><t><id>ü</id></t>', 'latin1'),
      { id: 'ü' },
    ],
    ['xml', 200, 'application/json', '{"id":1}', { id: 1 }],
    ['latin', 200, 'text/xml', '<a/>', '<a/>'],
    ['status', 200, undefined, '\uFEFF{"a":1}', { a: 1 }],
    ['status', 201, 'application/json', '"text"', 'text'],
    ['status', 204, undefined, '', null],
    ['status', 200, 'application/json', '', null],
    ['text', 200, 'text/plain', 'grüße', 'grüße'],
    ['text', 200, 'text/plain; charset=ISO-8859-1', Buffer.from('grüße', 'latin1'), 'grüße'],
    ['text', 200, 'text/plain; charset=nonsense', 'plain', 'plain'],
    ['text', 200, 'application/problem+json', '"a"', 'a'],
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
    ['lines', 200, 'application/geo+json-seq', '\x1e1\n\x1e2\n', [1, 2]],
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

describe('an answer that its contract does not promise', () => {
  it.each([
    ['thing', 'application/json', '[[["id"]]]'],
    ['thing', 'application/json', '"text"'],
    ['thing', 'application/json', '7'],
    ['sure', 'application/json', '[]'],
    ['things', 'application/json', '{"id":1}'],
    ['things', 'application/json', 'false'],
    ['count', 'application/json', '[1]'],
    ['count', 'application/json', '{}'],
    ['color', 'application/json', '["RED"]'],
    ['several', 'application/json', '{}'],
    ['text', 'application/json', '{"a":1}'],
    ['plain', 'application/json', '[{"id":1}]'],
    ['map', 'application/json', '[1]'],
    ['maps', 'application/json', '{"a":1}'],
    ['status', 'text/html', '<html></html>'],
    ['status', 'text/html; charset=utf-8', '[1]'],
    ['status', 'application/xml', '1'],
    ['status', 'image/png', '1'],
    ['status', 'application/json', '<html></html>'],
    ['thing', 'text/plain', 'Service unavailable'],
    ['xml', 'application/xml', '<thing>'],
    ['xml', 'text/html', '<html></html>'],
    ['xml', 'application/xml', '<!DOCTYPE t><t/>'],
  ])('to %s of %s %s is a bad payload', async (operation, type, body) => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': type });
      response.end(body);
    };
    const { code, source } = await failureOf(connector.call(callOf(operation)));
    expect({ code, source }).toEqual({ code: 'UPSTREAM_BAD_PAYLOAD', source: 'shop' });
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
