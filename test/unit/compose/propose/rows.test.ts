/** Where the rows of an answer are. */
import { type FieldDefinitionNode, Kind, parse, type TypeDefinitionNode } from 'graphql';
import { describe, expect, it } from 'vitest';
import { findRows, type Rows } from '../../../../gateway/compose/propose/rows.ts';

const SHARED = 'type Order { id: ID, note: String } type Line { sku: String } type Links { next: String }';

function rowsOf(answer: string, types = ''): Rows | undefined {
  const { definitions } = parse(`type Query { x: ${answer} } ${SHARED} ${types}`);
  const all = new Map(definitions.map((node) => [(node as TypeDefinitionNode).name.value, node as TypeDefinitionNode]));
  const query = all.get('Query');
  const field = query?.kind === Kind.OBJECT_TYPE_DEFINITION ? query.fields?.[0] : undefined;
  return findRows(all, (field as FieldDefinitionNode).type, 'order');
}

describe('rows are', () => {
  it.each([
    ['the answer', 'Order!', '', [], false],
    ['the items of a list', '[Order!]!', '', [], true],
    ['items of a page', 'Page', 'type Page { items: [Order], total: Int, next_cursor: String }', ['items'], true],
    ['a list called after them', 'Page', 'type Page { orders: [Order], links: [Links] }', ['orders'], true],
    ['what data wraps', 'Page', 'type Page { data: Order, success: Boolean }', ['data'], false],
    ['what its name wraps', 'Page', 'type Page { order: Order, errors: [Links] }', ['order'], false],
    ['two wrappers deep', 'A', 'type A { data: B } type B { orders: [Order] }', ['data', 'orders'], true],
    [
      'embedded',
      'A',
      'type A { _embedded: B, _links: Links } type B { orders: [Order] }',
      ['_embedded', 'orders'],
      true,
    ],
    ['a thing with items and a key', 'Cart', 'type Cart { id: ID, items: [Line] }', [], false],
    ['a thing with items and a say', 'Cart', 'type Cart { owner: String, items: [Line] }', [], false],
  ])('%s', (_title, answer, types, path, many) => {
    expect(rowsOf(answer, types)).toMatchObject({ path, many });
  });

  it('not known on a page that says more than pages do, nor where answers have no fields', () => {
    expect(rowsOf('Page', 'type Page { results: [Order], currency: String }')).toBeUndefined();
    expect(rowsOf('String')).toBeUndefined();
    expect(rowsOf('A', 'type A { data: B } type B { data: C } type C { data: D } type D { data: A }')).toBeUndefined();
  });

  it('reached through wrappers, which are told', () => {
    expect(rowsOf('A', 'type A { data: B } type B { orders: [Order] }')?.wrappers).toEqual(['A', 'B']);
  });
});
