/** A contract of orders and customers with room for links. */
import { get, json, openapi, read } from './kit.ts';

export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const param = (name: string, place = 'path', more: object = {}) => ({
  name,
  in: place,
  required: place === 'path',
  schema: { type: 'string' },
  ...more,
});
export const schemas = {
  Order: {
    type: 'object',
    properties: {
      id: { type: 'string' },
      'customer-id': { type: 'string' },
      customer: ref('Customer'),
      currency: { type: 'string' },
      tags: { type: 'array', items: { type: 'string' } },
      lines: { type: 'array', items: ref('Line') },
      free: {},
      rates: { type: 'object', additionalProperties: { type: 'string' } },
    },
  },
  Line: { type: 'object', properties: { product: { type: 'string' } } },
  Customer: { type: 'object', properties: { id: { type: 'string' }, name: { type: 'string' } } },
};
const customers = {
  parameters: [param('id')],
  get: {
    operationId: 'getCustomer',
    parameters: [param('lang', 'query'), param('id', 'query')],
    responses: { 200: json(ref('Customer')) },
  },
  delete: { operationId: 'dropCustomer', responses: { 204: { description: 'gone' } } },
};
/** Operations that links may lead to. */
export const others = {
  '/customers/{id}': customers,
  '/customers': get(
    'findCustomers',
    { type: 'array', items: ref('Customer') },
    {
      parameters: [param('tags', 'query', { schema: { type: 'array', items: { type: 'string' } } })],
    },
  ),
  '/ping': { get: { operationId: 'ping', responses: { 204: { description: 'ok' } } } },
  '/search': {
    post: {
      operationId: 'search',
      requestBody: {
        content: {
          'application/json': {
            schema: {
              type: 'object',
              properties: {
                'customer-id': { type: 'string' },
                limit: { type: 'integer' },
                page: { type: 'object', properties: { after: { type: 'string' } } },
              },
            },
          },
        },
      },
      responses: { 200: json(ref('Customer')) },
    },
  },
};

/** Reads a contract whose order has links in its answer. */
export function orders(
  links: unknown,
  more: { path?: string; answer?: unknown; paths?: object; policy?: unknown } = {},
) {
  const { path = '/orders/{id}', answer = ref('Order'), paths = {}, policy } = more;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => param(name));
  const order = {
    get: {
      operationId: 'getOrder',
      parameters: [...names, param('currency', 'query')],
      responses: { 200: { ...(json(answer) as object), links } },
    },
  };
  return read({
    files: openapi({ [path]: order, ...others, ...paths }, schemas),
    policy: policy ?? { operations: { search: { kind: 'query' } } },
  });
}

export const customerOf = (value: unknown) => ({
  customer_of: { operationId: 'getCustomer', parameters: { 'path.id': value } },
});
