/** Operations that are named by hash: over POST, GET and WebSocket, registered or trusted. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { startApp } from '../kit/app.ts';
import { makeGeneration, makeSchema, makeSupply } from '../kit/fixed-supply.ts';
import { connect } from '../kit/socket.ts';

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const named = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: hashOf(text) } });

type Sent = { query?: string; extensions?: unknown; variables?: unknown };

function start(persistedOperations: Record<string, unknown>, manifest?: ReadonlyMap<string, string>) {
  const schema = makeSchema('type Query { a: String b(n: Int): Int } type Subscription { s: Int }', {
    Query: { a: () => 'a', b: (_source, { n }) => n },
  });
  const app = startApp(makeSupply(makeGeneration('g', schema)), { persistedOperations }, Date.now, { manifest });
  const send = async (body: Sent, accept = 'application/graphql-response+json') => {
    const headers = { 'content-type': 'application/json', accept };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    return await read(await app.fetch(new Request('http://gateway.test/graphql', init)));
  };
  const get = async (params: Record<string, string>) => {
    const url = `http://gateway.test/graphql?${new URLSearchParams(params)}`;
    return await read(await app.fetch(new Request(url, { headers: { 'x-tributary-csrf': '1' } })));
  };
  return { app, send, get };
}

async function read(response: Response) {
  const { data, errors } = (await response.json()) as {
    data?: unknown;
    errors?: { message: string; extensions: { code: string } }[];
  };
  const [error] = errors ?? [];
  return {
    status: response.status,
    data,
    code: error?.extensions.code,
    message: error?.message,
    headers: response.headers,
  };
}

describe('automatic persisted queries', () => {
  it('are known once they were sent with their hash, for POST and GET', async () => {
    const { send, get } = start({ apq: 'allow' });
    const query = '{ a }';
    const unknown = await send({ extensions: named(query) });
    expect(unknown).toMatchObject({
      status: 400,
      code: 'PERSISTED_OPERATION_NOT_FOUND',
      message: 'PersistedQueryNotFound',
    });
    expect(unknown.headers.get('cache-control')).toBe('no-store');
    expect((await send({ extensions: named(query) }, 'application/json')).status).toBe(200);
    expect((await send({ query, extensions: named(query) })).data).toEqual({ a: 'a' });
    expect((await send({ extensions: named(query) })).data).toEqual({ a: 'a' });
    expect((await get({ extensions: JSON.stringify(named(query)) })).data).toEqual({ a: 'a' });
  });

  it('can be registered by GET, and keep their variables and names', async () => {
    const { get } = start({ apq: 'allow' });
    const query = 'query A { a } query B($n: Int) { b(n: $n) }';
    const extensions = JSON.stringify(named(query));
    const more = { operationName: 'B', variables: '{"n":3}', extensions };
    expect((await get({ ...more, query })).data).toEqual({ b: 3 });
    expect((await get({ ...more, variables: '{"n":4}' })).data).toEqual({ b: 4 });
  });

  it('are not registered when they are not valid', async () => {
    const { send } = start({ apq: 'allow' });
    for (const query of ['{ nothing }', '{ a ']) {
      expect((await send({ query, extensions: named(query) })).data).toBeUndefined();
      expect((await send({ extensions: named(query) })).code).toBe('PERSISTED_OPERATION_NOT_FOUND');
    }
  });

  it.each([
    ['another text than its hash', { query: '{ a }', extensions: named('{ b }') }, 'provided sha does not match query'],
    [
      'a hash that is none',
      { extensions: { persistedQuery: { version: 1, sha256Hash: 'abc' } } },
      /SHA-256 hash in hex/,
    ],
    [
      'another version',
      { extensions: { persistedQuery: { version: 2, sha256Hash: hashOf('{ a }') } } },
      /"version": 1/,
    ],
    ['something else', { extensions: { persistedQuery: 'yes' } }, /SHA-256 hash in hex/],
  ])('with %s are refused', async (_title, body, message) => {
    const { send } = start({ apq: 'allow' });
    expect(await send(body)).toMatchObject({
      status: 400,
      code: 'BAD_REQUEST',
      message: expect.stringMatching(message),
    });
  });

  it('that are off are answered so that clients send texts, which run', async () => {
    const { send } = start({});
    expect(await send({ extensions: named('{ a }') })).toMatchObject({
      code: 'PERSISTED_OPERATION_NOT_FOUND',
      message: 'PersistedQueryNotSupported',
    });
    expect((await send({ query: '{ a }', extensions: named('{ a }') })).data).toEqual({ a: 'a' });
    expect((await send({ extensions: named('{ a }') })).code).toBe('PERSISTED_OPERATION_NOT_FOUND');
  });

  it('run over WebSocket by their hash alone', async () => {
    const { app, send } = start({ apq: 'allow' });
    await using _ = app;
    await send({ query: '{ a }', extensions: named('{ a }') });
    const client = await connect(`${(await app.listen()).url}/graphql`);
    client.send({ id: '1', type: 'subscribe', payload: { query: '', extensions: named('{ a }') } });
    expect(await client.next()).toMatchObject({ id: '1', type: 'next', payload: { data: { a: 'a' } } });
    expect(await client.next()).toMatchObject({ id: '1', type: 'complete' });
    client.send({ id: '2', type: 'subscribe', payload: { query: '', extensions: named('{ b }') } });
    expect(await client.next()).toMatchObject({
      id: '2',
      type: 'error',
      payload: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_OPERATION_NOT_FOUND' } }],
    });
    client.send({ id: '3', type: 'subscribe', payload: { query: '{ b(n: 1) }', extensions: named('{ b(n: 1) }') } });
    expect(await client.next()).toMatchObject({ id: '3', type: 'next' });
    expect((await send({ extensions: named('{ b(n: 1) }') })).data).toEqual({ b: 1 });
    client.socket.close();
  });
});

describe('trusted operations', () => {
  const manifest = new Map([[hashOf('{ a }'), '{ a }']]);

  it('run by their hash, beside all others where they are allowed', async () => {
    const { send } = start({ manifest: 'm.json', mode: 'allow' }, manifest);
    expect((await send({ extensions: named('{ a }') })).data).toEqual({ a: 'a' });
    expect((await send({ query: '{ b(n: 1) }' })).data).toEqual({ b: 1 });
    expect((await send({ extensions: named('{ b }') })).message).toBe('PersistedQueryNotFound');
  });

  it('are all that runs where they are required, by hash or by the very same text', async () => {
    const { app, send, get } = start({ manifest: 'm.json', mode: 'require' }, manifest);
    await using _ = app;
    expect((await send({ extensions: named('{ a }') })).data).toEqual({ a: 'a' });
    expect((await send({ query: '{ a }' })).data).toEqual({ a: 'a' });
    expect((await get({ query: '{ a }' })).data).toEqual({ a: 'a' });
    for (const body of [{ query: '{a}' }, { query: '{ b(n: 1) }' }, { query: '{ b }', extensions: named('{ b }') }])
      expect(await send(body)).toMatchObject({ status: 400, code: 'PERSISTED_OPERATION_REQUIRED' });
    expect((await send({ extensions: named('{ b }') })).code).toBe('PERSISTED_OPERATION_NOT_FOUND');
    const client = await connect(`${(await app.listen()).url}/graphql`);
    client.send({ id: '1', type: 'subscribe', payload: { query: '{ b(n: 1) }' } });
    expect(await client.next()).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'PERSISTED_OPERATION_REQUIRED' } }],
    });
    client.socket.close();
  });

  it('are no limit for who operates the gateway', async () => {
    const { app } = start({ manifest: 'm.json', mode: 'require' }, manifest);
    const headers = { 'content-type': 'application/json' };
    const request = new Request('http://gateway/graphql', { method: 'POST', headers, body: '{"query":"{ b(n: 2) }"}' });
    expect(await (await app.explain(request)).json()).toEqual({ data: { b: 2 } });
  });
});
