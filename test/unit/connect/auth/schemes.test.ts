import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../../gateway/config/load.ts';
import { openConnector } from '../../../../gateway/connect/open.ts';
import { faults } from '../../config/parse.ts';
import { callOf, failureOf, optionsOf, publicText, sendJson, startUpstream } from '../kit.ts';

const SDL = /* GraphQL */ `
  type Query {
    item(q: String): JSON @httpOperation(subgraph: "shop", path: "/item", httpMethod: "GET", accept: "application/json", params: [
      { arg: "q", name: "q", in: "query", style: "form", explode: true }])
  }
`;
const from = { authorization: 'Bearer of-the-client' };

describe('schemes that need no token endpoint', () => {
  it.each([
    ['apiKey header', { apiKey: { in: 'header', name: 'X-Key', value: 'k 1' } }, { 'x-key': 'k 1' }, '/item?q=1'],
    ['apiKey query', { apiKey: { in: 'query', name: 'key', value: 'a&b' } }, {}, '/item?q=1&key=a%26b'],
    ['apiKey cookie', { apiKey: { in: 'cookie', name: 'sid', value: 'k=1' } }, { cookie: 'sid=k=1' }, '/item?q=1'],
    ['basic', { basic: { username: 'Ä', password: 'p:w' } }, { authorization: 'Basic w4Q6cDp3' }, '/item?q=1'],
    ['bearer', { bearer: { token: 't0' } }, { authorization: 'Bearer t0' }, '/item?q=1'],
    ['passThrough', { passThrough: true }, from, '/item?q=1'],
  ])('%s is what the source gets, whatever other headers say', async (_name, auth, headers, url) => {
    await using upstream = await startUpstream((_request, response) => sendJson(response, {}));
    const policy = { auth, headers: { forward: ['authorization'] } };
    await using connector = openConnector('rest', optionsOf({ sdl: SDL, endpoints: [upstream.url], policy }));
    await connector.call(callOf('item', { q: '1' }, { headers: from }));
    expect(upstream.requests[0]?.headers).toMatchObject(headers);
    expect(upstream.requests[0]?.url).toBe(url);
  });

  it('passes nothing on that the client declared to be of its own connection', async () => {
    await using upstream = await startUpstream((_request, response) => sendJson(response, {}));
    const policy = { auth: { passThrough: true } };
    await using connector = openConnector('rest', optionsOf({ sdl: SDL, endpoints: [upstream.url], policy }));
    await connector.call(callOf('item', {}, { headers: { ...from, connection: 'close, Authorization' } }));
    expect(upstream.requests[0]?.headers['authorization']).toBeUndefined();
  });

  it('shows a key in the query neither to the client nor to the log', async () => {
    await using upstream = await startUpstream((_request, response) => sendJson(response, {}, 500));
    const policy = { auth: { apiKey: { in: 'query', name: 'key', value: 'hunter2' } } };
    await using connector = openConnector('rest', optionsOf({ sdl: SDL, endpoints: [upstream.url], policy }));
    const error = await failureOf(connector.call(callOf('item')));
    expect(upstream.requests[0]?.url).toContain('hunter2');
    expect(publicText(error) + String(error.cause)).not.toContain('hunter2');
  });

  it('keeps calls of two principals apart, and those of one together', async () => {
    const options = optionsOf({ sdl: SDL, endpoints: ['http://h'], policy: { auth: { passThrough: true } } });
    await using connector = openConnector('rest', options);
    const key = (authorization: string) =>
      connector.keyOf?.(callOf('item', {}, { headers: { authorization }, deadline: 1 }))?.text;
    expect(key('Bearer a')).toBe(key('Bearer a'));
    expect(key('Bearer a')).not.toBe(key('Bearer b'));
  });

  it('refuses a key in the query of a gRPC source', () => {
    const policy = { auth: { apiKey: { in: 'query', name: 'key', value: 'k' } } };
    const options = optionsOf({ sdl: 'type Query { a: Int }', endpoints: ['h:1'], policy });
    expect(() => openConnector('grpc', options)).toThrow(/auth.apiKey.in/);
  });
});

describe('what the policy refuses', () => {
  it.each([
    ['auth: {}', 'auth: needs exactly one scheme'],
    ['auth: { passThrough: true, bearer: { token: t } }', 'auth: needs exactly one scheme'],
    ['auth: { bearer: { token: "s3cret\\n" } }', 'must be a token'],
    ['auth: { basic: { username: "a:b", password: x } }', 'must not hold a colon'],
    ['auth: { oauth2ClientCredentials: { tokenUrl: "ftp://x", clientId: a, clientSecret: b } }', 'http(s) URL'],
    ['auth: { bearers: { token: t } }', 'did you mean "bearer"?'],
    ['tls: { certFile: a.pem }', 'needs both certFile and keyFile'],
  ])('%s', (text, fault) => {
    const printed = faults(parsePolicy, text).join('\n');
    expect(printed).toContain(fault);
    expect(printed).not.toContain('s3cret');
  });
});
