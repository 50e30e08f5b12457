/** Fields read under a key that the client chose. */
import { buildSchema, isObjectType } from 'graphql';
import { expect, it } from 'vitest';
import { readModel } from '../../../gateway/execute/model.ts';
import { createRead } from '../../../gateway/execute/property.ts';
import { WIRE_DIRECTIVES } from '../../../gateway/lib/wire-directives.ts';

const schema = buildSchema(
  `${WIRE_DIRECTIVES}
  extend schema @transport(subgraph: "shop", kind: "graphql")
  type Query { thing: Thing @graphqlField(subgraph: "shop", name: "thing", type: "Query") }
  type Thing @source(subgraph: "shop") { name: String }`,
  { assumeValidSDL: true },
);

function read(parent: unknown, key: string): unknown {
  const type = schema.getType('Thing');
  const field = isObjectType(type) ? type.getFields()['name'] : undefined;
  if (!isObjectType(type) || !field) throw new Error('the schema of this test is another');
  return createRead({ model: readModel(schema), type, field })(parent, 'shop', key);
}

it.each(['constructor', 'toString', 'hasOwnProperty'])('%s is nothing where the source did not answer it', (key) => {
  expect(read({}, key)).toBeUndefined();
  expect(read({ [key]: 'a' }, key)).toBe('a');
});
