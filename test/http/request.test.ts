/** What one request may be and do, over `fetch` and over a real port. */
import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestContext } from '../../gateway/context.ts';
import { GatewayError } from '../../gateway/errors.ts';
import type { KitApp } from '../kit/app.ts';
import { startApp } from '../kit/app.ts';
import { makeGeneration, makeSchema, makeSupply } from '../kit/fixed-supply.ts';

const sdl = `
  type Query { hello(name: String): String, need: String!, fail: String, reject: String, wait: String, never: String }
  type Mutation { write: String }
  type Subscription { news: String }
`;
const seen: RequestContext[] = [];
let app: KitApp;
let url = '';

beforeAll(async () => {
  const schema = makeSchema(sdl, {
    Query: {
      hello: (_source, args, context) => {
        seen.push(context);
        return `hello ${args['name']}`;
      },
      fail: () => {
        throw new Error('password=hunter2');
      },
      reject: () => {
        const extensions = { upstreamStatus: 404 };
        throw new GatewayError('UPSTREAM_REJECTED', { source: 'shop', extensions, cause: new Error('http://shop/1') });
      },
      wait: (_source, _args, { signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
      never: () => new Promise(() => undefined),
    },
    Mutation: { write: () => 'written' },
  });
  app = startApp(makeSupply(makeGeneration('g1', schema)), {
    limits: { bodyBytes: 2000 },
    deadline: { maxMs: 5000, defaultMs: 5000 },
  });
  url = (await app.listen()).url;
});

afterAll(() => app[Symbol.asyncDispose]());

const lastLine = () => app.lines.findLast((line) => line['msg'] === 'operation');
const post = (body: BodyInit, headers: Record<string, string> = {}) =>
  fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });

describe('an answer', () => {
  it('carries request id and number of calls, and leaves one line in the log', async () => {
    const answer = await app.query('query Greet($n: String) { hello(name: $n) }', { variables: { n: 'you' } });
    expect(answer).toMatchObject({ status: 200, body: { data: { hello: 'hello you' } } });
    expect(answer.headers.get('x-request-id')).toMatch(/^id-\d+$/);
    expect(answer.headers.get('x-tributary-calls')).toBe('0');
    expect(lastLine()).toMatchObject({ operation: 'Greet', kind: 'query', calls: 0, generation: 'g1', level: 'info' });
    expect(lastLine()).toMatchObject({ requestId: answer.headers.get('x-request-id') });
  });

  it('keeps a sane request id of the caller and replaces any other', async () => {
    const ids = ['order-17.a', 'two words', 'x'.repeat(129), ''];
    const answers = await Promise.all(ids.map((id) => app.query('{ hello }', { headers: { 'x-request-id': id } })));
    const given = answers.map(({ headers }) => headers.get('x-request-id'));
    expect(given[0]).toBe('order-17.a');
    for (const id of given.slice(1)) expect(id).toMatch(/^id-\d+$/);
  });

  it('gives resolvers the whole context', async () => {
    seen.length = 0;
    const query = 'query Q { hello }';
    await post(JSON.stringify({ query }), { 'X-Shop': 'a' });
    const [context] = seen;
    const hash = createHash('sha256').update(query).digest('hex');
    expect(context?.operation).toEqual({ kind: 'query', name: 'Q', hash });
    expect(context?.principal).toEqual({ kind: 'anonymous', id: 'anonymous', roles: [], scopes: [] });
    expect(context?.peer).toEqual({ address: '127.0.0.1' });
    expect(context?.headers.get('x-shop')).toBe('a');
    expect(context?.deadline).toBe((context?.startedAt ?? 0) + 5000);
  });
});

describe('errors', () => {
  it('of unknown kind are masked, and logged once with the request id', async () => {
    const { body, headers } = await app.query('{ fail }');
    const requestId = headers.get('x-request-id');
    expect(body.errors).toMatchObject([{ path: ['fail'], extensions: { code: 'INTERNAL', requestId } }]);
    expect(JSON.stringify(body)).not.toContain('hunter2');
    const lines = app.lines.filter((line) => line['msg'] === 'unknown error' && line['requestId'] === requestId);
    expect(lines).toMatchObject([{ err: { message: 'password=hunter2' } }]);
  });

  it('of a source keep its name and code and nothing of the upstream', async () => {
    const { body, status } = await app.query('{ reject hello }');
    expect(status).toBe(200);
    expect(body.data).toEqual({ reject: null, hello: 'hello undefined' });
    expect(body.errors?.[0]?.extensions).toEqual({
      code: 'UPSTREAM_REJECTED',
      source: 'shop',
      retryable: false,
      upstreamStatus: 404,
    });
    expect(JSON.stringify(body)).not.toContain('http://');
  });

  it.each([
    ['{ hello', 'PARSE_FAILED'],
    ['{ nothing }', 'VALIDATION_FAILED'],
    ['query A { hello } query B { hello }', 'BAD_REQUEST'],
    ['query ($n: String!) { hello(name: $n) }', 'BAD_REQUEST'],
  ])('in the document %s have the code %s', async (query, code) => {
    const { status, body } = await app.query(query);
    expect([status, body.errors?.[0]?.extensions['code']]).toEqual([400, code]);
    const json = await app.query(query, { headers: { accept: 'application/json' } });
    expect([json.status, json.body.errors?.[0]?.extensions['code']]).toEqual([200, code]);
  });

  it('of a field that must not be null name the contract', async () => {
    const { body } = await app.query('{ need }');
    expect(body).toMatchObject({ data: null, errors: [{ extensions: { code: 'UPSTREAM_BAD_PAYLOAD' } }] });
  });

  it('tell who subscribes without taking events what to send', async () => {
    const { status, body } = await app.query('subscription { news }');
    expect([status, body.errors?.[0]?.extensions['code']]).toEqual([406, 'BAD_REQUEST']);
    expect(body.errors?.[0]?.message).toContain('text/event-stream');
  });
});

describe('what is refused', () => {
  it.each([
    ['application/x-www-form-urlencoded', 'query=%7Bhello%7D'],
    ['text/plain', '{"query":"{ hello }"}'],
    ['multipart/form-data; boundary=x', '--x--'],
    ['application/graphql', '{ hello }'],
    ['application/json; charset=latin1', '{"query":"{ hello }"}'],
  ])('a POST of %s, which another site could send', async (type, body) => {
    const response = await post(body, { 'content-type': type });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  });

  it('a preflight of another site', async () => {
    const response = await fetch(`${url}/graphql`, { method: 'OPTIONS', headers: { origin: 'http://evil.test' } });
    expect(response.status).toBe(405);
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it.each([['[{"query":"{ hello }"}]'], ['"text"'], ['{"query":'], ['{"query":"{ hello }","more":1}'], ['{}']])(
    'the body %s',
    async (body) => {
      const response = await post(body, { accept: 'application/graphql-response+json' });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
    },
  );

  it('a mutation over GET', async () => {
    const headers = { 'x-tributary-csrf': '1' };
    const response = await fetch(`${url}/graphql?query=${encodeURIComponent('mutation { write }')}`, { headers });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it.each(['PUT', 'DELETE', 'PATCH'])('the method %s', async (method) => {
    expect((await fetch(`${url}/graphql`, { method })).status).toBe(405);
  });

  it('a body above the limit, announced or not', async () => {
    const large = JSON.stringify({ query: `{ hello(name: "${'x'.repeat(3000)}") }` });
    const chunked = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(large));
        controller.close();
      },
    });
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: chunked, duplex: 'half' };
    const responses = [await post(large), await fetch(`${url}/graphql`, init as RequestInit)];
    expect(responses.map(({ status }) => status)).toEqual([413, 413]);
  });

  it('a body that never ends, with 408 at the deadline', async () => {
    const status = await new Promise<[number | undefined, string | undefined]>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': 100, 'x-request-timeout-ms': '30' };
      const request = httpRequest(`${url}/graphql`, { method: 'POST', headers }, (response) => {
        resolve([response.statusCode, response.headers.connection]);
        request.destroy();
      });
      request.once('error', reject);
      request.write('{"query":');
    });
    expect(status).toEqual([408, 'close']);
  });

  it.each(['/nothing', '/graphql/more', '/x/graphql', '/health'])(
    'the path %s, with a problem document',
    async (path) => {
      const response = await fetch(`${url}${path}`);
      expect([response.status, response.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
    },
  );
});

describe('the budget', () => {
  it('ends what hears the signal, and keeps what its siblings have', async () => {
    const { status, body } = await app.query('{ wait hello }', { headers: { 'x-request-timeout-ms': '30' } });
    expect(status).toBe(200);
    expect(body.data).toEqual({ wait: null, hello: 'hello undefined' });
    expect(body.errors).toMatchObject([{ path: ['wait'], extensions: { code: 'DEADLINE_EXCEEDED', retryable: true } }]);
  });

  it('ends what does not hear it, a little later', async () => {
    const { status, body } = await app.query('{ never }', { headers: { 'x-request-timeout-ms': '30' } });
    expect(status).toBe(504);
    expect(body.errors).toMatchObject([{ extensions: { code: 'DEADLINE_EXCEEDED' } }]);
  });

  it('is capped by the configuration, and nonsense asks for nothing', async () => {
    seen.length = 0;
    for (const asked of ['999999999', '-1', 'soon', '1000']) {
      await app.query('{ hello }', { headers: { 'x-request-timeout-ms': asked } });
    }
    expect(seen.map(({ deadline, startedAt }) => deadline - startedAt)).toEqual([5000, 5000, 5000, 1000]);
  });

  it('ends when the client leaves', async () => {
    const before = app.lines.length;
    const controller = new AbortController();
    const sent = fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': 'leaver' },
      body: '{"query":"{ wait }"}',
      signal: controller.signal,
    });
    const inFlight = async () => (await app.metrics.expose()).includes('tributary_operations_in_flight 1');
    while (!(await inFlight())) await nextTurn();
    controller.abort();
    await expect(sent).rejects.toThrow();
    const line = () => app.lines.slice(before).find((each) => each['requestId'] === 'leaver');
    while (line() === undefined) await nextTurn();
    expect(line()).toMatchObject({ codes: ['CLIENT_CLOSED'] });
  });
});

it('leads from / to GraphiQL', async () => {
  const response = await fetch(`${url}/`, { redirect: 'manual' });
  expect([response.status, response.headers.get('location')]).toEqual([302, '/graphql']);
});
