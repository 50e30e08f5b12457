import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Shop, startShop } from '../../examples/start.ts';
import { ask, connectInventory, type InventoryClient, rowsOf } from './clients.ts';

let shop: Shop;
let inventory: InventoryClient;

beforeAll(async () => {
  shop = await startShop({ ports: { orders: 0, catalog: 0, inventory: 0, gallery: 0 } });
  inventory = await connectInventory(shop.inventory.url);
});

afterAll(async () => {
  inventory[Symbol.dispose]();
  await shop[Symbol.asyncDispose]();
});

function queryOf(name: string, keys: readonly string[]): string {
  return keys.map((key) => `${name}=${key}`).join('&');
}

async function askRest(service: 'orders' | 'catalog', path: string): Promise<Array<Record<string, unknown>>> {
  return rowsOf(await ask(`${shop[service].url}${path}`));
}

test.each([
  ['orders', '/customers', ['cus_0003', 'cus_0001', 'cus_0002']],
  ['orders', '/orders', ['ord_00003', 'ord_00001', 'ord_00002']],
  ['catalog', '/products', ['prd_0003', 'prd_0001', 'prd_0002']],
  ['catalog', '/categories', ['cat_03', 'cat_01', 'cat_02']],
] as const)('%s %s?ids= answers in another order, each row once, unknown keys left out', async (service, path, ids) => {
  const rows = await askRest(service, `${path}?${queryOf('ids', [ids[0], 'nobody', ids[1], ids[2], ids[0]])}`);
  expect(rows.map((row) => row['id'])).toEqual([...ids].reverse());
});

test('one key is a list of one', async () => {
  const rows = await askRest('orders', '/customers?ids=cus_0001');
  expect(rows.map((row) => row['id'])).toEqual(['cus_0001']);
});

test('limit has no effect on reads by keys', async () => {
  const ids = Array.from({ length: 60 }, (_, index) => `prd_${String(index + 1).padStart(4, '0')}`);
  expect(await askRest('catalog', `/products?${queryOf('ids', ids)}&limit=1&offset=5`)).toHaveLength(60);
});

test('one customer owns many orders, mixed with those of others', async () => {
  const rows = await askRest('orders', '/orders?customerIds=cus_0001&customerIds=cus_0002&limit=1');
  const owners = rows.map((row) => row['customerId']);
  expect(new Set(owners)).toEqual(new Set(['cus_0001', 'cus_0002']));
  expect(owners.filter((owner) => owner === 'cus_0001').length).toBeGreaterThan(1);
  const single = await askRest('orders', '/customers/cus_0001/orders');
  expect(owners.filter((owner) => owner === 'cus_0001')).toHaveLength(single.length);
});

test('reviews by products and by customers', async () => {
  const byProduct = await askRest('catalog', '/reviews?productIds=prd_0001&productIds=prd_0002');
  expect(new Set(byProduct.map((row) => row['productId']))).toEqual(new Set(['prd_0001', 'prd_0002']));
  const customerId = String(byProduct[0]?.['customerId']);
  const both = await askRest('catalog', `/reviews?productIds=prd_0001&productIds=prd_0002&customerIds=${customerId}`);
  expect(both.length).toBeGreaterThan(0);
  expect(both.every((row) => row['customerId'] === customerId)).toBe(true);
});

test('stock comes back in another order, one row per warehouse, unknown products left out', async () => {
  const { stocks } = await inventory.call('BatchGetStock', {
    productIds: ['prd_0001', 'nobody', 'prd_0050', 'prd_0002'],
  });
  const products = (stocks as Array<{ productId: string }>).map((row) => row.productId);
  expect(products).toEqual(['prd_0002', 'prd_0002', 'prd_0002', 'prd_0001', 'prd_0001', 'prd_0001']);
});

test('stock by pairs of product and warehouse', async () => {
  const keys = [
    { productId: 'prd_0001', warehouseId: 'wh_gnt' },
    { productId: 'prd_0001', warehouseId: 'nowhere' },
    { productId: 'prd_0002', warehouseId: 'wh_rtm' },
  ];
  const { stocks } = await inventory.call('BatchGetStockAt', { keys });
  expect(stocks).toMatchObject([keys[2], keys[0]]);
});

test('one order has many shipments, and orders come in another order than asked', async () => {
  const orderIds = Array.from({ length: 40 }, (_, index) => `ord_${String(index + 1).padStart(5, '0')}`);
  const { shipments } = await inventory.call('BatchGetShipments', { orderIds });
  const owners = (shipments as Array<{ orderId: string }>).map((row) => row.orderId);
  expect(owners.length).toBeGreaterThan(new Set(owners).size);
  expect([...new Set(owners)]).toEqual(orderIds.filter((id) => owners.includes(id)).reverse());
});

test('a batch of more than 500 keys is refused', async () => {
  await expect(inventory.call('BatchGetStock', { productIds: Array(501).fill('x') })).rejects.toMatchObject({
    code: 3,
  });
});
