import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { startCatalog } from '../../examples/catalog/server.ts';
import type { RunningServer } from '../../examples/lib/running-server.ts';
import { startOrders } from '../../examples/orders/server.ts';
import { ask, json } from './clients.ts';

const CONTRACTS = {
  orders: '../../sources/orders/openapi.yaml',
  catalog: '../../sources/catalog/openapi.json',
} as const;

let orders: RunningServer;
let catalog: RunningServer;
let schemaCheck: Record<keyof typeof CONTRACTS, (schema: object, value: unknown) => string | null>;

beforeAll(async () => {
  orders = await startOrders();
  catalog = await startCatalog();
  schemaCheck = { orders: await schemaChecker('orders'), catalog: await schemaChecker('catalog') };
});

afterAll(async () => {
  await orders[Symbol.asyncDispose]();
  await catalog[Symbol.asyncDispose]();
});

function urlOf(service: keyof typeof CONTRACTS, path: string): string {
  return `${service === 'orders' ? orders.url : catalog.url}${path}`;
}

async function schemaChecker(
  service: keyof typeof CONTRACTS,
): Promise<(schema: object, value: unknown) => string | null> {
  const { components } = parse(await readFile(new URL(CONTRACTS[service], import.meta.url), 'utf8'));
  const ajv = service === 'orders' ? new Ajv({ strict: false }) : new Ajv2020({ strict: false });
  addFormats.default(ajv);
  return (schema, value) => {
    const validate = ajv.compile({ allOf: [schema], components });
    return validate(value) ? null : ajv.errorsText(validate.errors);
  };
}

describe('every answer keeps the contract', () => {
  const one = (name: string): object => ({ $ref: `#/components/schemas/${name}` });
  const many = (name: string): object => ({ type: 'array', minItems: 1, items: one(name) });

  test.each([
    ['orders', '/customers?limit=200', many('Customer')],
    ['orders', '/customers?limit=200&offset=200', many('Customer')],
    ['orders', '/customers/cus_0010', one('Customer')],
    ['orders', '/customers/cus_0001/orders', many('Order')],
    ['orders', '/orders?limit=200', many('Order')],
    ['orders', '/orders?limit=200&sort=-placed-at', many('Order')],
    ['orders', '/orders?status=in-transit', many('Order')],
    ['orders', '/orders/ord_00001', one('Order')],
    ['orders', '/orders/ord_00001/timeline', many('OrderEvent')],
    ['orders', '/orders/nowhere', one('OrdersProblem')],
    ['catalog', '/products?limit=200', many('Product')],
    ['catalog', '/products?limit=200&offset=200', many('Product')],
    ['catalog', '/products?search=LAMP&maxPriceCents=20000', many('Product')],
    ['catalog', '/products?condition=open-box', many('Product')],
    ['catalog', '/products/prd_0001', one('Product')],
    ['catalog', '/bestsellers', many('Product')],
    ['catalog', '/categories', many('Category')],
    ['catalog', '/categories/cat_03', one('Category')],
    ['catalog', '/reviews?limit=200', many('Review')],
    ['catalog', '/reviews/rev_00001', one('Review')],
    ['catalog', '/reviews?minRating=9', one('CatalogProblem')],
  ] as const)('%s %s', async (service, path, schema) => {
    const answer = await ask(urlOf(service, path));
    expect(schemaCheck[service](schema, answer.body)).toBeNull();
  });
});

describe('requests that break the contract are refused with 400', () => {
  const customer = { name: 'Ada Byron', email: 'ada@mail.example' };
  const address = { street: '12 Mill Lane', city: 'Ghent', postalCode: '9000', country: 'BE' };
  const order = { customerId: 'cus_0001', payment: { kind: 'card' } };
  const item = { productId: 'prd_0001', quantity: 1, unitPriceCents: 100 };

  test.each([
    ['a number that is text', 'orders', '/customers?limit=many', {}, /limit must be integer/],
    ['a number out of range', 'orders', '/customers?limit=201', {}, /limit must be <= 200/],
    ['an unknown enum value', 'orders', '/orders?status=in_transit', {}, /status must be equal to one of/],
    ['an instant without a time', 'orders', '/orders?placedAfter=2026-01-01', {}, /placedAfter must match format/],
    ['an unknown parameter', 'orders', '/orders?id=ord_00001', {}, /must not have id/],
    ['an array written with a comma in brackets', 'catalog', '/products?ids[]=prd_0001', {}, /must not have ids\[\]/],
    ['too many keys', 'catalog', `/products?${'ids=x&'.repeat(501)}`, {}, /ids must NOT have more than 500 items/],
    ['a missing property', 'orders', '/customers', json('POST', customer), /must have required property 'address'/],
    [
      'no e-mail',
      'orders',
      '/customers',
      json('POST', { ...customer, address, email: 'ada' }),
      /email must match format/,
    ],
    [
      'an unknown property',
      'orders',
      '/customers',
      json('POST', { ...customer, address, admin: 1 }),
      /must not have admin/,
    ],
    ['an empty list', 'orders', '/orders', json('POST', { ...order, items: [] }), /items must NOT have fewer than 1/],
    [
      'a quantity as text, which is not turned into a number in a body',
      'orders',
      '/orders',
      json('POST', { ...order, items: [{ ...item, quantity: '1' }] }),
      /quantity must be integer/,
    ],
    [
      'a header that is too short',
      'orders',
      '/orders',
      json('POST', { ...order, items: [item] }, { 'idempotency-key': 'short' }),
      /idempotency-key must NOT have fewer than 8/,
    ],
    ['an empty patch', 'catalog', '/products/prd_0001', json('PATCH', {}), /must NOT have fewer than 1 properties/],
    ['a null where none may be', 'catalog', '/products/prd_0001', json('PATCH', { name: null }), /name must be string/],
    [
      'six stars',
      'catalog',
      '/reviews',
      json('POST', { productId: 'p', customerId: 'c', rating: 6, title: 't' }),
      /<= 5/,
    ],
    ['a body that is no JSON', 'catalog', '/reviews', { ...json('POST', {}), body: '{' }, /./],
  ] as const)('%s', async (_, service, path, init, reason) => {
    const answer = await ask(urlOf(service, path), init);
    expect(answer).toMatchObject({
      status: 400,
      type: expect.stringContaining('application/problem+json'),
      body: { status: 400, title: 'Bad Request', detail: expect.stringMatching(reason) },
    });
  });

  test('a missing row is 404, an unknown path too, both as problem+json', async () => {
    expect(await ask(urlOf('orders', '/customers/cus_0089'))).toMatchObject({
      status: 404,
      type: expect.stringContaining('application/problem+json'),
      body: { detail: 'There is no customer cus_0089' },
    });
    expect(await ask(urlOf('catalog', '/nothing'))).toMatchObject({ status: 404, body: { status: 404 } });
  });
});

describe('writes', () => {
  test('a customer is made, changed with null, and removed with 204', async () => {
    const address = { street: '12 Mill Lane', city: 'Ghent', postalCode: '9000', country: 'BE' };
    const made = await ask(
      urlOf('orders', '/customers'),
      json('POST', { name: 'Ada Byron', email: 'ada@mail.example', nickname: 'Countess', address }),
    );
    expect(made).toMatchObject({ status: 201, body: { nickname: 'Countess', tier: 'standard', address } });
    const url = urlOf('orders', `/customers/${(made.body as { id: string }).id}`);
    const changed = await ask(url, json('PATCH', { nickname: null, tier: 'gold-plus' }));
    expect(changed).toMatchObject({ status: 200, body: { name: 'Ada Byron', nickname: null, tier: 'gold-plus' } });
    expect(await ask(url, { method: 'DELETE' })).toMatchObject({ status: 204, text: '' });
    expect(await ask(url)).toMatchObject({ status: 404 });
  });

  test('an order placed twice with one idempotency key is one order', async () => {
    const item = { productId: 'prd_0007', quantity: 2, unitPriceCents: 1999 };
    const request = (): RequestInit =>
      json(
        'POST',
        { customerId: 'cus_0002', items: [item], payment: { kind: 'invoice', dueDays: 14 } },
        { 'idempotency-key': 'checkout-1' },
      );
    const first = await ask(urlOf('orders', '/orders'), request());
    const second = await ask(urlOf('orders', '/orders'), request());
    expect(first).toMatchObject({
      status: 201,
      body: { status: 'pending', total: { amountCents: 3998 }, payment: { kind: 'invoice', dueDays: 14 } },
    });
    expect(second.body).toEqual(first.body);
  });

  test('a review changes the rating of its product', async () => {
    const rating = async (): Promise<{ average: number; count: number }> =>
      ((await ask(urlOf('catalog', '/products/prd_0003'))).body as { rating: { average: number; count: number } })
        .rating;
    const before = await rating();
    const review = { productId: 'prd_0003', customerId: 'cus_0001', rating: 1, title: 'Broke' };
    expect(await ask(urlOf('catalog', '/reviews'), json('POST', review))).toMatchObject({ status: 201 });
    const after = await rating();
    expect(after.count).toBe(before.count + 1);
    expect(after.average).toBeLessThan(before.average);
  });

  test('a 64-bit integer leaves with all its digits', async () => {
    const answer = await ask(urlOf('orders', '/customers/cus_0001'));
    expect(answer.text).toContain('"ledgerId":9007199254741993,');
  });
});
