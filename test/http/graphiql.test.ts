import { gunzipSync } from 'node:zlib';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { writeExampleQuery } from '../../gateway/http/example-query.ts';
import { startApp } from '../kit/app.ts';
import { makeGeneration, makeSchema, makeSupply } from '../kit/fixed-supply.ts';

const shop = `
  type Query {
    version: String!
    order(id: ID!): Order
    orders(limit: Int, status: String): [Order!]
    customers: CustomerPage
  }
  type CustomerPage { total: Int items: [Customer!] }
  type Order { id: ID! status: String total(currency: String!): Float legacy: String @deprecated customer: Customer lines: [Line!] }
  type Line { quantity: Int order: Order }
  type Customer { id: ID! name: String orders: [Order!] }
`;

describe('the example query', () => {
  it('takes lists that need no argument, with their leaves and what joins add', () => {
    const query = writeExampleQuery(buildSchema(shop));
    expect(query.replace(/#.*\n/g, '').trim()).toBe(
      [
        'query Example {',
        '  orders(limit: 5) {',
        '    id',
        '    status',
        '    customer {',
        '      id',
        '      name',
        '    }',
        '    lines {',
        '      quantity',
        '    }',
        '  }',
        '}',
      ].join('\n'),
    );
  });

  it.each([
    ['leaves only', 'type Query { a: Int b: String! }'],
    ['nothing without arguments', 'type Query { a(x: Int!): Int }'],
    ['types that hold each other', 'type Query { a: A } type A { b: B } type B { a: A }'],
    ['abstract types', 'type Query { a: I u: U } interface I { x: Int } type A implements I { x: Int } union U = A'],
    ['the shop', shop],
  ])('is valid for %s', (_, sdl) => {
    const schema = buildSchema(sdl);
    expect(validate(schema, parse(writeExampleQuery(schema)))).toEqual([]);
  });
});

describe('the page', () => {
  const make = (graphiql: Record<string, unknown> = {}, more: Record<string, unknown> = {}) =>
    startApp(makeSupply(makeGeneration('g1', makeSchema('type Query { secretField: Int }'))), { graphiql, ...more });
  const open = (app: ReturnType<typeof make>, headers: Record<string, string> = {}) =>
    app.fetch(new Request('http://gateway.test/graphql', { headers: { accept: 'text/html', ...headers } }));

  it('opens for a browser, loads nothing from anywhere, and talks to itself only', async () => {
    await using app = make({ title: 'Shop <b>' });
    const response = await open(app);
    const html = await response.text();
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    // The page is megabytes long: a failure must not print it.
    expect(html.includes('<title>Shop &lt;b&gt;</title>')).toBe(true);
    expect(html.includes('query Example')).toBe(true);
    const loaded = [...html.matchAll(/<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=["']?([^"'\s>]+)/g)];
    expect(loaded.map(([, address]) => address).filter((address) => /^(https?:)?\/\//.test(address ?? ''))).toEqual([]);
    expect(html.match(/[^"'`\s]{0,40}(unpkg|jsdelivr|cdnjs)[^"'`\s]{0,40}/g)).toBeNull();
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(app.lines).toEqual([]);
  });

  it('is sent compressed, and not again to who has it', async () => {
    await using app = make();
    const response = await open(app, { 'accept-encoding': 'gzip, br' });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(gunzipSync(Buffer.from(await response.arrayBuffer())).includes('query Example')).toBe(true);
    const again = await open(app, { 'if-none-match': response.headers.get('etag') ?? '' });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it('opens with the configured query, which cannot break out of its script', async () => {
    await using app = make({ defaultQuery: '{ a } # </script><script>alert(1)</script>' });
    const html = await (await open(app)).text();
    expect(html.includes('</script><script>alert(1)')).toBe(false);
    expect(html.includes('alert(1)')).toBe(true);
  });

  it.each([
    ['everybody', {}, true],
    ['who has a role', { allow: 'roles', roles: ['developer'] }, false],
    ['nobody', { allow: 'nobody' }, false],
  ])('names nothing of a schema that is not open to everybody: open to %s', async (_, introspection, isNamed) => {
    await using app = make({}, { introspection });
    const html = await (await open(app)).text();
    expect([html.includes('secretField'), html.includes('{ __typename }')]).toEqual([isNamed, !isNamed]);
  });

  it('opens with the configured query also where the schema is open to nobody', async () => {
    await using app = make({ defaultQuery: '{ chosen }' }, { introspection: { allow: 'nobody' } });
    expect((await (await open(app)).text()).includes('{ chosen }')).toBe(true);
  });

  it('is not there when it is switched off', async () => {
    await using app = make({ enabled: false });
    const response = await open(app, { accept: 'text/html, application/json' });
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toMatch(/json/);
  });
});
