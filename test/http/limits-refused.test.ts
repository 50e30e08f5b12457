/** What is refused before it comes to its budgets is counted by rules that count requests: bad proofs, faults, what is too large. */
import { afterEach, describe, expect, it } from 'vitest';
import { hashKey } from '../../gateway/identify/key-store.ts';
import { type KitApp, startApp } from '../kit/app.ts';
import { createFakeClock } from '../kit/clock.ts';
import { makeGeneration, makeSchema, makeSupply } from '../kit/fixed-supply.ts';
import { connect } from '../kit/socket.ts';

const open: KitApp[] = [];
afterEach(async () => {
  for (const app of open.splice(0)) await app[Symbol.asyncDispose]();
});

/** A gateway where three requests a minute are let through, and one key is good. */
function start(rule: Record<string, unknown> = {}, settings: Record<string, unknown> = {}) {
  const clock = createFakeClock();
  const schema = makeSchema('type Query { a(n: Int): Int b: Int } type Subscription { s: Int }', {
    Query: { a: () => 1 },
  });
  const identity = { apiKeys: { keys: [{ id: 'k', secrets: [{ hash: hashKey('good') }] }] } };
  const rateLimits = [{ name: 'per-address', by: ['ip'], points: 3, cost: 'requests', ...rule }];
  const app = startApp(makeSupply(makeGeneration('g', schema)), { identity, rateLimits, ...settings }, clock.now);
  open.push(app);
  return { app, clock };
}

const keyed = (key: string) => ({ headers: { 'x-api-key': key } });

describe('a request that is refused', () => {
  it.each<[string, string, Record<string, unknown>, number]>([
    ['for a bad key', '{ a }', keyed('bad'), 401],
    ['for a document that cannot be read', '{ a', {}, 400],
    ['for a field that does not exist', '{ c }', {}, 400],
    ['for a variable that is none', 'query($n: Int) { a(n: $n) }', { variables: { n: 'x' } }, 400],
    ['for its size', '{ b b b b b b b b b b b b }', {}, 400],
    ['for what is no JSON', '{ a }', { headers: { 'content-type': 'text/plain' } }, 415],
    ['for an operation nobody knows', '', {}, 400],
  ])('%s counts as one', async (_why, query, options, status) => {
    const { app, clock } = start({}, { operationLimits: { tokens: 10 } });
    const statuses = [];
    for (let times = 0; times < 4; times += 1) statuses.push((await app.query(query, options)).status);
    expect(statuses).toEqual([status, status, status, 429]);
    const { status: good, headers, body } = await app.query('{ a }', keyed('good'));
    expect([good, headers.get('retry-after'), body.errors?.[0]?.extensions]).toEqual([
      429,
      '20',
      { code: 'RATE_LIMITED', retryable: true, rule: 'per-address', retryAfterMs: 20_000 },
    ]);
    clock.advance(20_000);
    expect((await app.query('{ a }')).status).toBe(200);
  });

  it('says as what it was limited, and no more: neither that a key is good nor that it is not', async () => {
    const { app } = start();
    for (let times = 0; times < 3; times += 1) await app.query('{ a }', keyed('bad'));
    const [bad, good] = [await app.query('{ a }', keyed('bad')), await app.query('{ a }', keyed('good'))];
    expect([bad.status, bad.body, bad.headers.get('www-authenticate'), bad.headers.get('ratelimit')]).toEqual([
      good.status,
      good.body,
      null,
      good.headers.get('ratelimit'),
    ]);
    expect(bad.headers.get('cache-control')).toBe('no-store');
    expect(await app.metrics.expose()).toMatch(/limit_refusals_total\{rule="per-address",shadow="false"\} 2$/m);
  });

  it('is counted once for each operation of a list', async () => {
    const { app } = start({}, { batching: { max: 5 } });
    const ask = async () => {
      const headers = { 'content-type': 'application/json' };
      const list = [{ query: '{ c }' }, { query: '{ a }' }, { query: '{ d' }, { query: '{ e }' }];
      const init = { method: 'POST', headers, body: JSON.stringify(list) };
      const answer = await app.fetch(new Request('http://gateway.test/graphql', init));
      return ((await answer.json()) as { errors?: { extensions: { code: string } }[] }[]).map(
        ({ errors }) => errors?.[0]?.extensions.code,
      );
    };
    const first = await ask();
    expect(first.filter((code) => code === 'RATE_LIMITED')).toHaveLength(1);
    expect(await ask()).toEqual(Array.from({ length: 4 }, () => 'RATE_LIMITED'));
  });

  it('is nobody’s where its proof is bad: it takes nothing from who it claims to be', async () => {
    const { app } = start({ by: ['anonymous'], points: 1 });
    expect((await app.query('{ a }', keyed('bad'))).status).toBe(401);
    expect((await app.query('{ a }', keyed('bad'))).status).toBe(429);
    expect((await app.query('{ a }', keyed('good'))).status).toBe(200);
  });

  it('costs nothing where rules count prices or calls', async () => {
    const { app } = start({ cost: 'price' });
    for (let times = 0; times < 9; times += 1) expect((await app.query('{ c }')).status).toBe(400);
    expect((await app.query('{ a }')).status).toBe(200);
  });

  it('is counted on the port, where plain requests enter by a shorter way', async () => {
    const { app } = start({}, { operationLimits: { tokens: 10 } });
    const url = `${(await app.listen()).url}/graphql`;
    const ask = async (query: string, headers: Record<string, string> = {}) => {
      const body = JSON.stringify({ query });
      const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
      const answer = await fetch(url, init);
      return [
        answer.status,
        ((await answer.json()) as { errors: [{ extensions: { code: string } }] }).errors[0].extensions.code,
      ];
    };
    expect([
      await ask('{ c }'),
      await ask('{ a }', { 'x-api-key': 'bad' }),
      await ask('{ b b b b b b b b b }'),
    ]).toEqual([
      [200, 'VALIDATION_FAILED'],
      [401, 'UNAUTHENTICATED'],
      [200, 'LIMIT_TOKENS'],
    ]);
    expect([await ask('{ c }'), await ask('{ a }', { 'x-api-key': 'bad' })]).toEqual([
      [429, 'RATE_LIMITED'],
      [429, 'RATE_LIMITED'],
    ]);
  });

  it('is counted over WebSocket, operations and bad proofs of connections alike', async () => {
    const { app } = start();
    const url = `${(await app.listen()).url}/graphql`;
    const client = await connect(url);
    const codes = [];
    for (const id of ['1', '2', '3', '4']) {
      client.send({ id, type: 'subscribe', payload: { query: id === '2' ? '{ c' : '{ c }' } });
      const { type, payload } = await client.next();
      codes.push([type, (payload as { extensions: { code: string } }[])[0]?.extensions.code]);
    }
    expect(codes).toEqual([
      ['error', 'VALIDATION_FAILED'],
      ['error', 'PARSE_FAILED'],
      ['error', 'VALIDATION_FAILED'],
      ['error', 'RATE_LIMITED'],
    ]);
    client.socket.close();
    const refused = await connect(url, { headers: { 'x-api-key': 'bad' }, handshake: false });
    refused.send({ type: 'connection_init' });
    expect(await refused.closed).toEqual({ code: 1013, reason: 'RATE_LIMITED' });
  });
});
