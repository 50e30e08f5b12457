import DataLoader from 'dataloader';
import { createGrpcClient } from './grpc.ts';
import type { RestClient } from './rest.ts';
import { createRestClient } from './rest.ts';
import { createSchema } from './schema.ts';

type Row = Record<string, unknown>;
type One = DataLoader<string, Row | null>;
type Many = DataLoader<string, Row[]>;
type Context = { customers: One; ordersById: One; products: One; reviews: Many; stock: Many; shipments: Many };

const typeDefs = `
  type Money { amountCents: Int currency: String }
  type Customer { id: String name: String email: String }
  type Warehouse { id: String name: String city: String }
  type StockLevel { productId: String bins: [String] warehouse: Warehouse }
  type Review { id: String productId: String rating: Int title: String }
  type Product { id: String name: String price: Money stock: [StockLevel!] reviews: [Review!] }
  type OrderItem { productId: String quantity: Int product: Product }
  type Shipment { id: String orderId: String carrier: String order: Order }
  type Order {
    id: String customerId: String note: String total: Money items: [OrderItem] customer: Customer shipments: [Shipment!]
  }
  type Query { orders(limit: Int): [Order] }
`;

/** The shop workload by hand: one bulk call per kind of row and level, matched by key. */
export async function createShopServer(
  ports: { orders: number; catalog: number; inventory: number },
  protoPath: string,
) {
  const orders = createRestClient(ports.orders);
  const catalog = createRestClient(ports.catalog);
  const inventory = await createGrpcClient(protoPath, 'inventory.v1.Inventory', ports.inventory);
  const schema = createSchema<Context>(typeDefs, {
    Query: { orders: (_root, args: { limit?: number }) => orders(`/orders?limit=${args.limit ?? 20}`) },
    Order: {
      customer: (order: { customerId: string }, _args, { customers }) => customers.load(order.customerId),
      shipments: (order: { id: string }, _args, { shipments }) => shipments.load(order.id),
    },
    OrderItem: { product: (item: { productId: string }, _args, { products }) => products.load(item.productId) },
    Shipment: { order: (shipment: { orderId: string }, _args, { ordersById }) => ordersById.load(shipment.orderId) },
    Product: {
      reviews: (product: { id: string }, _args, { reviews }) => reviews.load(product.id),
      stock: (product: { id: string }, _args, { stock }) => stock.load(product.id),
    },
  });
  const createContext = (): Context => ({
    customers: one('id', restRows(orders, '/customers', 'ids')),
    ordersById: one('id', restRows(orders, '/orders', 'ids')),
    products: one('id', restRows(catalog, '/products', 'ids')),
    reviews: many('productId', restRows(catalog, '/reviews', 'productIds')),
    stock: many('productId', async (productIds) => {
      return (await inventory('BatchGetStock', { productIds }))['stocks'] as Row[];
    }),
    shipments: many('orderId', async (orderIds) => {
      return (await inventory('BatchGetShipments', { orderIds }))['shipments'] as Row[];
    }),
  });
  return { schema, createContext };
}

type LoadRows = (keys: readonly string[]) => Promise<Row[]>;

function restRows(client: RestClient, path: string, parameter: string): LoadRows {
  return async (keys) => {
    const query = keys.map((key) => `${parameter}=${encodeURIComponent(key)}`).join('&');
    return (await client(`${path}?${query}`)) as Row[];
  };
}

function one(keyField: string, load: LoadRows): One {
  return new DataLoader(async (keys) => {
    const byKey = new Map((await load(keys)).map((row) => [row[keyField], row]));
    return keys.map((key) => byKey.get(key) ?? null);
  });
}

function many(keyField: string, load: LoadRows): Many {
  return new DataLoader(async (keys) => {
    const byKey = new Map<unknown, Row[]>();
    for (const row of await load(keys)) {
      const rows = byKey.get(row[keyField]);
      if (rows) rows.push(row);
      else byKey.set(row[keyField], [row]);
    }
    return keys.map((key) => byKey.get(key) ?? []);
  });
}
