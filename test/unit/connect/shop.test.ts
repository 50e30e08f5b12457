import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createStock, statusOf } from '../../../examples/lib/data/stock.ts';
import { type Shop, startShop } from '../../../examples/start.ts';
import type { Connector } from '../../../gateway/connect/connector.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import { Ending } from '../../../gateway/lib/ending.ts';
import { rootJsonOf } from './grpc-kit.ts';
import { callOf, failureOf, optionsOf } from './kit.ts';

/** The same promises for every kind of connector, against the example services. */
const REST = /* GraphQL */ `
  type Query {
    customers(ids: [ID!]): JSON @httpOperation(subgraph: "shop", path: "/customers", httpMethod: "GET", accept: "application/json",
      params: [{ arg: "ids", name: "ids", in: "query", style: "form", explode: true }])
  }
`;
const GRPC = /* GraphQL */ `
  type StockLevel { productId: String @resolveRootField(subgraph: "shop", field: "product_id") }
  type Answer { stocks: [StockLevel] }
  input Request { productIds: [String] @resolveRootField(subgraph: "shop", field: "product_ids") }
  type Query {
    batchGetStock(input: Request): Answer @grpcMethod(subgraph: "shop", rootJsonName: "Root0", objPath: "inventory.v1.Inventory",
      methodName: "BatchGetStock", requestType: "inventory.v1.BatchGetStockRequest", responseType: "inventory.v1.BatchGetStockResponse")
  }
`;

type Side = { connector(policy?: object): Connector; operation: string; service: 'orders' | 'inventory' };

let shop: Shop;
let rootJson: string;

beforeAll(async () => {
  shop = await startShop({ ports: { orders: 0, catalog: 0, inventory: 0, gallery: 0 } });
  rootJson = rootJsonOf(readFileSync(new URL('../../../sources/inventory/inventory.proto', import.meta.url), 'utf8'));
});

afterAll(async () => {
  await shop[Symbol.asyncDispose]();
});

beforeEach(() => {
  shop.orders.calls.reset();
  shop.inventory.calls.reset();
});

const sides = {
  rest: {
    operation: 'customers',
    service: 'orders',
    connector: (policy = {}) => openConnector('rest', optionsOf({ sdl: REST, endpoints: [shop.orders.url], policy })),
  },
  grpc: {
    operation: 'batchGetStock',
    service: 'inventory',
    connector: (policy = {}) =>
      openConnector(
        'grpc',
        optionsOf({ sdl: GRPC, endpoints: [shop.inventory.url], roots: [{ name: 'Root0', rootJson }], policy }),
      ),
  },
} satisfies Record<string, Side>;

const slow = { headers: { forward: ['x-delay-ms', 'x-fault'] } };
const hang = { headers: { 'x-fault': 'hang' } };

describe.each(Object.entries(sides))('%s', (_kind, { connector: open, operation, service }) => {
  it('ends the call at the upstream when the client has gone', async () => {
    await using connector = open(slow);
    const client = new AbortController();
    const failing = failureOf(connector.call(callOf(operation, {}, { ...hang, signal: client.signal })));
    await shop[service].calls.until((calls) => calls.total() === 1);
    client.abort();
    expect((await failing).code).toBe('CLIENT_CLOSED');
    await shop[service].calls.until((calls) => calls.cancelled() === 1);
  });

  it('ends the call at the upstream when its time is up, and says whose time it was', async () => {
    await using connector = open({ ...slow, deadlineMs: 150 });
    expect((await failureOf(connector.call(callOf(operation, {}, hang)))).code).toBe('UPSTREAM_TIMEOUT');
    const deadline = Date.now() + 120;
    expect((await failureOf(connector.call(callOf(operation, {}, { ...hang, deadline })))).code).toBe(
      'DEADLINE_EXCEEDED',
    );
    await shop[service].calls.until((calls) => calls.total() === 2 && calls.cancelled() === 2);
  });

  it('sends nothing when no time is left or nobody waits', async () => {
    await using connector = open();
    const late = await failureOf(connector.call(callOf(operation, {}, { deadline: Date.now() })));
    const gone = await failureOf(connector.call(callOf(operation, {}, { signal: AbortSignal.abort() })));
    expect([late.code, gone.code]).toEqual(['DEADLINE_EXCEEDED', 'CLIENT_CLOSED']);
    expect(shop[service].calls.total()).toBe(0);
  });

  it('makes many calls of one request at once and leaves no listener behind', async () => {
    await using connector = open();
    const signal = new Ending();
    const calls = Array.from({ length: 40 }, () => connector.call(callOf(operation, {}, { signal })));
    expect(signal.listeners).toBeGreaterThan(0);
    expect((await Promise.all(calls)).map(({ data }) => data !== null)).toEqual(calls.map(() => true));
    expect(signal.listeners).toBe(0);
  });
});

it('rest: asks for many customers in one call', async () => {
  await using connector = sides.rest.connector();
  const { data } = await connector.call(callOf('customers', { ids: ['cus_0003', 'cus_0001'] }));
  expect((data as { id: string }[]).map(({ id }) => id).sort()).toEqual(['cus_0001', 'cus_0003']);
  expect(shop.orders.calls.total()).toBe(1);
});

it('grpc: rows have exact ledger numbers, base64 checksums and statuses by name', async () => {
  await using connector = sides.grpc.connector();
  const { data } = await connector.call(callOf('batchGetStock', { input: { productIds: ['prd_0001', 'prd_0002'] } }));
  const expected = createStock().filter(({ productId }) => ['prd_0001', 'prd_0002'].includes(productId));
  const { stocks } = data as { stocks: Record<string, unknown>[] };
  const shown = stocks.map((row) => [row['product_id'], row['ledger_sequence'], row['count_checksum'], row['status']]);
  expect(shown.sort()).toEqual(
    expected
      .map((row) => [
        row.productId,
        String(row.ledgerSequence),
        Buffer.from(row.countChecksum).toString('base64'),
        statusOf(row),
      ])
      .sort(),
  );
  expect(Number.isSafeInteger(Number(shown[0]?.[1]))).toBe(false);
  expect(shop.inventory.calls.list()).toMatchObject([{ headers: { 'x-request-id': 'request-1' } }]);
});
