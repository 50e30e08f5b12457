/** Joins between REST, gRPC and GraphQL sources, with real upstreams: what is asked, and what comes back under whom. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Described,
  integer,
  listOf,
  object,
  openapi,
  openWorld,
  Refused,
  ref,
  string,
  type World,
} from './services.ts';

const BIG = '9007199254740993';

const orders: Described = {
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

const customers: Described = {
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

const products: Described = {
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

const people: Described = {
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

const notes: Described = {
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

let world: World;
beforeAll(async () => {
  world = await openWorld({ orders, customers, products, people, notes });
});
afterAll(() => world?.close());

async function ordersWith(
  selection: string,
  variables = {},
  head = '',
): Promise<{ rows: unknown; errors: unknown; calls: string[] }> {
  const { data, errors, calls } = await world.ask(`${head} { orders { ${selection} } }`, variables);
  return { rows: (data as { orders: unknown } | undefined)?.orders, errors, calls };
}

describe('one row by key', () => {
  it('matches numbers to strings, sends each key once and no null, and two join fields share the call', async () => {
    const { rows, errors, calls } = await ordersWith('customer { fullName } sameCustomer { id }');
    expect(errors).toBeUndefined();
    const one = { customer: { fullName: 'customer 1' }, sameCustomer: { id: '1' } };
    const none = { customer: null, sameCustomer: null };
    expect(rows).toEqual([one, none, one, none]);
    expect(calls).toEqual(['customers BatchGetCustomers', 'orders orders']);
    expect(world.lastArgs('customers', 'BatchGetCustomers')).toEqual({ ids: ['1', '2'] });
  });

  it('matches 64-bit integers without loss', async () => {
    const { rows, errors } = await ordersWith('serial serialOwner { number holder }');
    expect(errors).toBeUndefined();
    expect(rows).toEqual([
      { serial: BIG, serialOwner: { number: BIG, holder: `holder of ${BIG}` } },
      { serial: '5', serialOwner: { number: '5', holder: 'holder of 5' } },
      { serial: null, serialOwner: null },
      { serial: null, serialOwner: null },
    ]);
  });

  it('asks a target without a bulk form once per key, and takes 404 as no row', async () => {
    const { rows, errors, calls } = await ordersWith('owner { name }');
    expect(errors).toBeUndefined();
    expect(rows).toEqual([{ owner: { name: 'person c1' } }, { owner: null }, { owner: null }, { owner: null }]);
    expect(calls).toEqual(['orders orders', 'people person', 'people person']);
  });

  it('matches composite keys as objects of their parts', async () => {
    const { rows, errors, calls } = await ordersWith('lines { productId stock { onHand productId warehouse } }');
    expect(errors).toBeUndefined();
    expect(rows).toEqual([
      {
        lines: [
          { productId: 'p1', stock: { onHand: 3, productId: 'p1', warehouse: 'w1' } },
          { productId: 'p2', stock: { onHand: 2, productId: 'p2', warehouse: 'w2' } },
        ],
      },
      {
        lines: [
          { productId: 'p1', stock: { onHand: 1, productId: 'p1', warehouse: 'w2' } },
          { productId: 'p9', stock: null },
        ],
      },
      { lines: null },
      { lines: null },
    ]);
    expect(calls).toEqual(['customers BatchGetStock', 'orders orders']);
  });
});

describe('many rows by key', () => {
  it('takes keys from a list in its order', async () => {
    const { rows, errors, calls } = await ordersWith('products { id }');
    expect(errors).toBeUndefined();
    expect(rows).toEqual([
      { products: [{ id: 'p1' }, { id: 'p2' }] },
      { products: [] },
      { products: [{ id: 'p2' }] },
      { products: [] },
    ]);
    expect(calls).toEqual(['orders orders', 'products products']);
    expect(world.lastArgs('products', 'products')).toEqual({ ids: ['p1', 'p2', 'p8'] });
  });

  it('takes keys through lists of objects, in calls of at most batchSize keys', async () => {
    const { rows, errors, calls } = await ordersWith('lineProducts { id }');
    expect(errors).toBeUndefined();
    expect(rows).toEqual([
      { lineProducts: [{ id: 'p1' }, { id: 'p2' }] },
      { lineProducts: [{ id: 'p1' }, { id: 'p9' }] },
      { lineProducts: [] },
      { lineProducts: [] },
    ]);
    expect(calls.filter((call) => call === 'products products')).toHaveLength(3);
  });

  it('passes arguments on; other arguments are another call', async () => {
    const { rows, errors, calls } = await ordersWith('a: products(lang: "de") { title } b: products { title }');
    expect(errors).toBeUndefined();
    expect((rows as unknown[])[0]).toEqual({
      a: [{ title: 'p1 de' }, { title: 'p2 de' }],
      b: [{ title: 'p1 plain' }, { title: 'p2 plain' }],
    });
    expect(calls).toEqual(['orders orders', 'products products', 'products products']);
  });

  it('goes round: order → customer → orders, rows nobody asked for dropped', async () => {
    const { rows, errors, calls } = await ordersWith('customer { orders { id } some: orders(state: "x") { id } }');
    expect(errors).toBeUndefined();
    const customer = { orders: [{ id: 'o3' }, { id: 'o1' }], some: [{ id: 'o1' }] };
    expect(rows).toEqual([{ customer }, { customer: null }, { customer }, { customer: null }]);
    expect(calls).toEqual([
      'customers BatchGetCustomers',
      'orders orders',
      'orders ordersByCustomer',
      'orders ordersByCustomer',
    ]);
  });

  it('fills sourceArgs from parent and arguments, equal ones in one call, none where the parent has no value', async () => {
    const { rows, errors, calls } = await ordersWith(
      'priced(currency: $c) { text }',
      { c: 'EUR' },
      'query ($c: String!)',
    );
    expect(errors).toBeUndefined();
    expect(rows).toEqual([
      { priced: [{ text: 'eu EUR 3' }] },
      { priced: [{ text: 'us EUR 3' }] },
      { priced: [] },
      { priced: [] },
    ]);
    expect(calls.filter((call) => call === 'people prices')).toHaveLength(2);
  });
});

describe('a join whose call fails', () => {
  it('is an error of each of its fields, with code and source; siblings answer', async () => {
    const { rows, errors } = await ordersWith('id broken { name } customer { id }');
    expect((rows as unknown[])[0]).toEqual({ id: 'o1', broken: null, customer: { id: '1' } });
    expect(errors).toHaveLength(4);
    for (const [index, error] of (errors as { path: unknown; extensions: unknown }[]).entries()) {
      expect(error).toMatchObject({
        path: ['orders', index, 'broken'],
        extensions: { code: 'UPSTREAM_FAILED', source: 'people' },
      });
    }
    expect(JSON.stringify(errors)).not.toContain('127.0.0.1');
  });
});

describe('GraphQL sources', () => {
  it('are asked with the client’s selection: aliases, arguments, variables, fragments, and keys beside it', async () => {
    const { rows, errors, calls } = await ordersWith(
      `id notes(first: 1) { ...N shout: text(upper: $yes, times: $n) feeling: mood(wanted: $mood) skipped: text @skip(if: $yes) }`,
      { yes: true, mood: 'BAD' },
      'fragment N on Note { text author { name ... on Human { customerId } } } query ($yes: Boolean!, $n: Int = 2, $mood: Mood)',
    );
    expect(errors).toBeUndefined();
    const note = (id: string): unknown => ({
      id,
      notes: [
        {
          text: `note 1 on ${id}`,
          author: { name: 'Ada', customerId: 1 },
          shout: `NOTE 1 ON ${id.toUpperCase()}`.repeat(2),
          feeling: 'BAD',
        },
      ],
    });
    expect(rows).toEqual(['o1', 'o2', 'o3', 'o4'].map(note));
    expect(calls).toEqual(['notes notes', 'orders orders']);
  });

  it('are joined from: keys nested in objects and in members of an interface', async () => {
    const { data, errors, calls } = await world.ask(
      '{ allNotes { text madeBy { fullName } price { text } author { name ... on Human { customer { fullName } } } } }',
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      allNotes: [
        {
          text: 'note 1 on o1',
          madeBy: [{ fullName: 'customer o1' }],
          price: [{ text: 'o1 undefined undefined' }],
          author: { name: 'Ada', customer: { fullName: 'customer 1' } },
        },
        {
          text: 'note 2 on o2',
          madeBy: [{ fullName: 'customer o2' }],
          price: [{ text: 'o2 undefined undefined' }],
          author: { name: 'R2' },
        },
      ],
    });
    expect(calls.filter((call) => call === 'customers BatchGetCustomers')).toHaveLength(1);
  });

  it('share one call for the rows of all parents, whatever depth they come back with', async () => {
    const { calls, errors } = await world.ask('{ orders { notes { id } more: notes { text } } }');
    expect(errors).toBeUndefined();
    expect(calls.filter((call) => call === 'notes notes')).toHaveLength(2);
  });
});
