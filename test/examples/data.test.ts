import { describe, expect, test } from 'vitest';
import { createCustomers } from '../../examples/lib/data/customers.ts';
import { COUNTS, createShopClock, SHOP_NOW_MS } from '../../examples/lib/data/facts.ts';
import { createOrders, timelineOf } from '../../examples/lib/data/orders.ts';
import { createCategories, createProducts } from '../../examples/lib/data/products.ts';
import { createReviews } from '../../examples/lib/data/reviews.ts';
import { createShipments, type Shipment } from '../../examples/lib/data/shipments.ts';
import { createStock, createWarehouses } from '../../examples/lib/data/stock.ts';
import { toJson } from '../../examples/lib/json.ts';
import { createRandom } from '../../examples/lib/random.ts';

function idsOf(rows: ReadonlyArray<{ id: string }>): Set<string> {
  return new Set(rows.map((row) => row.id));
}

describe('the data', () => {
  const customers = idsOf(createCustomers());
  const products = idsOf(createProducts());
  const orders = createOrders();
  const shipments = createShipments();

  test.each([
    ['customers', createCustomers, 396],
    ['orders', createOrders, 2000],
    ['products', createProducts, 248],
    ['categories', createCategories, 12],
    ['reviews', createReviews, 1500],
    ['stock', createStock, 729],
    ['shipments', createShipments, 2731],
  ] as ReadonlyArray<[string, () => unknown[], number]>)('%s are the same on every call', (_, create, count) => {
    const rows = create();
    expect(rows).toHaveLength(count);
    expect(create()).toEqual(rows);
  });

  test('ids of one service lead to rows of another, except for those that are gone on purpose', () => {
    const missingCustomers = new Set(orders.map((row) => row.customerId).filter((id) => !customers.has(id)));
    const wanted = orders.flatMap((row) => row.items.map((item) => item.productId));
    expect(missingCustomers).toEqual(new Set(['cus_0089', 'cus_0178', 'cus_0267', 'cus_0356']));
    expect(new Set(wanted.filter((id) => !products.has(id)))).toEqual(new Set(['prd_0097', 'prd_0194']));
    expect(createReviews().filter((review) => !products.has(review.productId))).toEqual([]);
    expect(createReviews().some((review) => !customers.has(review.customerId))).toBe(true);
    expect(createStock().filter((level) => !products.has(level.productId))).toEqual([]);
    const warehouses = idsOf(createWarehouses());
    expect(createStock().every((level) => warehouses.has(level.warehouseId))).toBe(true);
  });

  test('the parcels of an order hold its items, each once', () => {
    const byOrder = new Map<string, Shipment[]>();
    for (const shipment of shipments) {
      byOrder.set(shipment.orderId, [...(byOrder.get(shipment.orderId) ?? []), shipment]);
    }
    for (const order of orders) {
      const lines = (byOrder.get(order.id) ?? []).flatMap((shipment) => shipment.lines);
      const packed = lines.map((line) => `${line.productId} ${line.quantity}`).sort();
      const bought = order.items.map((item) => `${item.productId} ${item.quantity}`).sort();
      expect([packed.length === 0 ? 'unpacked' : packed, order.id]).toEqual([
        byOrder.has(order.id) ? bought : 'unpacked',
        order.id,
      ]);
    }
    expect(byOrder.size).toBeGreaterThan(COUNTS.orders / 2);
  });

  test('nothing happened after the data was frozen, and a timeline ends in the present state', () => {
    const events = orders.map((order) => timelineOf(order).at(-1));
    expect(events.map((event) => event?.status)).toEqual(orders.map((order) => order.status));
    const instants = [
      ...events.map((event) => Date.parse(event?.at ?? '')),
      ...shipments.map((shipment) => Date.parse(shipment.shippedAt || '2024-01-01')),
      ...shipments.map((shipment) => Number(shipment.deliveredAtMs ?? 0n)),
    ];
    expect(instants.filter((at) => !(at < SHOP_NOW_MS))).toEqual([]);
    expect(new Set(orders.map((order) => order.status)).size).toBe(5);
  });

  test('the clock of the shop goes on by itself', () => {
    const now = createShopClock();
    expect([now(), now()]).toEqual(['2026-03-01T12:00:01.000Z', '2026-03-01T12:00:02.000Z']);
  });
});

test('the generator repeats per seed and stays in its range', () => {
  const draw = (seed: number): number[] => {
    const random = createRandom(seed);
    return Array.from({ length: 1000 }, () => random.integer(-3, 3));
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  expect(new Set(draw(7))).toEqual(new Set([-3, -2, -1, 0, 1, 2, 3]));
  expect(() => createRandom(1).pick([])).toThrow(RangeError);
});

test('JSON with bigint is what JSON.stringify writes, with all digits', () => {
  const value = { text: 'a"\n', list: [1, null, true, undefined], none: undefined, nested: { 'a b': 1.5 } };
  expect(toJson(value)).toBe(JSON.stringify(value));
  expect(toJson({ big: [9007199254740993n] })).toBe('{"big":[9007199254740993]}');
});
