import { type FieldDefinitionNode, Kind, type TypeDefinitionNode } from 'graphql';
import { nullable } from '../../lib/ast.ts';
import { directivesNamed } from '../../lib/sdl.ts';

/** Scalars whose values can tell things apart. */
const ID_SCALARS = new Set(['ID', 'String', 'Int', 'BigInt', 'Int64', 'UInt64', 'UInt32', 'UnsignedInt', 'UUID']);

/**
 * The field that tells values of an object type apart: the one the policy names, else `id`, else the one that says whose id it is
 * (`orderId` of an Order). A key of something else (`customerId` of an Order) never is.
 *
 * @param chosen name of the field that the policy says it is
 */
export function entityIdOf(node: TypeDefinitionNode | undefined, chosen?: string): string | undefined {
  if (node?.kind !== Kind.OBJECT_TYPE_DEFINITION) return undefined;
  const fields = (node.fields ?? []).filter(isKey);
  const names = [chosen ?? '', 'id', `${node.name.value}id`].map(plain);
  const found = names.flatMap((name) => fields.find((field) => name !== '' && plain(field.name.value) === name) ?? []);
  return found[0]?.name.value;
}

/** Letters and digits in lower case: `person-id`, `person_id` and `personId` are one. */
export function plain(name: string): string {
  return name.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
}

function isKey({ type, arguments: args = [], directives = [] }: FieldDefinitionNode): boolean {
  const inner = nullable(type);
  const isScalar = inner.kind === Kind.NAMED_TYPE && ID_SCALARS.has(inner.name.value);
  return isScalar && args.length === 0 && directivesNamed({ directives }, 'resolveTo').length === 0;
}
