/** Limits as clients meet them: over HTTP and WebSocket, of operations, of subscriptions, of fields. */
import { TypeInfo } from 'graphql';
import { describe, expect, it, vi } from 'vitest';
import { WIRE_DIRECTIVES } from '../../gateway/lib/wire-directives.ts';
import { createMemoryLimitStore } from '../../gateway/limit/memory-store.ts';
import { memoryLimits } from '../../gateway/limit/open.ts';
import type { Wanted } from '../../gateway/limit/store.ts';
import { type AppExtras, readSettings, startApp } from '../kit/app.ts';
import { createFakeClock } from '../kit/clock.ts';
import { makeGeneration, makeSchema, makeSupply, type Resolvers } from '../kit/fixed-supply.ts';
import { until } from '../kit/until.ts';

const { enter } = TypeInfo.prototype;

const SDL = `${WIRE_DIRECTIVES}
  type Query { a: Int item(id: ID, kind: String): Item @rateLimit(max: 2, window: "60000ms", identityArgs: ["id"]) need(id: ID!): Item @rateLimit(max: 2, window: "60000ms", identityArgs: ["id"]) node: Node things: [Node] }
  type Mutation { w: Int @rateLimit(max: 1, window: "60000ms") }
  type Subscription { s: Int @rateLimit(max: 1, window: "60000ms") t: Int }
  interface Node { id: ID name: String }
  type Item implements Node { id: ID name: String @rateLimit(max: 3, window: "60000ms") }
  type Other implements Node { id: ID name: String }`;

function start(settings: Record<string, unknown> = {}, resolvers: Resolvers = {}, extras: AppExtras = {}) {
  const clock = createFakeClock();
  const schema = makeSchema(SDL, {
    Query: {
      a: () => 1,
      item: (_source, { id }) => ({ id, name: 'n' }),
      need: (_source, { id }) => ({ id, name: 'n' }),
      node: () => ({ id: '1', name: 'n' }),
    },
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
  const app = startApp(makeSupply(makeGeneration('g', schema)), settings, clock.now, extras);
  /** Ends what is open; says whether anything was. */
  const endStreams = (): boolean => {
    for (const end of open) end();
    return open.size > 0;
  };
  return { app, clock, endStreams };
}

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
  /** Waiting would not help. */
  const never = 'LIMIT_COST Query.item 400 null';

  it('may be selected so often by one, by the arguments that it is told apart by', async () => {
    const { app, clock } = start();
    const item = (id: number, kind = 'x') => codeOf(app, `{ item(id: ${id}, kind: "${kind}") { id } }`);
    expect([await item(1), await item(1, 'y'), await item(1), await item(2)]).toEqual(['ok', 'ok', refused, 'ok']);
    clock.advance(30_000);
    expect([await item(1), await item(1)]).toEqual(['ok', refused]);
  });

  it('counts each time it stands in the operation: aliases, fragments and variables, but nothing that is skipped', async () => {
    const { app } = start();
    expect(await codeOf(app, '{ a: item(id: 1) { id } b: item(id: 1) { id } c: item(id: 1) { id } }')).toBe(never);
    expect(await codeOf(app, '{ a: item(id: 1) { id } b: item(id: 1) { id } }')).toBe('ok');
    expect(await codeOf(app, '{ item(id: 1) { id } }')).toBe(refused);
    const query =
      'query ($id: ID, $no: Boolean!) { item(id: $id) { id } ...F @skip(if: $no) } fragment F on Query { x: item(id: $id) { id } }';
    for (let times = 0; times < 2; times += 1)
      expect(await codeOf(app, query, { variables: { id: 2, no: true } })).toBe('ok');
    expect(await codeOf(app, query, { variables: { id: 3, no: false } })).toBe('ok');
    expect(await codeOf(app, query, { variables: { id: 3, no: true } })).toBe(refused);
  });

  it('counts a fragment as often as it is used, and not at all where it is skipped', async () => {
    const { app } = start();
    const fragment = 'fragment F on Item { ...G } fragment G on Item { name }';
    const items = (ids: number[]) => ids.map((id) => `i${id}: item(id: ${id}) { ...F }`).join(' ');
    const skipped = `query ($no: Boolean!) { item(id: 9) { id ...F @skip(if: $no) ... @include(if: false) { ...F } } } ${fragment}`;
    for (let times = 0; times < 2; times += 1)
      expect(await codeOf(app, skipped, { variables: { no: true } })).toBe('ok');
    expect(await codeOf(app, `{ ${items([1, 2, 3])} } ${fragment}`)).toBe('ok');
    expect(await codeOf(app, `{ ${items([4])} } ${fragment}`)).toBe('RATE_LIMITED Item.name 429 20');
    const fresh = start().app;
    expect(await codeOf(fresh, `{ ${items([1, 2, 3, 4])} } ${fragment}`)).toBe('LIMIT_COST Item.name 400 null');
  });

  it('goes by the defaults of variables: in what is skipped, and in arguments', async () => {
    const { app } = start();
    const item = (query: string, variables = {}) => codeOf(app, query, { variables });
    expect(await item('query ($s: Boolean = true) { a item(id: 1) @skip(if: $s) { id } }')).toBe('ok');
    const included =
      'query ($s: Boolean = false) { a ...F @include(if: $s) } fragment F on Query { item(id: 1) { id } }';
    for (let times = 0; times < 3; times += 1) expect(await item(included)).toBe('ok');
    const byDefault = 'query ($id: ID! = 1) { item(id: $id) { id } }';
    expect([await item(byDefault), await item('{ item(id: 1) { id } }'), await item(byDefault)]).toEqual([
      'ok',
      'ok',
      refused,
    ]);
    expect(await item('query ($id: ID = 2) { item(id: $id) { id } }')).toBe('ok');
    expect(await item('{ item(id: 2) { id } again: item(id: 2) { id } }')).toBe(refused);
    expect(await item('query ($id: ID = 3) { need(id: $id) { id } }')).toBe('ok');
  });

  it('keeps nothing of faults in arguments: where one was met the next operation begins anew', async () => {
    const { app } = start();
    const deepest = vi.spyOn(TypeInfo.prototype, 'enter');
    let levels = 0;
    deepest.mockImplementation(function (this: TypeInfo, node) {
      enter.call(this, node);
      levels = Math.max(levels, Reflect.get(this, '_typeStack').length);
    });
    try {
      const fault = 'query ($id: ID = 1) { node { id } need(id: $id) { id } }';
      for (let n = 0; n < 20; n += 1) await codeOf(app, `${fault} #${n}`, { variables: { id: null } });
    } finally {
      deepest.mockRestore();
    }
    expect(levels).toBeGreaterThan(0);
    expect(levels).toBeLessThan(8);
  });

  it('leaves variables of a wrong type to the engine, and refusals beside a fault harm nobody', async () => {
    const { app } = start();
    expect(await codeOf(app, 'query ($s: Boolean = true) { a @skip(if: $s) }', { variables: { s: 'x' } })).toMatch(
      /^BAD_REQUEST/,
    );
    const fault = 'query ($id: ID = 1) { x: item { id } y: item { id } need(id: $id) { id } }';
    expect(await codeOf(app, fault, { variables: { id: null } })).toMatch(/^VALIDATION_FAILED/);
    expect(await codeOf(app, '{ item { id } }')).toBe(refused);
    expect(await codeOf(app, fault, { variables: { id: null } })).toMatch(/^RATE_LIMITED/);
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

  it('has the local share of its budget while Redis does not answer, and all of it once it does', async () => {
    let isAway = true;
    const now = () => 0;
    const store = createMemoryLimitStore({ maxKeys: 1000, now });
    const shared = { ...store, take: async (wanted: readonly Wanted[]) => (isAway ? undefined : store.take(wanted)) };
    const limits = { ...memoryLimits({ config: readSettings({}), now }), shared };
    const { app } = start({ limitStore: { localSharePercent: 50 } }, {}, { limits });
    const item = () => codeOf(app, '{ item(id: 1) { id } }');
    expect([await item(), await item()]).toEqual(['ok', 'RATE_LIMITED Query.item 429 60']);
    isAway = false;
    expect([await item(), await item(), await item()]).toEqual(['ok', 'ok', refused]);
  });
});
