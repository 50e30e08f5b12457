/** Keys of other things: what is proposed for them, and what speaks against it. */
import { describe, expect, it } from 'vitest';
import { type Given, propose, shown } from './kit.ts';

const CUSTOMERS = { 'GET /customers/{id}': 'customer(id: String!): Customer' };
const CUSTOMER = 'type Customer { id: String!, name: String }';

/** Joins of the fields of one type, in a source where customers can be looked up. */
function ofOrder(fields: string, { reads = {}, types = '' }: Partial<Given> = {}): string[] {
  const order = `type Order { id: String, ${fields} } ${CUSTOMER}`;
  return shown(propose({ shop: { reads: { ...CUSTOMERS, ...reads }, types: `${order} ${types}` } }));
}

describe('a foreign key', () => {
  it.each([
    ['customerId: String', 'customer'],
    ['customer_id: String', 'customer'],
    ['customerid: ID', 'customer'],
    ['billingCustomerId: String', 'billingCustomer'],
    ['parent_customer_id: String', 'parent_customer'],
  ])('%s is followed as %s', (fields, name) => {
    expect(ofOrder(fields)).toEqual([`Order.${name}: Customer <- shop.customer(id)`]);
  });

  it('of several is followed as a list', () => {
    expect(ofOrder('customerIds: [String!]')).toEqual(['Order.customers: [Customer] <- shop.customer(id)']);
  });

  it('is asked in bulk where that is possible, inside an input too', () => {
    const reads = { 'GET /customers': 'customers(ids: [String!], limit: Int = 20): CustomerPage' };
    const types = 'type CustomerPage { items: [Customer!], total: Int }';
    const [proposal] = propose({
      shop: { reads: { ...CUSTOMERS, ...reads }, types: `type Order { customerId: String } ${CUSTOMER} ${types}` },
    });
    expect(proposal).toMatchObject({ bulk: true, target: { field: 'customers', keysArg: 'ids', result: 'items' } });
    expect(proposal?.reasons).toContain('see that limit: 20 does not cut reads by key');
  });

  it('is written as docs/joins.md has it', () => {
    const [proposal] = propose({ shop: { reads: CUSTOMERS, types: `type Order { customerId: String } ${CUSTOMER}` } });
    expect(proposal?.sdl).toBe(`extend type Order {
  "The customer that customerId names"
  customer: Customer
    @resolveTo(
      sourceName: "shop"
      sourceTypeName: "Query"
      sourceFieldName: "customer"
      requiredSelectionSet: "{ customerId }"
      keyField: "customerId"
      keysArg: "id"
      valueKeyField: "id"
    )
}`);
  });

  it.each([
    ['a lookup by gRPC', { 'v1.Shop/GetCustomer': 'getCustomer(input: GetIn): Customer' }, 'input.customerId'],
    ['many at once by gRPC', { 'v1.Shop/BatchGetCustomers': 'batchGetCustomers(input: ManyIn): Many' }, 'input.ids'],
  ])('is found by %s', (_title, reads, keysArg) => {
    const types = `type Order { customerId: String } ${CUSTOMER} type Many { customers: [Customer!] }
      input GetIn { customerId: String, verbose: Boolean } input ManyIn { ids: [String!] }`;
    expect(propose({ shop: { reads, types } }).map(({ target }) => target.keysArg)).toEqual([keysArg]);
  });

  it('means the type itself where it is the key of a parent', () => {
    const types = 'type Category { id: String, parentId: String }';
    const reads = { 'GET /categories/{categoryId}': 'category(categoryId: String!): Category' };
    expect(shown(propose({ shop: { reads, types } }))).toEqual([
      'Category.parent: Category <- shop.category(categoryId)',
    ]);
    expect(propose({ shop: { reads: { 'GET /tree': 'tree: Category' }, types } })).toEqual([]);
  });

  it('may leave out what its type implies', () => {
    const reads = { 'GET /customer-groups/{groupId}': 'group(groupId: String!): CustomerGroup' };
    const types =
      'type Customer { id: String, groupId: String } type CustomerGroup { id: String } type Visit { groupId: String }';
    expect(shown(propose({ shop: { reads, types } }))).toEqual([
      'Customer.group: CustomerGroup <- shop.group(groupId)',
    ]);
  });

  it('is followed by a parameter that is called like the thing', () => {
    const reads = { 'GET /customers/{customer}': 'customer(customer: String!): Customer' };
    const types = `type Order { customerId: String } ${CUSTOMER}`;
    expect(shown(propose({ shop: { reads, types } }))).toEqual(['Order.customer: Customer <- shop.customer(customer)']);
  });

  it('is followed through a union of things that all have the key', () => {
    const reads = { 'GET /customers/{id}': 'customer(id: String!): Found' };
    const types = `type Order { customerId: String } ${CUSTOMER} type Gone { id: String } union Found = Customer | Gone`;
    const [proposal] = propose({ shop: { reads, types } });
    expect(proposal).toMatchObject({ field: 'customer', answer: 'Found', target: { valueKeyFields: [] } });
  });
});

describe('nothing is proposed', () => {
  it.each([
    ['where the types of the keys differ', 'customerId: Int'],
    ['where the key is of another kind', 'customerCode: String'],
    ['where the thing is there already', 'customerId: String, customer: Customer'],
    ['where a field has the name', 'customerId: String, customer: String'],
    ['where a list of keys is called like one', 'customerId: [String]'],
    ['where the key may name anything', 'customerId: String, customerType: String'],
    ['where it is a key of another system', '"Id of the customer in your own system" customerId: String'],
    ['where it is deprecated in words', '"LEGACY FIELD. Id of the customer" customerId: String'],
    ['where nothing is called so', 'paid: String, buyerId: String'],
    ['where a call of the field needs more', 'customerId(of: String!): String'],
    ['where the examples differ', '"Example: `17`" customerId: String'],
  ])('%s', (_title, fields) => {
    const examples = CUSTOMER.replace('id: String!', '"Example: `cus_0001`" id: String!');
    const types = `type Order { id: String, ${fields} } ${examples}`;
    expect(propose({ shop: { reads: CUSTOMERS, types } })).toEqual([]);
  });

  it.each([
    ['that needs more than the key', { 'GET /customers/{id}': 'customer(id: String!, tenant: String!): Customer' }],
    ['that is deprecated', { 'GET /customers/{id}': 'customer(id: String!): Customer @deprecated' }],
    ['that belongs to the caller', { 'GET /me/customers/{id}': 'customer(id: String!): Customer' }],
    ['of rows without the key', { 'GET /customers/{id}': 'customer(id: String!): Nameless' }],
    ['by the key of something else', { 'GET /customers/{orderId}': 'customer(orderId: String!): Customer' }],
    ['of what stands below', { 'GET /customers/{id}/badge': 'badge(id: String!): Customer' }],
    ['by name', { 'GET /customers/{customer}': 'customer("Login name" customer: String!): Customer' }],
  ])('by a lookup %s', (_title, reads) => {
    const types = `type Order { customerId: String } ${CUSTOMER} type Nameless { name: String }`;
    expect(propose({ shop: { reads: reads as Record<string, string>, types } })).toEqual([]);
  });

  it('by gRPC, where a second key may have to be given', () => {
    const reads = { 'v1.Shop/GetCustomer': 'getCustomer(input: GetIn): Customer' };
    const types = `type Order { customerId: String } ${CUSTOMER} input GetIn { customerId: String, shopId: String }`;
    expect(propose({ shop: { reads, types } })).toEqual([]);
  });

  it('for a key of its own, whatever the type is called', () => {
    const reads = { 'GET /orders/{orderId}': 'order(orderId: String!): Order' };
    const types = `type Order { orderId: String } type OrderSummary { orderId: String } type PurchaseOrder { orderId: String }
      type DeletedOrder { id: String, orderId: String }`;
    expect(propose({ shop: { reads, types } })).toEqual([]);
  });

  it('where several things go by the key', () => {
    const reads = {
      'GET /sales/accounts/{id}': 'salesAccount(id: String!): SalesAccount',
      'GET /bank/accounts/{id}': 'bankAccount(id: String!): BankAccount',
    };
    const types = 'type SalesAccount { id: String } type BankAccount { id: String } type Visit { accountId: String }';
    expect(propose({ shop: { reads, types } })).toEqual([]);
  });

  it('where the part it plays belongs to another thing', () => {
    const reads = { 'GET /customers/addresses/{addressId}': 'address(addressId: String!): CustomerAddress' };
    const types = 'type CustomerAddress { id: String } type Shipment { shippingAddressId: String }';
    expect(propose({ shop: { reads, types } })).toEqual([]);
  });

  it('where the key is of a version that the lookup is not of', () => {
    const reads = { 'GET /v2/payments/{id}': 'payment(id: String!): Payment' };
    const types =
      'type Payment { id: String } type V1Payment { id: String } type V1Refund { paymentId: String } type Refund { paymentId: String }';
    expect(shown(propose({ shop: { reads, types } }))).toEqual(['Refund.payment: Payment <- shop.payment(id)']);
  });

  it('for codes that stand for any, and where somebody wrote the join', () => {
    const reads = { 'GET /locales/{code}': 'locale(code: String!): Locale' };
    const types =
      'type Locale { code: String } type Labels { localeCode: String } type Text { localeCode: String, text: String }';
    expect(shown(propose({ shop: { reads, types } }))).toEqual(['Text.locale: Locale <- shop.locale(code)']);
    const joins =
      'extend type Text { language: Locale @resolveTo(sourceName: "shop", sourceFieldName: "locale", keyField: "localeCode", keysArg: "code", valueKeyField: "code") }';
    expect(propose({ shop: { reads, types, joins } })).toEqual([]);
  });

  it('where a link of the contract leads there', () => {
    const types = `type Order { customerId: String } ${CUSTOMER}
      extend type Order { buyer: Customer @resolveTo(sourceName: "shop", sourceTypeName: "Query", sourceFieldName: "customer", sourceArgs: { id: "{root.customerId}" }) }`;
    expect(propose({ shop: { reads: CUSTOMERS, types } })).toEqual([]);
  });
});
