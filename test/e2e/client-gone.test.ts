/** A client that closes its connection, from the gateway's port to the services of the example, which count what is cancelled. */
import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Shop, startShop } from '../../examples/start.ts';
import { createEvents } from '../../gateway/observe/events.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { createMetrics } from '../../gateway/observe/metrics.ts';
import { openSupply, type Supply } from '../../gateway/registry/supply.ts';
import { type KitApp, readSettings, startApp } from '../kit/app.ts';
import { root } from '../repository.ts';

let shop: Shop;
let supply: Supply;
let app: KitApp;

beforeAll(async () => {
  shop = await startShop({ ports: { orders: 0, catalog: 0, inventory: 0, gallery: 0 } });
  const env = {
    ORDERS_ENDPOINT: shop.orders.url,
    CATALOG_ENDPOINT: shop.catalog.url,
    INVENTORY_ENDPOINT: shop.inventory.url,
    GALLERY_ENDPOINT: shop.gallery.url,
  };
  const events = createEvents({ log: createLog({ level: 'silent', pretty: 'off' }), metrics: createMetrics() });
  supply = await openSupply({ dir: root, env, config: readSettings({}), events, now: Date.now, watch: false });
  app = startApp(supply);
});

afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
  await supply?.[Symbol.asyncDispose]();
  await shop?.[Symbol.asyncDispose]();
});

it('ends the calls that are under way, REST and gRPC, and leaves those alone that were answered', async () => {
  const { url } = await app.listen();
  const services = [shop.orders, shop.catalog, shop.inventory];
  shop.catalog.faults.set('products', { fault: 'hang' });
  shop.inventory.faults.set('BatchGetStock', { fault: 'hang' });
  // Orders are answered; their products and a stock are not.
  const query = `{ orders(limit: 1) { items { product { name } } }
    batchGetStock(input: { productIds: ["prd_0001"] }) { stocks { onHand } } }`;
  const client = request(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' } });
  client.on('error', () => undefined);
  client.end(JSON.stringify({ query }));
  for (const { calls } of services) await calls.until(() => calls.total() === 1);
  expect(services.map(({ calls }) => calls.cancelled())).toEqual([0, 0, 0]);
  client.destroy();
  for (const { calls } of services.slice(1)) await calls.until(() => calls.cancelled() === 1);
  expect(services.map(({ calls }) => [calls.total(), calls.cancelled()])).toEqual([
    [1, 0],
    [1, 1],
    [1, 1],
  ]);
});
