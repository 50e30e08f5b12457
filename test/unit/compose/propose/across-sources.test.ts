/** Keys that lead from one source to another: only to the one that can be meant. */
import { describe, expect, it } from 'vitest';
import { type Given, propose, shown } from './kit.ts';

const crm: Given = {
  reads: { 'GET /customers/{id}': 'customer(id: String!): Customer' },
  types: 'type Customer { id: String, name: String }',
};
const shop: Given = {
  reads: { 'GET /orders/{id}': 'order(id: String!): Order' },
  types: 'type Order { id: String, customerId: String }',
};
const FOUND = ['Order.customer: Customer <- crm.customer(id)'];

describe('a key of another source', () => {
  it('is followed to the one source that has the thing, and is less sure than at home', () => {
    const proposals = propose({ crm, shop });
    expect(shown(proposals)).toEqual(FOUND);
    const home = propose({ shop: { reads: { ...crm.reads, ...shop.reads }, types: `${crm.types} ${shop.types}` } });
    expect(proposals[0]?.confidence).toBeLessThan(home[0]?.confidence ?? 0);
    expect(proposals[0]?.reasons).toContain('no other source has a customer');
  });

  it('is not followed where two sources have it', () => {
    expect(propose({ crm, shop, club: crm }).filter(({ type }) => type === 'Order')).toEqual([]);
  });

  it('is not followed away from a source that has the thing itself', () => {
    const own = { ...shop, reads: { ...shop.reads, 'GET /customers': 'customers: [Customer]' } };
    const types = `${shop.types} type Customer { id: String, rank: Int }`;
    expect(shown(propose({ crm, shop: { ...own, types } }))).toEqual([]);
  });

  it('is not followed by the name of a path alone', () => {
    const person = crm.types.replace('Customer', 'Person');
    const reads = { 'GET /customers/{id}': 'customer(id: String!): Person' };
    expect(propose({ crm: { reads, types: person }, shop })).toEqual([]);
    const home = { reads: { ...reads, ...shop.reads }, types: `${person} ${shop.types}` };
    expect(shown(propose({ shop: home }))).toEqual(['Order.customer: Person <- shop.customer(id)']);
  });

  it('is not followed between public services of different domains', () => {
    const hosted = (host: string, other: string) =>
      shown(propose({ crm: { ...crm, host }, shop: { ...shop, host: other } }));
    expect(hosted('https://api.crm.com', 'https://api.shop.com')).toEqual([]);
    expect(hosted('https://crm.company.com', 'https://shop.company.com')).toEqual(FOUND);
    expect(hosted('https://api.crm.com', 'http://10.0.0.7:80')).toEqual(FOUND);
    expect(hosted('http://crm', 'http://shop.prod.svc')).toEqual(FOUND);
  });

  it('is followed anywhere where it names the source', () => {
    const types = 'type Order { id: String, crmCustomerId: String }';
    const far = {
      crm: { ...crm, host: 'https://api.crm.com' },
      shop: { ...shop, types, host: 'https://api.shop.com' },
    };
    expect(shown(propose(far))).toEqual(['Order.crmCustomer: Customer <- crm.customer(id)']);
  });

  it('is not followed where examples of both differ, and surer where they are alike', () => {
    const withExample = (given: Given, field: string, example: string): Given => {
      return { ...given, types: given.types.replace(`${field}:`, `"Example: \`${example}\`" ${field}:`) };
    };
    const customers = withExample(crm, 'id', 'cus_0001');
    expect(propose({ crm: customers, shop: withExample(shop, 'customerId', '4711') })).toEqual([]);
    const [sure] = propose({ crm: customers, shop: withExample(shop, 'customerId', 'cus_0002') });
    const [plain] = propose({ crm, shop });
    expect(sure?.confidence).toBeGreaterThan(plain?.confidence ?? 1);
  });

  it('gives lists, too', () => {
    const reads = { ...shop.reads, 'GET /orders': 'orders(customerIds: [String!]): [Order]' };
    const proposals = propose({ crm, shop: { ...shop, reads } });
    expect(shown(proposals)).toEqual(['Customer.orders: [Order] <- shop.orders(customerIds)', ...FOUND]);
    expect(proposals.map(({ source, type }) => `${source} ${type}`).sort()).toEqual(['crm Customer', 'shop Order']);
  });

  it('is written in unified names: types as clients see them, root fields as their source has them', () => {
    const blog = {
      reads: { 'GET /blog/{id}': 'customer(id: String!, lang: String!): Customer' },
      types: 'type Customer { id: String, blog: String }',
    };
    const proposals = propose({ blog, crm, shop });
    expect(shown(proposals)).toEqual(['Order.customer: CrmCustomer <- crm.customer(id)']);
  });
});
