/** Rows that belong to a thing: by a filter that says whose, or by a path below it. */
import { describe, expect, it } from 'vitest';
import { propose, shown } from './kit.ts';

const CUSTOMERS = { 'GET /customers/{id}': 'customer(id: String!): Customer' };
const CUSTOMER = 'type Customer { id: String!, name: String }';
const ORDER = 'type Order { id: String, customerId: String, customer: Customer }';

function ofCustomer(reads: Record<string, string>, types = ORDER): string[] {
  return shown(propose({ shop: { reads: { ...CUSTOMERS, ...reads }, types: `${CUSTOMER} ${types}` } }));
}

describe('rows of a thing', () => {
  it('are asked by a filter that says whose they are, where rows say it too', () => {
    expect(ofCustomer({ 'GET /orders': 'orders(customerId: String, status: String): [Order]' })).toEqual([
      'Customer.orders: [Order] <- shop.orders(customerId)',
    ]);
  });

  it('are asked in bulk rather than one by one', () => {
    const reads = {
      'GET /orders': 'orders(customerIds: [String!]): [Order]',
      'GET /customers/{id}/orders': 'customerOrders(id: String!): [Order]',
    };
    expect(ofCustomer(reads)).toEqual(['Customer.orders: [Order] <- shop.orders(customerIds)']);
  });

  it('say whose they are by an object with a key', () => {
    const [proposal] = propose({
      shop: {
        reads: { ...CUSTOMERS, 'GET /visits': 'visits(customerIds: [String!]): [Visit]' },
        types: `${CUSTOMER} type Visit { customer: Customer }`,
      },
    });
    expect(proposal).toMatchObject({ type: 'Customer', field: 'visits', target: { valueKeyFields: ['customer.id'] } });
  });

  it('stand below it in a path, whatever they say', () => {
    const types =
      'type Note { text: String } type NotePage { notes: [Note], next: String } type CustomerProfile { age: Int }';
    const reads = {
      'GET /customers/{customerId}/notes':
        'notes(customerId: String!, limit: Int = 20, cursor: String, sort: String): NotePage',
      'GET /customers/{id}/profile': 'profile(id: String!): CustomerProfile',
    };
    expect(ofCustomer(reads, types)).toEqual([
      'Customer.notes: [Note] <- shop.notes(customerId)',
      'Customer.profile: CustomerProfile <- shop.profile(id)',
    ]);
    const [notes] = propose({ shop: { reads: { ...CUSTOMERS, ...reads }, types: `${CUSTOMER} ${types}` } });
    expect(notes?.sdl).toContain('  notes(limit: Int = 20, cursor: String): [Note!]\n');
  });

  it('are called as the path calls them, in the convention of the thing', () => {
    const reads = { 'GET /customers/{customer_id}/order-lines': 'lines(customer_id: String!): [OrderLine]' };
    expect(ofCustomer(reads, 'type OrderLine { sku: String }')).toEqual([
      'Customer.order_lines: [OrderLine] <- shop.lines(customer_id)',
    ]);
  });
});

describe('nothing is proposed', () => {
  it.each([
    ['where rows do not say whose they are', { 'GET /notes': 'notes(customerId: String): [Note]' }],
    ['where the filter leaves them out', { 'GET /orders': 'orders(excludeCustomerIds: [String!]): [Order]' }],
    ['where more has to be given', { 'GET /orders': 'orders(customerId: String, shopId: String!): [Order]' }],
    ['where the key has another type', { 'GET /orders': 'orders(customerId: Int): [Order]' }],
    ['where one row is called like many', { 'GET /customers/{id}/orders': 'orders(id: String!): Order' }],
    ['where the path says something else', { 'GET /customers/{id}/ping': 'ping(id: String!): Note' }],
    ['where a path stands alone', { 'GET /shops/{id}/notes': 'notes(id: String!): [Note]' }],
    ['where the thing has such a field', { 'GET /customers/{id}/names': 'names(id: String!): [Note]' }],
  ])('%s', (_title, reads) => {
    const types = `${ORDER} type Note { text: String }`;
    const named = CUSTOMER.replace('name: String', 'names: [String]');
    const all = propose({
      shop: { reads: { ...CUSTOMERS, ...(reads as Record<string, string>) }, types: `${named} ${types}` },
    });
    expect(shown(all)).toEqual([]);
  });

  it('where a second key of a gRPC request may have to be given', () => {
    const reads = (method: string): Record<string, string> => ({
      'v1.Shop/GetCustomer': 'getCustomer(input: GetIn): Customer',
      [`v1.Shop/${method}`]: 'listOrders(input: ListIn): Orders',
    });
    const types = `${CUSTOMER} ${ORDER} type Orders { orders: [Order] } input GetIn { id: String }`;
    const shop = (input: string) => ({
      shop: { reads: reads('ListOrders'), types: `${types} input ListIn { ${input} }` },
    });
    expect(shown(propose(shop('customerId: String, pageSize: Int')))).toEqual([
      'Customer.orders: [Order] <- shop.listOrders(input.customerId)',
    ]);
    expect(propose(shop('customerId: String, storeId: String'))).toEqual([]);
  });
});

it('two names of the same rows are one join', () => {
  const reads = {
    'GET /customers/{id}/people': 'people(id: String!): [Person]',
    'GET /customers/{id}/persons': 'persons(id: String!): [Person]',
  };
  expect(ofCustomer(reads, 'type Person { name: String }')).toEqual(['Customer.people: [Person] <- shop.people(id)']);
});
