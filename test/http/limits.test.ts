/** Limits as clients meet them: over HTTP and WebSocket, of operations, of subscriptions, of fields. */
import { describe, expect, it } from 'vitest';
import { WIRE_DIRECTIVES } from '../../gateway/lib/wire-directives.ts';
import { startApp } from '../kit/app.ts';
import { createFakeClock } from '../kit/clock.ts';
import { makeGeneration, makeSchema, makeSupply, type Resolvers } from '../kit/fixed-supply.ts';
import { connect } from '../kit/socket.ts';
import { until } from '../kit/until.ts';

const SDL = `${WIRE_DIRECTIVES}
  type Query { a: Int item(id: ID, kind: String): Item @rateLimit(max: 2, window: "60000ms", identityArgs: ["id"]) node: Node things: [Node] }
  type Mutation { w: Int @rateLimit(max: 1, window: "60000ms") }
  type Subscription { s: Int @rateLimit(max: 1, window: "60000ms") t: Int }
  interface Node { id: ID name: String }
  type Item implements Node { id: ID name: String @rateLimit(max: 3, window: "60000ms") }
  type Other implements Node { id: ID name: String }`;

function start(settings: Record<string, unknown> = {}, resolvers: Resolvers = {}) {
  const clock = createFakeClock();
  const schema = makeSchema(SDL, {
    Query: { a: () => 1, item: (_source, { id }) => ({ id, name: 'n' }), node: () => ({ id: '1', name: 'n' }) },
    ...resolvers,
  });
  const node = schema.getType('Node');
  if (node && 'resolveType' in node) node.resolveType = () => 'Item';
  const subscriptions = schema.getSubscriptionType()?.getFields() ?? {};
  const open = new Set<() => void>();
  for (const name of ['s', 't']) {
    Object.assign(subscriptions[name] ?? {}, {
      resolve: () => 1,
      async *subscribe() {
        yield 1;
        await new Promise<void>((resolve) => void open.add(resolve));
      },
    });
  }
  const app = startApp(makeSupply(makeGeneration('g', schema)), settings, clock.now);
  /** Ends what is open; says whether anything was. */
  const endStreams = (): boolean => {
    for (const end of open) end();
    return open.size > 0;
  };
  return { app, clock, endStreams };
}

const perMinute = (points: number, more: Record<string, unknown> = {}) => ({
  rateLimits: [{ name: 'per-address', by: ['ip'], points, cost: 'requests', ...more }],
});

describe('an operation beyond the limit', () => {
  it('is 429 with the rule, when to come back, and how the budget stands', async () => {
    const { app, clock } = start(perMinute(2));
    const first = await app.query('{ a }');
    expect([first.status, first.headers.get('ratelimit-policy'), first.headers.get('ratelimit')]).toEqual([
      200,
      '"per-address";q=2;w=60',
      '"per-address";r=1;t=30',
    ]);
    await app.query('{ a }');
    for (const accept of ['application/graphql-response+json', 'application/json']) {
      const { status, headers, body } = await app.query('{ a }', { headers: { accept } });
      expect([status, headers.get('retry-after'), headers.get('ratelimit')]).toEqual([
        429,
        '30',
        '"per-address";r=0;t=60',
      ]);
      expect(body.errors).toEqual([
        {
          message: 'The limit "per-address" is reached: try again in 30 s.',
          extensions: { code: 'RATE_LIMITED', retryable: true, rule: 'per-address', retryAfterMs: 30_000 },
        },
      ]);
    }
    clock.advance(30_000);
    expect((await app.query('{ a }')).status).toBe(200);
    expect(await app.metrics.expose()).toMatch(/tributary_limit_refusals_total\{rule="per-address",shadow="false"\} 2/);
  });

  it('is refused over WebSocket, too, where budgets are the same', async () => {
    const { app } = start(perMinute(2, { by: [] }));
    await using _ = app;
    await app.query('{ a }');
    const client = await connect(`${(await app.listen()).url}/graphql`);
    const ask = async (id: string, query: string) => {
      client.send({ id, type: 'subscribe', payload: { query } });
      return await client.next();
    };
    expect(await ask('1', '{ a }')).toMatchObject({ type: 'next' });
    await client.next();
    expect(await ask('2', '{ a }')).toMatchObject({
      type: 'next',
      payload: {
        errors: [{ extensions: { code: 'RATE_LIMITED', rule: 'per-address', retryAfterMs: expect.any(Number) } }],
      },
    });
    await client.next();
    const refused = await ask('3', 'subscription { t }');
    expect(JSON.stringify(refused)).toMatch(/RATE_LIMITED/);
    client.socket.close();
  });

  it('is not told by headers that a caller writes', async () => {
    const { app } = start(perMinute(1));
    await using _ = app;
    const { url } = await app.listen();
    const statuses = [];
    for (const address of ['198.51.100.1', '198.51.100.2', '198.51.100.3']) {
      const headers = {
        'content-type': 'application/json',
        'x-forwarded-for': address,
        forwarded: `for=${address}`,
        'x-real-ip': address,
      };
      statuses.push((await fetch(`${url}/graphql`, { method: 'POST', headers, body: '{"query":"{ a }"}' })).status);
    }
    expect(statuses).toEqual([200, 429, 429]);
  });

  it('that asks for nothing but an explanation pays nothing in the end', async () => {
    const { app } = start({ ...perMinute(10, { cost: 'price' }), explain: { principals: ['anonymous'] } });
    for (let times = 0; times < 30; times += 1)
      expect((await app.query('{ node { id } }', { headers: { 'x-tributary-explain': 'plan' } })).status).toBe(200);
  });

  it('is free for who operates the gateway', async () => {
    const { app } = start(perMinute(1));
    const headers = { 'content-type': 'application/json' };
    for (let times = 0; times < 3; times += 1) {
      const request = new Request('http://gateway/graphql', { method: 'POST', headers, body: '{"query":"{ a }"}' });
      expect((await app.explain(request)).status).toBe(200);
    }
  });
});

describe('an operation under way', () => {
  const settings = { concurrencyLimits: [{ name: 'at-once', by: [], max: 1 }] };

  it('takes its place until it has ended, however it ends', async () => {
    let go = (): void => undefined;
    const gate = new Promise<number>((resolve) => {
      go = () => resolve(1);
    });
    let asked = 0;
    const a = () => {
      asked += 1;
      return asked === 1 ? gate : 2;
    };
    const { app } = start(settings, { Query: { a } });
    const slow = app.query('{ a }');
    await until(() => asked === 1);
    expect((await app.query('{ a }')).body.errors?.[0]?.extensions).toMatchObject({
      code: 'RATE_LIMITED',
      rule: 'at-once',
    });
    go();
    expect((await slow).body.data).toEqual({ a: 1 });
    expect((await app.query('{ a }')).body.data).toEqual({ a: 2 });
    const failing = await app.query('{ item(id: {}) { id } }');
    expect(failing.status).toBe(400);
    expect((await app.query('{ a }')).body.data).toEqual({ a: 2 });
  });

  it('is a subscription until its client leaves', async () => {
    const { app } = start(settings);
    await using _ = app;
    const { url } = await app.listen();
    const client = await connect(`${url}/graphql`);
    client.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { t }' } });
    await client.next();
    expect((await app.query('{ a }')).status).toBe(429);
    client.send({ id: '1', type: 'complete' });
    await until(async () => (await app.query('{ a }')).status === 200);
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
    const gone = new AbortController();
    const init = { method: 'POST', headers, body: '{"query":"subscription { t }"}', signal: gone.signal };
    const stream = await fetch(`${url}/graphql`, init);
    await stream.body?.getReader().read();
    expect((await app.query('{ a }')).status).toBe(429);
    gone.abort();
    await until(async () => (await app.query('{ a }')).status === 200);
    client.socket.close();
  });
});

describe('a field with @rateLimit', () => {
  const codeOf = async (
    app: ReturnType<typeof start>['app'],
    query: string,
    more: Parameters<typeof app.query>[1] = {},
  ) => {
    const { body, status, headers } = await app.query(query, more);
    const { code, rule } = body.errors?.[0]?.extensions ?? {};
    return code === undefined ? 'ok' : `${code} ${rule} ${status} ${headers.get('retry-after')}`;
  };
  const refused = 'RATE_LIMITED Query.item 429 30';

  it('may be selected so often by one, by the arguments that it is told apart by', async () => {
    const { app, clock } = start();
    const item = (id: number, kind = 'x') => codeOf(app, `{ item(id: ${id}, kind: "${kind}") { id } }`);
    expect([await item(1), await item(1, 'y'), await item(1), await item(2)]).toEqual(['ok', 'ok', refused, 'ok']);
    clock.advance(30_000);
    expect([await item(1), await item(1)]).toEqual(['ok', refused]);
  });

  it('counts each time it stands in the operation: aliases, fragments and variables, but nothing that is skipped', async () => {
    const { app } = start();
    expect(await codeOf(app, '{ a: item(id: 1) { id } b: item(id: 1) { id } c: item(id: 1) { id } }')).toBe(refused);
    const query =
      'query ($id: ID, $no: Boolean!) { item(id: $id) { id } ...F @skip(if: $no) } fragment F on Query { x: item(id: $id) { id } }';
    expect(await codeOf(app, query, { variables: { id: 2, no: true } })).toBe('ok');
    expect(await codeOf(app, query, { variables: { id: 2, no: false } })).toBe(refused);
  });

  it('counts nothing of operations that were not chosen', async () => {
    const { app } = start();
    const query = 'query A { a } mutation B { w }';
    for (let times = 0; times < 4; times += 1) expect(await codeOf(app, query, { operationName: 'A' })).toBe('ok');
    expect(await codeOf(app, query, { operationName: 'B' })).toBe('ok');
    expect(await codeOf(app, query, { operationName: 'B' })).toBe('RATE_LIMITED Mutation.w 429 60');
  });

  it('counts where an interface may turn out to be its type', async () => {
    const { app } = start();
    const query = '{ node { name ... on Item { again: name } } }';
    expect([await codeOf(app, query), await codeOf(app, query)]).toEqual(['ok', 'RATE_LIMITED Item.name 429 20']);
  });

  it('counts for subscriptions', async () => {
    const { app, endStreams } = start();
    const ask = () =>
      app.fetch(
        new Request('http://gateway.test/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
          body: '{"query":"subscription { s }"}',
        }),
      );
    const first = await ask();
    const second = await ask();
    expect([first.status, second.status, second.headers.get('retry-after')]).toEqual([200, 429, '60']);
    const rest = first.text();
    await until(endStreams);
    expect(await rest).toContain('{"data":{"s":1}}');
  });

  it('lets exactly so many through of all that come at once', async () => {
    const { app } = start();
    const all = await Promise.all(Array.from({ length: 20 }, () => codeOf(app, '{ item(id: 1) { id } }')));
    expect(all.filter((code) => code === 'ok')).toHaveLength(2);
  });
});
