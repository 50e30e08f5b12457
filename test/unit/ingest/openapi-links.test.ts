/** Links of a contract become joins. */
import { describe, expect, it } from 'vitest';
import { get, json, openapi, read, schemaOf, signatures } from './kit.ts';
import { customerOf, orders, others, ref, schemas } from './links-kit.ts';

const joins = (text: string) => text.slice(text.indexOf('extend type')).replace(/\s+/g, ' ').trim();

describe('a link', () => {
  it('is a field of the type that is answered, with what it leaves open as arguments', async () => {
    const done = await orders({
      Buyer: {
        operationId: 'getCustomer',
        description: ' Who pays ',
        parameters: { 'path.id': '$response.body#/customer-id' },
      },
    });
    expect(joins(done.text)).toBe(
      'extend type Order { "Who pays" buyer(lang: String, id2: String): Customer ' +
        '@resolveTo(sourceName: "api", sourceTypeName: "Query", sourceFieldName: "getCustomer", sourceArgs: {id: "{root.customer_id}"}) }',
    );
    expect(signatures(schemaOf(done), 'Order')).toContain('buyer(lang: String, id2: String): Customer');
    expect(done.report.notes).toEqual([]);
  });

  it.each([
    ['a property below another', '$response.body#/customer/id', '{root.customer.id}'],
    ['an expression in braces', '{$response.body#/id}', '{root.id}'],
    ['a parameter of the path that the answer repeats', '$request.path.id', '{root.id}'],
    ['a parameter of the query that the answer repeats', '$request.query.currency', '{root.currency}'],
    ['a value of the contract', 'me', 'me'],
    ['a number of the contract', 7, 7],
  ])('takes %s', async (_what, value, filled) => {
    const { text, report } = await orders(customerOf(value));
    expect(joins(text)).toContain(`sourceArgs: {id: ${JSON.stringify(filled)}}`);
    expect(report.notes).toEqual([]);
  });

  it('belongs to the type of its status, where each has its own', async () => {
    const link = (to: string) => ({
      [to]: { operationId: 'getCustomer', parameters: { 'path.id': '$response.body#/id' } },
    });
    const job = { type: 'object', properties: { id: { type: 'string' }, state: { type: 'string' } } };
    const responses = {
      200: { ...(json(ref('Customer')) as object), links: link('mate') },
      201: { ...(json(ref('Customer')) as object), links: link('friend') },
      202: { ...(json(job) as object), links: link('starter') },
      206: { ...(json({ type: 'array', items: {} }) as object), links: link('nobody') },
    };
    const { text, report } = await read({
      files: openapi({ '/x': { get: { operationId: 'x', responses } }, ...others }, schemas),
      policy: { operations: { search: { kind: 'query' } } },
    });
    expect(joins(text)).toMatch(/^extend type Customer \{ friend.* mate.*\} extend type XResponse202 \{ starter/);
    expect(report.notes.map((note) => note.text)).toContain(
      'the link is left out: its answer is not the one that is served',
    );
    expect(joins(text)).not.toContain('nobody');
  });

  it('takes lists where lists are wanted, and fills bodies', async () => {
    const { text, report } = await orders({
      all: { operationId: 'findCustomers', parameters: { tags: '$response.body#/tags' } },
      found: {
        operationId: 'search',
        requestBody: { 'customer-id': '$response.body#/id', limit: 3, page: { after: '$response.body#/customer/id' } },
      },
    });
    expect(joins(text)).toContain('all: [Customer] @resolveTo');
    expect(joins(text)).toContain('sourceArgs: {tags: "{root.tags}"}');
    expect(joins(text)).toContain(
      'sourceArgs: {input: {customer_id: "{root.id}", limit: 3, page: {after: "{root.customer.id}"}}}',
    );
    expect(report.notes).toEqual([]);
  });

  it('may name its operation by a reference, and be one itself', async () => {
    const link = { operationRef: '#/paths/~1customers~1{id}/get', parameters: { 'path.id': '$response.body#/id' } };
    const files = JSON.parse(String(openapi({}, schemas)['openapi.json']));
    files.components.links = { Buyer: link };
    const order = get('getOrder', ref('Order')) as { get: { responses: Record<string, object> } };
    order.get.responses['200'] = {
      ...order.get.responses['200'],
      links: { buyer: { $ref: '#/components/links/Buyer' } },
    };
    files.paths = { '/order': order, ...others };
    const { text } = await read({ files: { 'openapi.json': JSON.stringify(files) } });
    expect(joins(text)).toContain('buyer(lang: String, id2: String): Customer @resolveTo');
  });

  it('follows names of the policy: of types, fields, operations and its own', async () => {
    const { text } = await orders(customerOf('$response.body#/customer-id'), {
      policy: {
        names: {
          types: { Order: 'Purchase', Customer: 'Person' },
          fields: { 'Purchase.customer_id': 'buyer', 'Purchase.customerOf': 'payer', 'Query.person': 'oneCustomer' },
          operations: { 'GET /customers/{id}': 'person' },
        },
      },
    });
    expect(joins(text)).toContain(
      'extend type Purchase { payer(lang: String, id2: String): Person @resolveTo(sourceName: "api", sourceTypeName: "Query", sourceFieldName: "oneCustomer", sourceArgs: {id: "{root.buyer}"}) }',
    );
  });

  it('gives way to a property of its name, and to the same link of another operation', async () => {
    const again = {
      '/orders': {
        post: {
          operationId: 'createOrder',
          responses: {
            201: {
              ...(json(ref('Order')) as object),
              links: {
                ...customerOf('$response.body#/customer-id'),
                customer: { operationId: 'getCustomer', parameters: { 'path.id': '$response.body#/customer/id' } },
              },
            },
          },
        },
      },
    };
    const links = {
      ...customerOf('$response.body#/customer-id'),
      customer: customerOf('$response.body#/id').customer_of,
    };
    const done = await orders(links, { paths: again });
    expect(signatures(schemaOf(done), 'Order').filter((each) => each.includes('lang'))).toEqual([
      'customerLink(lang: String, id2: String): Customer',
      'customerLinkFromCreateOrder(lang: String, id2: String): Customer',
      'customerOf(lang: String, id2: String): Customer',
    ]);
    expect(done.report.notes).toEqual([]);
  });
});
