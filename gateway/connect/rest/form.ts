/** What an answer must be at its top, judged before it is read: an answer of another form would be a field full of nulls. */
import {
  type GraphQLField,
  type GraphQLOutputType,
  getNamedType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { isRecord } from '../../lib/json.ts';
import { directivesNamed } from '../../lib/sdl.ts';

/** `any` for what has no form of its own: the scalar JSON, and unions with members that are no objects. */
export type Form = 'object' | 'list' | 'leaf' | 'any';

/** Scalars that say nothing of what they stand for. */
const FREE = new Set(['JSON', 'Void']);

/** An answer whose JSON is another one than its contract promises. */
export class FormError extends Error {
  override readonly name = 'FormError';
}

/** The form that the contract of a source gives to the answers of a root field. */
export function formOf(field: GraphQLField<unknown, unknown>, source: string): Form {
  const isMap = directivesNamed(field.astNode, 'dictionary').some((args) => args['subgraph'] === source);
  const type = isNonNullType(field.type) ? field.type.ofType : field.type;
  // A map is a list of entries in the schema alone.
  if (isMap) return isListType(type) && isListType(nullable(type.ofType)) ? 'list' : 'object';
  if (isListType(type)) return 'list';
  const named = getNamedType(type);
  if (isLeafType(named)) return FREE.has(named.name) ? 'any' : 'leaf';
  // What stands for a value that is no object (`@resolveRoot`) takes whatever it stands for.
  const wraps = isObjectType(named) && Object.values(named.getFields()).some((each) => isRoot(each, source));
  return wraps || (isAbstractType(named) && hasOthers(named.astNode, source)) ? 'any' : 'object';
}

/** @throws FormError for a value of another form; null has none and is never one */
export function assertForm(value: unknown, form: Form): void {
  if (value === null || value === undefined || form === 'any') return;
  const own: Form = Array.isArray(value) ? 'list' : isRecord(value) ? 'object' : 'leaf';
  if (own !== form) throw new FormError(`promised was ${NAMES[form]}, and it is ${NAMES[own]}`);
}

const NAMES: Readonly<Record<Form, string>> = {
  object: 'an object',
  list: 'a list',
  leaf: 'a single value',
  any: 'anything',
};

function nullable(type: GraphQLOutputType): GraphQLOutputType {
  return isNonNullType(type) ? type.ofType : type;
}

function isRoot({ astNode }: GraphQLField<unknown, unknown>, source: string): boolean {
  return directivesNamed(astNode, 'resolveRoot').some((args) => args['subgraph'] === source);
}

/** Whether a union or interface has members that are no objects (`@variants`). */
function hasOthers(node: Parameters<typeof directivesNamed>[0], source: string): boolean {
  return directivesNamed(node, 'variants')
    .filter((args) => args['subgraph'] === source)
    .flatMap((args) => (Array.isArray(args['members']) ? args['members'] : []))
    .some((member) => isRecord(member) && member['json'] !== 'object');
}
