/** What mutations and operators make old: exactly the answers that hold it. */
import { describe, expect, it, vi } from 'vitest';
import { createAdmin } from '../../gateway/admin/app.ts';
import { GatewayError } from '../../gateway/errors.ts';
import { startCached } from '../kit/cached.ts';

// Hundreds of requests are seconds where the machine is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const SDL = `
type Query {
  order(id: ID): Order @call @cacheControl(maxAge: 60)
  orders: [Order] @call @cacheControl(maxAge: 60)
  customer(id: ID): Customer @call @cacheControl(maxAge: 60, tags: ["people"])
  nodes: [Node] @call @cacheControl(maxAge: 60)
}
interface Node { name: String }
type Order implements Node { id: ID @entityId customerId: ID name: String customer: Customer }
type Customer { customerId: ID @entityId name: String }
type Mutation {
  renameOrder(id: ID): Order @call @invalidates(lists: ["Order"])
  closeOrder(input: Close): Boolean @call @invalidates(entities: [{ type: "Order", idFrom: "input.order.id" }])
  unknown: Boolean @call
  harmless: Boolean @call @invalidates
  failing(id: ID): Boolean @call @invalidates(entities: [{ type: "Order", idFrom: "id" }])
}
input Close { order: CloseOrder }
input CloseOrder { id: ID }
`;

const READS = {
  'order 1': '{ order(id: "1") { name } }',
  'order 2': '{ order(id: "2") { name } }',
  'no order': '{ order(id: "none") { name } }',
  orders: '{ orders { name } }',
  'customer 1': '{ customer(id: "1") { name } }',
  nodes: '{ nodes { name } }',
};

async function shop() {
  const order = (id: unknown) => ({ __typename: 'Order', id, customerId: '1', name: `Order ${id}`, customer: null });
  const kit = startCached({
    sdl: SDL,
    resolvers: {
      Query: {
        order: (_, { id }) => (id === 'none' ? null : order(id)),
        orders: () => [order('1'), order('2')],
        customer: (_, { id }) => ({ customerId: id, name: `Customer ${id}` }),
        nodes: () => [order('1')],
      },
      Mutation: {
        renameOrder: (_, { id }) => order(id),
        closeOrder: () => true,
        unknown: () => true,
        harmless: () => true,
        failing: (_, { id }) => {
          throw new GatewayError(id === '2' ? 'UPSTREAM_REJECTED' : 'UPSTREAM_TIMEOUT');
        },
      },
    },
  });
  for (const query of Object.values(READS)) await kit.ask(query);
  /** Names of the reads that have to be made anew. */
  const dropped = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const [name, query] of Object.entries(READS)) if ((await kit.ask(query)).outcome === 'MISS') found.push(name);
    return found;
  };
  return { ...kit, dropped };
}

describe('a mutation makes old', () => {
  it.each([
    [
      'the value it answers with, and lists of its type',
      'renameOrder(id: "1") { name }',
      ['order 1', 'no order', 'orders', 'nodes'],
    ],
    ['a value by an argument', 'closeOrder(input: { order: { id: "2" } })', ['order 2', 'orders', 'nodes']],
    [
      'all of a type, where the argument is not there',
      'closeOrder',
      ['order 1', 'order 2', 'no order', 'orders', 'nodes'],
    ],
    ['everything of its source, where nobody knows', 'unknown', Object.keys(READS)],
    ['nothing, where the policy says so', 'harmless', []],
    [
      'everything of its source, when that failed: nobody knows how far it came',
      'failing(id: "1")',
      Object.keys(READS),
    ],
    ['what it says, when the source rejected it', 'failing(id: "2")', ['order 2', 'orders', 'nodes']],
    [
      'what several fields do',
      'a: closeOrder(input: { order: { id: "1" } }) b: closeOrder(input: { order: { id: "2" } })',
      ['order 1', 'order 2', 'orders', 'nodes'],
    ],
  ])('%s', async (_what, fields, expected) => {
    const { ask, dropped } = await shop();
    const { headers } = await ask(`mutation { ${fields} }`);
    expect(headers.get('x-cache')).toBe('BYPASS; mutation');
    expect(await dropped()).toEqual(expected);
  });

  it('an order by its own id alone: the key of its customer is none of its', async () => {
    const { ask, dropped } = await shop();
    // Order 9 is customer 1's, and so says the answer.
    await ask('mutation { renameOrder(id: "9") { customerId } }');
    expect(await dropped()).toEqual(['no order', 'orders', 'nodes']);
  });

  it('everything of its source, where its document hides what it answers with', async () => {
    const { ask, dropped } = await shop();
    await ask('mutation { renameOrder(id: "1") { __responseCacheTypeName: name __responseCacheId: customerId } }');
    expect(await dropped()).toEqual(Object.keys(READS));
  });

  it.each([null, 0, '', '1'])('and answers with what was asked for, whatever its id (%j)', async (id) => {
    const { ask } = startCached({
      sdl: SDL,
      resolvers: {
        Query: { order: () => ({ id, name: 'a' }), orders: () => [{ id, name: 'a' }, null] },
        Mutation: { renameOrder: () => ({ id, name: 'a' }) },
      },
    });
    expect((await ask('mutation { renameOrder { name } }')).data).toEqual({ renameOrder: { name: 'a' } });
    for (const _ of [1, 2]) {
      expect((await ask('{ order { name } orders { name } }')).data).toEqual({
        order: { name: 'a' },
        orders: [{ name: 'a' }, null],
      });
    }
  });
});

describe('who operates the gateway drops', () => {
  it.each([
    [{ entities: [{ type: 'Order', id: '1' }] }, ['order 1', 'orders', 'nodes']],
    [{ types: ['Customer'] }, ['customer 1']],
    [{ types: ['Node'] }, ['nodes']],
    [{ lists: ['Order'] }, ['no order', 'orders', 'nodes']],
    [{ tags: ['people'] }, ['customer 1']],
    [{ sources: ['shop'] }, Object.keys(READS)],
    [{ sources: ['other'] }, []],
    [{ all: true }, Object.keys(READS)],
  ])('%j', async (body, expected) => {
    const { cache, metrics, dropped } = await shop();
    const admin = createAdmin({ readiness: () => ({ ready: true, sources: [] }), metrics, dropAnswers: cache.drop });
    const post = (sent: unknown) =>
      admin.request('/admin/cache/invalidate', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(sent),
      });
    const response = await post(body);
    expect([response.status, await response.json()]).toEqual([200, { replicas: 'told' }]);
    expect(await dropped()).toEqual(expected);
    for (const bad of [{}, { types: [] }, { all: false }, { type: 'Order' }, 'all'])
      expect((await post(bad)).status).toBe(400);
  });
});
