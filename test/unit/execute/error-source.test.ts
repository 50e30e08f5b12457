/** Whose value it is that an error is about, and values that are no objects. */
import { buildSchema, graphql } from 'graphql';
import { describe, expect, it } from 'vitest';
import { sourceAt } from '../../../gateway/execute/error-source.ts';
import { readModel } from '../../../gateway/execute/model.ts';
import { attachObjectChecks } from '../../../gateway/execute/object-values.ts';
import { WIRE_DIRECTIVES } from '../../../gateway/lib/wire-directives.ts';
import { planShop } from './plan-kit.ts';

describe('the source at a path', () => {
  const { planOf } = planShop();
  const plan = planOf(
    '{ orders { note other: lines { sku } person { name email } } found { id } things { ... on Order { note } ... on Line { sku } } }',
  );

  it.each([
    [['orders'], 'orders'],
    [['orders', 0, 'note'], 'orders'],
    [['orders', 0, 'other', 1, 'sku'], 'orders'],
    [['orders', 0, 'person'], 'people'],
    [['orders', 0, 'person', 'name'], 'people'],
    [['orders', 0, 'person', 'email'], 'crm'],
    [['things', 0, 'sku'], 'orders'],
    [['found', 0, 'id'], undefined],
    [['nothing', 'here'], undefined],
    [['orders', 'nothing'], undefined],
    [[], undefined],
  ])('%j is %s', (path, source) => {
    expect(sourceAt({ execution: { plan } }, path)).toBe(source);
    expect(sourceAt({ execution: undefined }, path)).toBeUndefined();
  });
});

describe('a value that is no object', () => {
  const schema = buildSchema(
    `${WIRE_DIRECTIVES}
    extend schema @transport(subgraph: "shop", kind: "rest")
    type Query { thing: Thing things: [Thing] wrapped: Wrapped either: Either }
    type Thing @source(subgraph: "shop") { id: ID inner: Thing }
    type Shared @source(subgraph: "shop") @source(subgraph: "other") { id: ID }
    type Wrapped @source(subgraph: "shop") { value: String @resolveRoot(subgraph: "shop") }
    union Either = Thing | Shared`,
    { assumeValidSDL: true },
  );
  attachObjectChecks(schema, readModel(schema));
  const type = schema.getType('Either');
  if (type && 'resolveType' in type) type.resolveType = () => 'Shared';

  it('is an error in its own place, with the source where there is one', async () => {
    const rootValue = {
      thing: { id: 1, inner: ['x'] },
      things: [{ id: 1 }, 'two', [3], null],
      wrapped: 'text',
      either: 'shared',
    };
    const { data, errors } = await graphql({
      schema,
      source: '{ thing { id inner { id } } things { id } wrapped { __typename } either { __typename } }',
      rootValue,
    });
    expect(data).toEqual({
      thing: { id: '1', inner: null },
      things: [{ id: '1' }, null, null, null],
      wrapped: { __typename: 'Wrapped' },
      either: null,
    });
    expect(errors?.map(({ path, originalError }) => [path?.join('.'), originalError])).toEqual([
      ['thing.inner', expect.objectContaining({ code: 'UPSTREAM_BAD_PAYLOAD', source: 'shop' })],
      ['things.1', expect.objectContaining({ code: 'UPSTREAM_BAD_PAYLOAD', source: 'shop' })],
      ['things.2', expect.objectContaining({ code: 'UPSTREAM_BAD_PAYLOAD', source: 'shop' })],
      ['either', expect.objectContaining({ code: 'UPSTREAM_BAD_PAYLOAD', source: undefined })],
    ]);
  });
});
