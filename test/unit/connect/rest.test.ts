import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connector } from '../../../gateway/connect/connector.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import { callOf, failureOf, optionsOf, type Received, sendJson, startUpstream, type Upstream } from './kit.ts';

const SDL = /* GraphQL */ `
  scalar Bytes
  input UploadInput {
    fileName: String @resolveRootField(subgraph: "shop", field: "file-name")
    content: Bytes
    more: [Bytes!]
    about: AboutInput
  }
  input AboutInput { size: Int64, thumb: Bytes, hint: String }
  input Address { street: String, zipCode: String @resolveRootField(subgraph: "shop", field: "zip-code") }
  input OrderInput {
    customerId: String @resolveRootField(subgraph: "shop", field: "customer_id")
    total: Int64
    lines: [Int64!]
    address: Address
    addresses: [Address]
    note: String
  }
  type Query {
    customer(customerId: ID!, lang: String, accept: String, session: String, ids: [Int64!]): JSON @httpOperation(
      subgraph: "shop", path: "/customers/{customer-id}", httpMethod: "GET", accept: "application/json",
      params: [
        { arg: "customerId", name: "customer-id", in: "path", style: "simple", explode: false }
        { arg: "ids", name: "ids", in: "query", style: "form", explode: true }
        { arg: "lang", name: "X-Lang", in: "header", style: "simple", explode: false }
        { arg: "session", name: "sid", in: "cookie", style: "form", explode: true }
      ])
    filtered(filter: OrderInput, raw: String, hint: OrderInput): JSON @httpOperation(
      subgraph: "shop", path: "/filtered", httpMethod: "GET", params: [
        { arg: "filter", name: "filter", in: "query", style: "form", explode: true, content: "application/json" }
        { arg: "raw", name: "raw", in: "query", style: "form", explode: true, allowReserved: true }
        { arg: "hint", name: "X-Hint", in: "header", style: "simple", explode: false, content: "application/json" }
      ])
    status: JSON @httpOperation(subgraph: "shop", path: "/status", httpMethod: "GET", accept: "application/json", params: [])
    renamed(fromDay: String @resolveRootField(subgraph: "shop", field: "from")): JSON @httpOperation(
      subgraph: "shop", path: "/renamed", httpMethod: "GET", params: [{ arg: "from", name: "from-day", in: "query", style: "form", explode: true }])
  }
  type Mutation {
    createOrder(input: OrderInput): JSON @httpOperation(
      subgraph: "shop", path: "/orders", httpMethod: "POST", params: [], body: { arg: "input", mediaType: "application/json" }, accept: "application/json")
    sendForm(input: JSON): JSON @httpOperation(
      subgraph: "shop", path: "/form", httpMethod: "POST", params: [], body: { arg: "input", mediaType: "application/x-www-form-urlencoded" })
    sendText(input: String): JSON @httpOperation(
      subgraph: "shop", path: "/text", httpMethod: "PUT", params: [], body: { arg: "input", mediaType: "text/plain; charset=utf-8" })
    sendXml(input: AboutInput): JSON @httpOperation(
      subgraph: "shop", path: "/file", httpMethod: "POST", params: [], body: { arg: "input", mediaType: "application/xml" })
    sendBytes(input: Bytes): JSON @httpOperation(
      subgraph: "shop", path: "/bytes", httpMethod: "PUT", params: [], body: { arg: "input", mediaType: "image/png" })
    upload(input: UploadInput): JSON @httpOperation(
      subgraph: "shop", path: "/upload", httpMethod: "POST", params: [],
      body: { arg: "input", mediaType: "multipart/form-data", encoding: [["content", "image/png"]] })
    sendNested(input: AboutInput): JSON @httpOperation(
      subgraph: "shop", path: "/form", httpMethod: "POST", params: [],
      body: { arg: "input", mediaType: "application/x-www-form-urlencoded" })
    remove: JSON @httpOperation(subgraph: "shop", path: "/orders", httpMethod: "DELETE", params: [])
  }
`;

let upstream: Upstream;
let connector: Connector;
let answer: Parameters<typeof startUpstream>[0];

beforeAll(async () => {
  upstream = await startUpstream((...exchange) => answer(...exchange));
  connector = openConnector('rest', optionsOf({ sdl: SDL, endpoints: [`${upstream.url}/api/`] }));
});

afterAll(async () => {
  await connector[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

beforeEach(() => {
  upstream.requests.length = 0;
  answer = (_request, response) => sendJson(response, { ok: true });
});

async function sent(operation: string, args: Record<string, unknown>): Promise<Received> {
  await connector.call(callOf(operation, args));
  const [request] = upstream.requests;
  if (!request || upstream.requests.length !== 1) throw new Error(`${upstream.requests.length} requests came`);
  return request;
}

describe('a request', () => {
  it('puts each argument in its place, below the path of the endpoint', async () => {
    const request = await sent('customer', {
      customerId: 'a/b',
      lang: 'de',
      session: 's;1',
      ids: ['9007199254740993', 2],
    });
    expect(request).toMatchObject({ method: 'GET', url: '/api/customers/a%2Fb?ids=9007199254740993&ids=2' });
    expect(request.headers).toMatchObject({ 'x-lang': 'de', cookie: 'sid=s%3B1', accept: 'application/json' });
    expect(request.body).toBe('');
  });

  it('leaves out what is null or undefined', async () => {
    const request = await sent('customer', { customerId: 1, lang: null, session: undefined, ids: null });
    expect(request.url).toBe('/api/customers/1');
    expect(request.headers).not.toHaveProperty('x-lang');
    expect(request.headers).not.toHaveProperty('cookie');
  });

  it('writes JSON with wire names and every digit of 64-bit integers', async () => {
    const request = await sent('createOrder', {
      input: {
        customerId: 'c1',
        total: '9223372036854775807',
        lines: ['1', 9, '-9223372036854775808'],
        address: { zipCode: '10115', street: undefined },
        addresses: [{ zipCode: '1' }, null],
        note: null,
      },
    });
    expect(request.headers['content-type']).toBe('application/json');
    expect(request.body).toBe(
      '{"customer_id":"c1","total":9223372036854775807,"lines":[1,9,-9223372036854775808],"address":{"zip-code":"10115"},"addresses":[{"zip-code":"1"},null],"note":null}',
    );
  });

  it('writes forms and text, and no body where there is none', async () => {
    expect(await sent('sendForm', { input: { a: '1 &', b: [1, 2], c: null, d: { e: 1 } } })).toMatchObject({
      body: 'a=1%20%26&b=1&b=2&d=%7B%22e%22%3A1%7D',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    upstream.requests.length = 0;
    expect(await sent('sendText', { input: 'grüße' })).toMatchObject({
      method: 'PUT',
      body: 'grüße',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    });
    upstream.requests.length = 0;
    const { body, headers } = await sent('createOrder', {});
    expect(body).toBe('');
    expect(headers).not.toHaveProperty('content-type');
    upstream.requests.length = 0;
    expect(await sent('remove', {})).toMatchObject({ method: 'DELETE', url: '/api/orders', body: '' });
  });

  it('writes bytes as they are, of any media type', async () => {
    const { bytes, headers } = await sent('sendBytes', { input: 'AP+J' });
    expect([...bytes]).toEqual([0, 255, 137]);
    expect(headers).toMatchObject({ 'content-type': 'image/png', 'content-length': '3' });
    upstream.requests.length = 0;
    expect((await sent('sendBytes', { input: '-_8' })).bytes).toEqual(Buffer.from('fbff', 'hex'));
    upstream.requests.length = 0;
    expect((await sent('sendBytes', { input: '' })).headers).toMatchObject({
      'content-type': 'image/png',
      'content-length': '0',
    });
  });

  it('mesh#1140 writes forms of parts: files, lists of files, JSON with exact integers and base64', async () => {
    const input = {
      fileName: 'a',
      content: 'AP+J',
      more: ['AA==', 'AQ=='],
      about: { size: '9007199254740993', thumb: 'AP-J' },
    };
    const { bytes, headers } = await sent('upload', { input });
    const form = await new Response(new Uint8Array(bytes), {
      headers: { 'content-type': headers['content-type'] ?? '' },
    }).formData();
    expect([...form.keys()]).toEqual(['file-name', 'content', 'more', 'more', 'about']);
    expect(form.get('content')).toMatchObject({ name: 'content', type: 'image/png', size: 3 });
    expect(form.get('about')).toBe('{"size":9007199254740993,"thumb":"AP+J"}');
  });

  it('writes XML as the contract describes it, bytes as base64', async () => {
    expect(await sent('sendXml', { input: { size: '9007199254740993', thumb: 'AP+J', hint: 'a<b' } })).toMatchObject({
      headers: { 'content-type': 'application/xml' },
      body: '<?xml version="1.0" encoding="UTF-8"?>\n<input><size>9007199254740993</size><thumb>AP+J</thumb><hint>a&lt;b</hint></input>',
    });
  });

  it('writes exact integers in forms, too', async () => {
    expect((await sent('sendNested', { input: { size: '9007199254740993', thumb: 'AA==' } })).body).toBe(
      'size=9007199254740993&thumb=AA%3D%3D',
    );
  });

  it('writes parameters with content as JSON, and reserved characters as they are where they may stay', async () => {
    const filter = { customerId: 'ü', total: '9007199254740993' };
    const { url, headers } = await sent('filtered', { filter, raw: 'a/b?c&d', hint: filter });
    expect(decodeURIComponent(url)).toBe(
      '/api/filtered?filter={"customer_id":"ü","total":9007199254740993}&raw=a/b?c&d',
    );
    expect(url).toContain('raw=a/b?c%26d');
    expect(headers['x-hint']).toBe('{"customer_id":"\\u00fc","total":9007199254740993}');
  });

  it('reads an argument by the name it was given and sends it by the name of the wire', async () => {
    expect((await sent('renamed', { fromDay: 'monday' })).url).toBe('/api/renamed?from-day=monday');
  });

  it.each([
    ['customer', { customerId: '..' }, /argument customerId of customer/],
    ['customer', {}, /argument customerId of customer/],
    ['customer', { customerId: '1', lang: 'a\r\nx-evil: 1' }, /header x-lang/],
    ['sendBytes', { input: { size: 1 } }, /media type/],
    ['sendXml', { input: { size: 1, hint: '\u0000' } }, /characters that XML cannot/],
    ['sendForm', { input: { a: '\udc00' } }, /half a character/],
  ])('of %s with %j is refused before anything is sent', async (operation, args, message) => {
    const error = await failureOf(connector.call(callOf(operation, args)));
    expect(error).toMatchObject({ code: 'BAD_REQUEST', source: 'shop', message: expect.stringMatching(message) });
    expect(upstream.requests).toHaveLength(0);
  });
});

describe('opening', () => {
  it('takes http where an endpoint has no scheme', async () => {
    const bare = upstream.url.replace('http://', '');
    await using other = openConnector('rest', optionsOf({ sdl: SDL, endpoints: [bare] }));
    await other.call(callOf('status'));
    expect(upstream.requests.map(({ url }) => url)).toEqual(['/status']);
  });

  it('keeps the query of an endpoint', async () => {
    await using other = openConnector('rest', optionsOf({ sdl: SDL, endpoints: [`${upstream.url}/v1?tenant=$&1`] }));
    await other.call(callOf('status'));
    await other.call(callOf('customer', { customerId: 1, ids: [2] }));
    expect(upstream.requests.map(({ url }) => url)).toEqual([
      '/v1/status?tenant=$&1',
      '/v1/customers/1?tenant=$&1&ids=2',
    ]);
  });

  it.each([[[]], [['ftp://host']], [['http://']], [['::']], [['dns:///host:80']], [['unix:/run/a.sock']]])(
    'refuses the endpoints %j',
    (endpoints) => {
      expect(() => openConnector('rest', optionsOf({ sdl: SDL, endpoints }))).toThrow(/endpoints.static/);
    },
  );
});
