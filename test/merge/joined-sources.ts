/** Five sources that are joined in every way: REST, gRPC and GraphQL. */
import { type Described, integer, listOf, object, openapi, Refused, ref, string } from './services.ts';

export const BIG = '9007199254740993';

export const orders: Described = {
  kind: 'openapi',
  contract: openapi(
    {
      orders: { answer: listOf(ref('Order')) },
      ordersByCustomer: { answer: listOf(ref('Order')), params: { customerIds: listOf(integer), state: string } },
    },
    {
      Order: object({
        id: string,
        customerId: integer,
        productIds: listOf(string),
        lines: listOf({
          type: 'object',
          properties: { productId: string, place: { type: 'object', properties: { warehouse: string } } },
        }),
        meta: { type: 'object', properties: { owner: { type: 'object', properties: { code: string } } } },
        serial: { type: 'integer', format: 'int64' },
        region: string,
      }),
    },
  ),
  handlers: {
    orders: () =>
      `[{"id":"o1","customerId":1,"productIds":["p1","p2"],"serial":${BIG},"region":"eu","meta":{"owner":{"code":"c1"}},
         "lines":[{"productId":"p1","place":{"warehouse":"w1"}},{"productId":"p2","place":{"warehouse":"w2"}}]},
        {"id":"o2","customerId":2,"productIds":[],"serial":5,"region":"us","meta":{"owner":{"code":"none"}},
         "lines":[{"productId":"p1","place":{"warehouse":"w2"}},{"productId":"p9","place":null}]},
        {"id":"o3","customerId":1,"productIds":["p2",null,"p8"],"serial":null,"region":null,"meta":null,"lines":null},
        {"id":"o4","customerId":null}]`,
    ordersByCustomer: ({ customerIds, state }) =>
      (customerIds as string[])
        .filter((id) => id === '1')
        .flatMap((id) => [
          { id: 'o3', customerId: Number(id) },
          { id: 'o1', customerId: Number(id) },
        ])
        .concat([{ id: 'stranger', customerId: 77 }])
        .filter(({ id }) => state === undefined || id === 'o1'),
  },
  joins: `
extend type Order {
  "string keys at a source that has them as numbers"
  customer: Customer @resolveTo(sourceName: "customers", sourceFieldName: "batchGetCustomers", keyField: "customerId",
    keysArg: "input.ids", valueKeyField: "id", result: "customers")
  sameCustomer: Customer @resolveTo(sourceName: "customers", sourceFieldName: "batchGetCustomers", keyField: "customerId",
    keysArg: "input.ids", valueKeyField: "id", result: "customers")
  owner: Person @resolveTo(sourceName: "people", sourceFieldName: "person", keyField: "meta.owner.code", keysArg: "id")
  products(lang: String): [Product!] @resolveTo(sourceName: "products", sourceFieldName: "products", keyField: "productIds",
    keysArg: "ids", valueKeyField: "id")
  lineProducts: [Product!] @resolveTo(sourceName: "products", sourceFieldName: "products", keyField: "lines.productId",
    keysArg: "ids", valueKeyField: "id", batchSize: 1)
  serialOwner: Serial @resolveTo(sourceName: "customers", sourceFieldName: "batchGetSerials", keyField: "serial",
    keysArg: "input.numbers", valueKeyField: "number", result: "serials")
  priced(currency: String!): [Price!] @resolveTo(sourceName: "people", sourceFieldName: "prices",
    sourceArgs: { region: "{root.region}", currency: "{args.currency}", limit: 3 })
  notes(first: Int): [Note!] @resolveTo(sourceName: "notes", sourceFieldName: "notes", keyField: "id",
    keysArg: "filter.orders", valueKeyField: "order.id", result: "page.items")
  broken: Person @resolveTo(sourceName: "people", sourceFieldName: "brokenPeople", keyField: "id", keysArg: "ids", valueKeyField: "id")
}
extend type OrderLine {
  stock: Stock @resolveTo(sourceName: "customers", sourceFieldName: "batchGetStock", keyFields: ["productId", "place.warehouse"],
    keysArg: "input.keys", keysArgFields: ["productId", "warehouse"], valueKeyFields: ["productId", "warehouse"], result: "stocks")
}`,
};

export const customers: Described = {
  kind: 'grpc',
  service: 'crm.v1.Crm',
  contract: `syntax = "proto3"; package crm.v1;
    message Ids { repeated string ids = 1; }
    message Customer { string id = 1; string full_name = 2; }
    message Customers { repeated Customer customers = 1; }
    message Key { string product_id = 1; int32 warehouse = 2; string unused = 3; }
    message Keys { repeated StockKey keys = 1; }
    message StockKey { string product_id = 1; string warehouse = 2; }
    message Stock { string product_id = 1; string warehouse = 2; int32 on_hand = 3; }
    message Stocks { repeated Stock stocks = 1; }
    message Numbers { repeated int64 numbers = 1; }
    message Serial { int64 number = 1; string holder = 2; }
    message Serials { repeated Serial serials = 1; }
    service Crm {
      rpc BatchGetCustomers(Ids) returns (Customers);
      rpc BatchGetStock(Keys) returns (Stocks);
      rpc BatchGetSerials(Numbers) returns (Serials);
    }`,
  handlers: {
    BatchGetCustomers: ({ ids }) => ({
      customers: (ids as string[])
        .filter((id) => id !== '2')
        .map((id) => ({ id, full_name: `customer ${id}` }))
        .concat([{ id: '99', full_name: 'stranger' }]),
    }),
    BatchGetStock: ({ keys }) => ({
      stocks: (keys as { product_id: string; warehouse: string }[])
        .toReversed()
        .map(({ product_id, warehouse }, index) => ({ product_id, warehouse, on_hand: index + 1 })),
    }),
    BatchGetSerials: ({ numbers }) => ({
      serials: (numbers as string[]).map((number) => ({ number, holder: `holder of ${number}` })),
    }),
  },
  joins: `
extend type Customer {
  orders(state: String): [Order!] @resolveTo(sourceName: "orders", sourceFieldName: "ordersByCustomer", keyField: "id",
    keysArg: "customerIds", valueKeyField: "customerId")
}`,
};

export const products: Described = {
  kind: 'openapi',
  contract: openapi(
    { products: { answer: listOf(ref('Product')), params: { ids: listOf(string), lang: string } } },
    { Product: object({ id: string, title: string, groups: listOf(string) }) },
  ),
  handlers: {
    products: ({ ids, lang }) =>
      (ids as string[])
        .filter((id) => id !== 'p8')
        .toReversed()
        .map((id) => ({ id, title: `${id} ${lang ?? 'plain'}`, groups: [`g${id}`, 'all'] })),
  },
};

export const people: Described = {
  kind: 'openapi',
  contract: openapi(
    {
      person: { answer: ref('Person'), params: { id: string }, path: '/person/{id}' },
      brokenPeople: { answer: listOf(ref('Person')), params: { ids: listOf(string) } },
      prices: { answer: listOf(ref('Price')), params: { region: string, currency: string, limit: integer } },
    },
    { Person: object({ id: string, name: string }), Price: object({ id: string, text: string }) },
  ),
  handlers: {
    person: ({ id }) => {
      if (String(id) === 'none') throw new Refused(404);
      return { id: String(id), name: `person ${String(id)}` };
    },
    brokenPeople: () => {
      throw new Refused(503);
    },
    prices: ({ region, currency, limit }) => [
      { id: '1', text: `${String(region)} ${String(currency)} ${String(limit)}` },
    ],
  },
};

export const notes: Described = {
  kind: 'graphql',
  contract: `
    input NoteFilter { orders: [ID!]! }
    type OrderRef { id: ID! }
    enum Mood { GOOD BAD }
    interface Author { name: String! }
    type Human implements Author { name: String! customerId: Int! }
    type Robot implements Author { name: String! model: String! }
    type Note { id: ID! order: OrderRef! text(upper: Boolean, times: Int! = 1): String! mood(wanted: Mood): Mood author: Author! }
    type Page { items: [Note!]! }
    type Answer { page: Page! }
    type Query { notes(filter: NoteFilter!, first: Int): Answer! allNotes: [Note!]! }`,
  handlers: {
    notes: ({ filter, first }) => ({
      page: {
        items: (filter as { orders: string[] }).orders.flatMap((id) =>
          [noteOf(id, 1), noteOf(id, 2)].slice(0, (first as number | undefined) ?? 2),
        ),
      },
    }),
    allNotes: () => [noteOf('o1', 1), noteOf('o2', 2)],
  },
  joins: `
extend type Note {
  madeBy: [Customer!] @resolveTo(sourceName: "customers", sourceFieldName: "batchGetCustomers", keyField: "order.id",
    keysArg: "input.ids", valueKeyField: "id", result: "customers")
  price: [Price!] @resolveTo(sourceName: "people", sourceFieldName: "prices", sourceArgs: { region: "{root.order.id}" })
}
extend type Human {
  customer: Customer @resolveTo(sourceName: "customers", sourceFieldName: "batchGetCustomers", keyField: "customerId",
    keysArg: "input.ids", valueKeyField: "id", result: "customers")
}`,
};

function noteOf(order: string, n: number): Record<string, unknown> {
  const author =
    n === 1 ? { __typename: 'Human', name: 'Ada', customerId: 1 } : { __typename: 'Robot', name: 'R2', model: 'D2' };
  const text = ({ upper, times }: { upper?: boolean; times: number }): string => {
    const once = `note ${n} on ${order}`;
    return (upper ? once.toUpperCase() : once).repeat(times);
  };
  return {
    id: `${order}-${n}`,
    order: { id: order },
    text,
    mood: ({ wanted }: { wanted?: string }) => wanted ?? 'GOOD',
    author,
  };
}
