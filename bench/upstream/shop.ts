import { startShop } from '../../examples/start.ts';
import { serveControl } from './control.ts';

/** The services of the example shop that the workload asks, as one upstream process, on free ports, counted by their own counters. */
const shop = await startShop({ ports: { orders: 0, catalog: 0, inventory: 0, gallery: 0 } });
const services = { orders: shop.orders, catalog: shop.catalog, inventory: shop.inventory };
const counters = Object.entries(services).map(([name, { calls }]) => ({ name, calls }));

serveControl(
  Object.fromEntries(Object.entries(services).map(([name, { port }]) => [name, port])),
  () => ({
    total: counters.reduce((sum, { calls }) => sum + calls.total(), 0),
    withAuthorization: null,
    byOperation: Object.fromEntries(
      counters.flatMap(({ name, calls }) =>
        Object.entries(calls.byOperation()).map(([operation, count]) => [`${name}.${operation}`, count]),
      ),
    ),
  }),
  () => {
    for (const { calls } of counters) calls.reset();
  },
);
