/** Rules of a policy for operations that its source does not have. */
import { expect, it } from 'vitest';
import { buildGeneration } from '../../../gateway/compose/generation.ts';
import { policySchema } from '../../../gateway/config/policy.ts';

const TEXT = `schema @transport(subgraph: "shop", kind: "rest", location: "http://127.0.0.1:1") { query: Query }
type Query {
  orders: String @httpOperation(subgraph: "shop", path: "/orders", httpMethod: "GET")
  allItems: String @source(subgraph: "shop", name: "items") @httpOperation(subgraph: "shop", path: "/items", httpMethod: "GET")
}`;

function strangeIn(operations: object): readonly string[] {
  const told: string[] = [];
  const policy = policySchema.parse({ operations });
  buildGeneration({
    ...{ id: 'g', privateText: TEXT, publicText: '', states: [], headerRules: {} as never, maxBodyBytes: 1000 },
    ...{ limits: { maxCallsPerOperation: 10, maxCallsPerSource: {} } as never, now: Date.now },
    settings: new Map([['shop', { policy, endpoints: [], headers: {} }]]),
    onCall: () => undefined,
    onStrange: (rules) => told.push(...rules),
  });
  return told;
}

it('are told, by source and name', () => {
  expect(strangeIn({ order: { idempotent: true }, orders: { notFound: 'null' } })).toEqual(['shop.order']);
});

it('are none for names of before a renaming, and for what is left out', () => {
  expect(strangeIn({ items: { notFound: 'null' }, allItems: { batchSize: 5 }, gone: { exclude: true } })).toEqual([]);
});
