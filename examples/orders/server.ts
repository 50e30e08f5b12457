import type { Customer, CustomerTier } from '../lib/data/customers.ts';
import { createCustomers } from '../lib/data/customers.ts';
import { createShopClock, customerId, orderId } from '../lib/data/facts.ts';
import type { Order, OrderItem, OrderStatus } from '../lib/data/orders.ts';
import { createOrders, timelineOf, totalOf } from '../lib/data/orders.ts';
import { notFound } from '../lib/rest/problem.ts';
import { type RestHandlers, startRestServer } from '../lib/rest/server.ts';
import type { RunningServer } from '../lib/running-server.ts';
import { createTable } from '../lib/table.ts';

type Page = { limit: number; offset: number };

type NewCustomer = Pick<Customer, 'name' | 'email' | 'address'> & { nickname?: string | null; tier?: CustomerTier };

type NewOrder = {
  customerId: string;
  items: OrderItem[];
  payment: { kind: 'card' | 'invoice'; brand?: string; lastFour?: string; dueDays?: number };
  note?: string | null;
};

/** How many idempotency keys are remembered; the oldest goes first. */
const MAX_IDEMPOTENCY_KEYS = 1000;

/**
 * Starts the orders service: customers and orders over REST, by `sources/orders/openapi.yaml`.
 * What callers write lives until the server stops.
 *
 * @param options `port` 0 takes a free one (default 0); `host` defaults to 127.0.0.1
 */
export async function startOrders(options: { port?: number; host?: string } = {}): Promise<RunningServer> {
  return await startRestServer({
    contract: new URL('../../sources/orders/openapi.yaml', import.meta.url),
    handlers: createHandlers(),
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
  });
}

function createHandlers(): RestHandlers {
  const now = createShopClock();
  const customers = createTable<Customer, never>(createCustomers(), { id: (row) => row.id, indexes: {} });
  const orders = createTable<Order, 'customerId'>(createOrders(), {
    id: (row) => row.id,
    indexes: { customerId: (row) => row.customerId },
  });
  const placed = new Map<string, string>();
  let nextCustomer = 1001;
  let nextOrder = 10_001;

  function getCustomer(id: string | undefined): Customer {
    const found = customers.get(id ?? '');
    if (found === undefined) {
      throw notFound('customer', id ?? '');
    }
    return found;
  }

  function getOrder(id: string | undefined): Order {
    const found = orders.get(id ?? '');
    if (found === undefined) {
      throw notFound('order', id ?? '');
    }
    return found;
  }

  function placeOrder(input: NewOrder): Order {
    const { payment } = input;
    const id = orderId(nextOrder);
    const order: Order = {
      id,
      customerId: getCustomer(input.customerId).id,
      status: 'pending',
      items: input.items,
      total: totalOf(input.items),
      payment:
        payment.kind === 'card'
          ? { kind: 'card', brand: payment.brand ?? 'Unknown', lastFour: payment.lastFour ?? '0000' }
          : { kind: 'invoice', invoiceNumber: `INV-${nextOrder}`, dueDays: payment.dueDays ?? 30 },
      note: input.note ?? null,
      placedAt: now(),
    };
    nextOrder += 1;
    orders.put(order);
    return order;
  }

  return {
    customers: ({ query }) => {
      const { ids, tier, limit, offset } = query as Page & { ids?: string[]; tier?: CustomerTier };
      const rows = (ids === undefined ? customers.all() : customers.byIds(ids)).filter(
        (row) => tier === undefined || row.tier === tier,
      );
      return { status: 200, body: ids === undefined ? rows.slice(offset, offset + limit) : rows };
    },
    customer: ({ path }) => ({ status: 200, body: getCustomer(path['customerId']) }),
    createCustomer: ({ body }) => {
      const input = body as NewCustomer;
      const customer: Customer = {
        ...input,
        id: customerId(nextCustomer),
        nickname: input.nickname ?? null,
        tier: input.tier ?? 'standard',
        ledgerId: BigInt(nextCustomer),
        loyaltyPoints: 0,
        createdAt: now(),
      };
      nextCustomer += 1;
      customers.put(customer);
      return { status: 201, body: customer };
    },
    updateCustomer: ({ path, body }) => {
      const customer = { ...getCustomer(path['customerId']), ...(body as Partial<Customer>) };
      customers.put(customer);
      return { status: 200, body: customer };
    },
    deleteCustomer: ({ path }) => {
      customers.remove(getCustomer(path['customerId']).id);
      return { status: 204 };
    },
    customerOrders: ({ path }) => ({
      status: 200,
      body: orders.by('customerId', [getCustomer(path['customerId']).id]),
    }),
    orders: ({ query }) => {
      const { ids, customerIds, status, placedAfter, sort, limit, offset } = query as Page & {
        ids?: string[];
        customerIds?: string[];
        status?: OrderStatus;
        placedAfter?: string;
        sort?: 'placed-at' | '-placed-at';
      };
      const after = placedAfter === undefined ? Number.NEGATIVE_INFINITY : Date.parse(placedAfter);
      const found = ids !== undefined ? orders.byIds(ids) : customerIds && orders.by('customerId', customerIds);
      const rows = (found ?? orders.all()).filter(
        (row) =>
          (customerIds === undefined || customerIds.includes(row.customerId)) &&
          (status === undefined || row.status === status) &&
          Date.parse(row.placedAt) > after,
      );
      if (found !== undefined) {
        return { status: 200, body: rows };
      }
      const sorted = sort === '-placed-at' ? rows.reverse() : rows;
      return { status: 200, body: sorted.slice(offset, offset + limit) };
    },
    order: ({ path }) => ({ status: 200, body: getOrder(path['orderId']) }),
    createOrder: ({ body, headers }) => {
      const key = headers['idempotency-key'];
      const before = key === undefined ? undefined : orders.get(placed.get(key) ?? '');
      const order = before ?? placeOrder(body as NewOrder);
      if (key !== undefined && before === undefined) {
        placed.set(key, order.id);
        const oldest = placed.keys().next();
        if (placed.size > MAX_IDEMPOTENCY_KEYS && oldest.done === false) {
          placed.delete(oldest.value);
        }
      }
      return { status: 201, body: order };
    },
    updateOrder: ({ path, body }) => {
      const order = { ...getOrder(path['orderId']), ...(body as Pick<Order, 'status' | 'note'>) };
      orders.put(order);
      return { status: 200, body: order };
    },
    deleteOrder: ({ path }) => {
      orders.remove(getOrder(path['orderId']).id);
      return { status: 204 };
    },
    'GET /orders/{orderId}/timeline': ({ path }) => ({ status: 200, body: timelineOf(getOrder(path['orderId'])) }),
  };
}
