/** The query GraphiQL opens with: written from the schema, so that it runs as it stands. */
import type { GraphQLField, GraphQLObjectType, GraphQLOutputType, GraphQLSchema } from 'graphql';
import { getNamedType, isLeafType, isListType, isNonNullType, isObjectType, isRequiredArgument } from 'graphql';

const maxLeaves = 3;
const maxNested = 2;
/** Levels below a root field. */
const maxDepth = 3;

const intro = [
  '# Press the play button, or Ctrl-Enter, to run this query.',
  '# The docs are behind the book on the left.',
  '',
];

/** A query over the field that shows most and can be asked without arguments, a list if there is one, with what joins add to it. */
export function writeExampleQuery(schema: GraphQLSchema): string {
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {});
  const ranked = fields
    .map((field) => ({ field, lines: writeField(field, 1, new Set()) }))
    .filter(({ lines }) => lines.length > 0)
    .sort((a, b) => rank(b.field, b.lines) - rank(a.field, a.lines));
  const chosen = ranked[0]?.lines ?? [];
  const body = chosen.length > 0 ? chosen : ['  __typename'];
  return [...intro, 'query Example {', ...body, '}', ''].join('\n');
}

/** Lists of objects tell most, objects less, single values least; within those, what shows more nesting. */
function rank(field: GraphQLField<unknown, unknown>, lines: readonly string[]): number {
  const nesting = lines.filter((line) => line.endsWith('{')).length;
  const shape = !isObjectType(getNamedType(field.type)) ? 0 : isList(field.type) ? 20 : 10;
  return shape + Math.min(nesting, 9);
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}

function writeField(field: GraphQLField<unknown, unknown>, depth: number, above: ReadonlySet<string>): string[] {
  if (field.args.some(isRequiredArgument) || field.deprecationReason != null) return [];
  const margin = '  '.repeat(depth);
  const type = getNamedType(field.type);
  if (isLeafType(type)) return [`${margin}${field.name}`];
  if (!isObjectType(type) || above.has(type.name) || depth > maxDepth) return [];
  const inner = writeSelection(type, depth + 1, new Set([...above, type.name]));
  return inner.length === 0 ? [] : [`${margin}${field.name}${writePaging(field)} {`, ...inner, `${margin}}`];
}

function writeSelection(type: GraphQLObjectType, depth: number, above: ReadonlySet<string>): string[] {
  const fields = Object.values(type.getFields());
  const leaves = fields.filter((field) => isLeafType(getNamedType(field.type)));
  const nested = fields.filter((field) => !leaves.includes(field));
  return [
    ...leaves.flatMap((field) => writeField(field, depth, above).slice(0, 1)).slice(0, maxLeaves),
    ...nested
      .map((field) => writeField(field, depth, above))
      .filter((lines) => lines.length > 0)
      .slice(0, maxNested)
      .flat(),
  ];
}

/** A first look need not fetch whole lists. */
function writePaging(field: GraphQLField<unknown, unknown>): string {
  const size = field.args.find(
    ({ name, type }) => /^(limit|first|pageSize|perPage)$/i.test(name) && getNamedType(type).name === 'Int',
  );
  return size === undefined ? '' : `(${size.name}: 5)`;
}
