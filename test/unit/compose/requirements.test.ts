/** What policies require of who asks, as directives of the unified text; and what they cannot require. */
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { readRequirements } from '../../../gateway/execute/requirements.ts';
import { WIRE_DIRECTIVES } from '../../../gateway/lib/wire-directives.ts';
import { compose, faultsOf, type Given } from './kit.ts';

const sdl = `type Query { products(ids: [ID!], draft: Boolean): [Product]; product(input: Find): Product; }
type Product { id: ID! price: Int ownerId: ID }
input Find { id: ID hidden: Boolean }
enum Size { S M }`;
const at = (coordinates: Record<string, unknown>, more: Record<string, unknown> = {}): Given => ({
  sdl,
  policy: { coordinates, ...more },
});
/** The line of the text that begins so. */
const lineOf = (text: string, start: string): string =>
  text
    .split('\n')
    .find((line) => line.trim().startsWith(start))
    ?.trim() ?? '';

describe('coordinates', () => {
  it('become directives of types, fields, arguments and inputs, each with its source', () => {
    const { privateText, publicText } = compose({
      shop: at({
        Product: { authenticated: true },
        'Product.price': { requiresScopes: [['a', 'b'], ['c']], requiresRole: ['admin'] },
        'Query.products.draft': { requiresRole: ['editor'] },
        'Query.product': {
          policies: [
            { name: 'claimEqualsArgument', claim: 'sub', argument: 'input.id', unlessRoles: ['admin'] },
            { name: 'own', options: { 'any-key': [1, { b: null }] } },
          ],
        },
        'Find.hidden': { authenticated: true },
        Find: { requiresScopes: [['find']] },
        Size: { requiresRole: ['tailor'] },
      }),
    });
    expect(lineOf(privateText, 'type Product')).toContain('@authenticated(subgraph: "shop")');
    expect(lineOf(privateText, 'price')).toContain(
      '@requiresScopes(scopes: [["a", "b"], ["c"]], subgraph: "shop") @requiresRole(roles: ["admin"], subgraph: "shop")',
    );
    expect(privateText).toMatch(/draft: Boolean @requiresRole\(roles: \["editor"\], subgraph: "shop"\)/);
    expect(privateText).toMatch(/hidden: Boolean @authenticated/);
    expect(lineOf(privateText, 'input Find')).toContain('@requiresScopes(scopes: [["find"]]');
    expect(lineOf(privateText, 'enum Size')).toContain('@requiresRole');
    expect(publicText).not.toMatch(/@|admin|claimEquals/);
    // What was written is what is read.
    const schema = buildSchema(`${WIRE_DIRECTIVES}\n${privateText}`, { assumeValidSDL: true });
    const query = schema.getQueryType();
    const field = query?.getFields()['product'];
    if (!query || !field) throw new Error('no product');
    expect(readRequirements(schema).ofField(query, field).before).toEqual([
      {
        kind: 'policy',
        policy: { name: 'claimEqualsArgument', claim: 'sub', argument: 'input.id', unlessRoles: ['admin'] },
      },
      { kind: 'policy', policy: { name: 'own', options: { 'any-key': [1, { b: null }] } } },
      { kind: 'authenticated' },
    ]);
  });

  it('go by the names of their source, whatever those became beside others', () => {
    const other: Given = {
      sdl: 'type Query { products: [Product]; } type Product { size: Int }',
      policy: { coordinates: { Product: { requiresRole: ['b'] }, 'Query.products': { requiresRole: ['c'] } } },
    };
    const { privateText } = compose({ shop: at({ Product: { requiresRole: ['a'] } }), other });
    expect(lineOf(privateText, 'type Product')).toContain('roles: ["a"]');
    expect(lineOf(privateText, 'type OtherProduct')).toContain('roles: ["b"]');
    expect(lineOf(privateText, 'otherProducts')).toContain('roles: ["c"]');
    expect(lineOf(privateText, 'products(')).not.toContain('@requires');
  });

  it('of all sources of a shared type hold together', () => {
    const merge = { keyField: 'id', keysArg: 'ids' };
    const shared = (role: string): Given => ({
      sdl: 'type Query { rows(ids: [ID!]): [Row]; } type Row { id: ID! name: String }',
      policy: {
        coordinates: { 'Query.rows': { merge }, Row: { requiresRole: [role] }, 'Row.name': { requiresRole: [role] } },
      },
    });
    const { privateText } = compose({ a: shared('a'), b: shared('b') });
    for (const start of ['type Row', 'name: String'])
      expect(lineOf(privateText, start)).toMatch(/roles: \["a"\], subgraph: "a".*roles: \["b"\], subgraph: "b"/);
  });
});

describe('defaults', () => {
  const joins = `extend type Product {
  again: Product @resolveTo(sourceName: "shop", sourceFieldName: "products", keyField: "id", keysArg: "ids")
}`;
  it('stand beside the transport, and single fields can be left out', () => {
    const policy = {
      defaults: { requiresScopes: [['shop:read']] },
      coordinates: { 'Query.product': { defaults: false }, 'Product.again': { defaults: false, authenticated: true } },
    };
    const { privateText } = compose({ shop: { sdl, policy, joins } });
    expect(lineOf(privateText, 'extend schema')).toMatch(
      /@transport\(.*\) @requiresScopes\(scopes: \[\["shop:read"\]\], subgraph: "shop"\)/,
    );
    expect(lineOf(privateText, 'product(')).toContain('@withoutDefaults');
    expect(lineOf(privateText, 'again')).toMatch(/@authenticated.*@withoutDefaults/);
    expect(lineOf(privateText, 'products(')).not.toContain('@withoutDefaults');
  });
});

describe('joins.graphql', () => {
  const join = (directives: string): Given => ({
    sdl,
    joins: `extend type Product {
  again: Product ${directives} @resolveTo(sourceName: "shop", sourceFieldName: "products", keyField: "id", keysArg: "ids")
}`,
  });

  it('may require something of its joins, several rules of one name too', () => {
    const { privateText } = compose({
      shop: join('@requiresScopes(scopes: "x") @policy(name: "a") @policy(name: "b")'),
    });
    expect(lineOf(privateText, 'again')).toMatch(
      /@requiresScopes\(scopes: "x"\) @policy\(name: "a"\) @policy\(name: "b"\)/,
    );
  });

  it.each([
    ['@requireScopes(scopes: [["x"]])', 'there is no directive @requireScopes here.'],
    ['@requiresScopes', '@requiresScopes: scopes'],
    ['@requiresScopes(scopes: [])', '@requiresScopes: scopes'],
    ['@policy(claim: "x")', '@policy: name'],
    ['@policy(name: "x", colour: "red")', '@policy: '],
  ])('refuses %s', (directives, message) => {
    expect(faultsOf(() => compose({ shop: join(directives) })).join()).toContain(`Product.again: ${message}`);
  });

  it('refuses rules for types, which have another place', () => {
    const given = join('');
    const joins = given.joins?.replace('Product {', 'Product @authenticated {') ?? '';
    expect(faultsOf(() => compose({ shop: { ...given, joins } })).join()).toContain(
      'rules for a type stand in policy.yaml',
    );
  });
});

describe('faults', () => {
  const field = { name: 'claimEqualsField', claim: 'sub', field: 'ownerId' };
  const argument = { name: 'claimEqualsArgument', claim: 'sub', argument: 'ids' };
  const own = { authenticated: true };
  it.each([
    ['Produkt', own, 'the source has no such type.'],
    ['Product.prize', own, 'the source has no such field.'],
    ['Query.producs', own, 'the source has no such field.'],
    ['Query.products.drafts', own, 'the field has no such argument.'],
    ['Product.price.x', own, 'the field has no such argument.'],
    ['Size.S', own, 'the source has no such field.'],
    ['Query', own, 'names all entries of all sources'],
    ['Product', { defaults: false }, 'defaults stands on root fields'],
    ['Product.price', { defaults: false }, 'defaults stands on root fields'],
    ['Query.products.ids', { defaults: false }, 'defaults stands on fields.'],
    ['Product', { policies: [argument] }, 'looks at an argument, and stands on fields'],
    ['Product', { policies: [{ ...field, field: 'owner' }] }, 'Product has no field owner'],
    ['Product.price', { policies: [{ ...field, field: 'owner' }] }, 'Product has no field owner'],
    ['Size', { policies: [field] }, 'stands on types and fields of objects'],
    ['Find.id', { policies: [field] }, 'stands on types and fields of objects'],
    ['Find.id', { policies: [argument] }, 'stands on fields that have it'],
    ['Query.products', { policies: [field] }, 'write it on the type that the field answers'],
    ['Query.products', { policies: [{ ...argument, argument: 'id' }] }, 'the field has no argument id'],
    ['Query.product', { policies: [{ ...argument, argument: 'input.ids' }] }, 'the field has no argument input.ids'],
  ])('%s: %j', (coordinate, rules, message) => {
    const faults = faultsOf(() => compose({ shop: at({ [coordinate]: rules }) }));
    expect(faults).toEqual([expect.stringContaining(`sources/shop/policy.yaml:1: coordinates ${coordinate}: `)]);
    expect(faults.join()).toContain(message);
  });

  it('are none where the place is right', () => {
    const coordinates = {
      Product: { policies: [field] },
      'Product.price': { policies: [field] },
      'Query.product': { policies: [{ ...argument, argument: 'input.id' }] },
    };
    expect(faultsOf(() => compose({ shop: at(coordinates) }))).toEqual([]);
  });

  it('are rules for a whole source that look at something it may not have', () => {
    expect(faultsOf(() => compose({ shop: at({}, { defaults: { policies: [field] } }) })).join()).toContain(
      'defaults: claimEqualsField looks at',
    );
  });

  it('are not joins that cannot be made at the moment, but what is misspelled still is', () => {
    const joins =
      'extend type Product { more: More @resolveTo(sourceName: "gone", sourceFieldName: "more", keyField: "id", keysArg: "ids") }';
    const run = (name: string) => () =>
      compose({ shop: { ...at({ [`Product.${name}`]: own }), joins } }, new Map(), ['gone']);
    expect(faultsOf(run('more'))).toEqual([]);
    expect(faultsOf(run('mroe')).join()).toContain('Product.mroe: the source has no such field.');
  });
});
