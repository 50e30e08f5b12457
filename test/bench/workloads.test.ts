import { buildSchema, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { startUpstream } from '../../bench/lib/child.ts';
import { operationText } from '../../bench/load/request.ts';
import { workloads } from '../../bench/workloads/index.ts';
import { createPostsData } from '../../bench/workloads/posts/data.ts';
import { createShopCases } from '../../bench/workloads/shop/workload.ts';

test('the posts queries are the public benchmark’s, word for word', () => {
  const texts = workloads.posts.createCases().map(({ operation }) => operationText(operation, null));
  expect(texts).toEqual(['{posts{id,userId,title,user{id,name,email}}}', '{posts{title}}', '{greet}']);
});

test('there are 100 posts of 10 users, the same ones every time', () => {
  const { posts, users } = createPostsData();
  expect(posts.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  expect(new Set(posts.map(({ userId }) => userId))).toEqual(new Set(users.map(({ id }) => id)));
  expect(users).toHaveLength(10);
  expect(createPostsData()).toEqual({ posts, users });
});

test('the posts upstream serves its rows like JSONPlaceholder and counts calls', async () => {
  await using upstream = await startUpstream(workloads.posts.upstream);
  const get = async (path: string, headers = {}) => {
    const response = await fetch(`http://127.0.0.1:${upstream.ports['posts']}${path}`, { headers });
    return [response.status, await response.json()] as const;
  };
  const { posts, users } = createPostsData();
  expect(await get('/posts')).toEqual([200, posts]);
  expect(await get('/posts?tag=0000000001')).toEqual([200, posts]);
  expect(await get('/users')).toEqual([200, users]);
  expect(await get('/users/7', { authorization: 'x' })).toEqual([200, users[6]]);
  expect(await get('/users?id=9&id=2&id=9&id=77')).toEqual([200, [users[1], users[8]]]);
  expect(await get('/greet')).toEqual([200, 'Hello World!']);
  expect((await get('/users/77'))[0]).toBe(404);
  const byOperation = { posts: 2, users: 2, userById: 1, greet: 1, unknown: 1 };
  expect(await upstream.read()).toEqual({ total: 7, withAuthorization: 1, byOperation });
  await upstream.reset();
  expect(await upstream.read()).toEqual({ total: 0, withAuthorization: 0, byOperation: {} });
});

test('the shop query expects data of all three services, one-to-many and missing rows included', () => {
  const [first] = createShopCases();
  const schema = buildSchema(`
    type Money { amountCents: Int currency: String }
    type Customer { name: String email: String }
    type Warehouse { name: String city: String }
    type StockLevel { bins: [String] warehouse: Warehouse }
    type Review { rating: Int title: String }
    type Product { name: String price: Money stock: [StockLevel] reviews: [Review] }
    type OrderItem { quantity: Int product: Product }
    type Shipment { carrier: String order: Order }
    type Order { id: ID note: String total: Money customer: Customer items: [OrderItem] shipments: [Shipment] }
    type Query { orders(limit: Int): [Order] }
  `);
  const text = first ? operationText(first.operation, null) : '';
  expect(validate(schema, parse(text))).toEqual([]);
  const orders = first?.expected as {
    items: { product: { stock: unknown[]; reviews: unknown[] } | null }[];
    shipments: unknown[];
  }[];
  const products = orders.flatMap(({ items }) => items.flatMap(({ product }) => product ?? []));
  expect(orders).toHaveLength(20);
  expect(products.some(({ stock }) => stock.length > 1)).toBe(true);
  expect(products.some(({ reviews }) => reviews.length > 1)).toBe(true);
  expect(products.some(({ reviews }) => reviews.length === 0)).toBe(true);
  expect(orders.some(({ shipments }) => shipments.length > 1)).toBe(true);
  expect(orders.some(({ shipments }) => shipments.length === 0)).toBe(true);
});

test('the shop upstream listens with all three services', async () => {
  await using upstream = await startUpstream(workloads.shop.upstream);
  expect(Object.keys(upstream.ports).sort()).toEqual(['catalog', 'inventory', 'orders']);
  const response = await fetch(`http://127.0.0.1:${upstream.ports['orders']}/orders?limit=2`);
  expect(((await response.json()) as unknown[]).length).toBe(2);
  expect(await upstream.read()).toMatchObject({ total: 1, byOperation: { 'orders.orders': 1 } });
});
