/** Operations on a schema, made of choices: most are valid, and validation tells which. */
import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { Tape } from './tape.ts';

export type Operation = { text: string; operationName: string | undefined; variables: Record<string, unknown> };

type Writer = {
  schema: GraphQLSchema;
  tape: Tape;
  variables: Map<string, { type: string; value: unknown; isSent: boolean; otherwise: string | undefined }>;
  fragments: { name: string; on: string; text: string }[];
  /** One way to ask for each response key, so that fields of one key can be merged. */
  ways: Map<string, string>;
  left: number;
};

const MOST_FIELDS = 40;
const DEEPEST = 6;

export function makeOperation(schema: GraphQLSchema, tape: Tape): Operation {
  const writer: Writer = { schema, tape, variables: new Map(), fragments: [], ways: new Map(), left: MOST_FIELDS };
  const mutation = schema.getMutationType();
  const isMutation = mutation && tape.once(5);
  const root = isMutation ? mutation : schema.getQueryType();
  const body = selectionText(writer, root as GraphQLNamedType, 0);
  const definitions = [...writer.variables].map(
    ([name, { type, otherwise }]) => `$${name}: ${type}${otherwise === undefined ? '' : ` = ${otherwise}`}`,
  );
  const head = `${isMutation ? 'mutation' : 'query'} Op${definitions.length > 0 ? `(${definitions.join(', ')})` : ''}`;
  const others = tape.once(6) ? ['query Other { __typename }'] : [];
  const fragments = writer.fragments.map(({ name, on, text }) => `fragment ${name} on ${on} ${text}`);
  const sent = [...writer.variables].filter(([, { isSent }]) => isSent).map(([name, { value }]) => [name, value]);
  return {
    text: [`${head} ${body}`, ...fragments, ...others].join('\n'),
    operationName: others.length > 0 ? 'Op' : undefined,
    variables: Object.fromEntries(sent),
  };
}

function selectionText(writer: Writer, type: GraphQLNamedType, depth: number): string {
  const { tape } = writer;
  const parts = tape.list(1, depth > 3 ? 3 : 4, () => {
    switch (tape.pick(10)) {
      case 7:
        return depth < DEEPEST ? `... ${onText(writer, type)}` : '__typename';
      case 8:
        return `${tape.once(3) ? 'kind: ' : ''}__typename${conditionText(writer)}`;
      case 9:
        return depth < DEEPEST ? spreadText(writer, type, depth) : '__typename';
      default:
        return fieldText(writer, type, depth);
    }
  });
  return `{ ${parts.join(' ')} }`;

  function onText(inner: Writer, of: GraphQLNamedType): string {
    const on = inner.tape.once(4) ? undefined : conditionOf(inner, of);
    const name = on ? `on ${on.name} ` : '';
    return `${name}${conditionText(inner)} ${selectionText(inner, on ?? of, depth + 1)}`;
  }
}

/** A type that a fragment on a value of `type` may be for. */
function conditionOf({ schema, tape }: Writer, type: GraphQLNamedType): GraphQLNamedType {
  if (isAbstractType(type)) return tape.of([type, ...schema.getPossibleTypes(type)]);
  if (isObjectType(type)) return tape.of([type, ...type.getInterfaces()]);
  return type;
}

function spreadText(writer: Writer, type: GraphQLNamedType, depth: number): string {
  const { tape, fragments } = writer;
  const known = fragments.filter(({ on }) => on === type.name);
  if (known.length > 0 && tape.once(2)) return `...${tape.of(known).name}${conditionText(writer)}`;
  const on = conditionOf(writer, type);
  const text = selectionText(writer, on, depth + 1);
  const name = `F${fragments.length}`;
  fragments.push({ name, on: on.name, text });
  return `...${name}${conditionText(writer)}`;
}

function conditionText(writer: Writer): string {
  const { tape, variables } = writer;
  if (!tape.once(6)) return '';
  const directive = tape.of(['include', 'skip']);
  if (tape.once(2)) return ` @${directive}(if: ${tape.of(['true', 'false'])})`;
  const name = tape.of(['yes', 'no']);
  variables.set(name, { type: 'Boolean!', value: name === 'yes', isSent: true, otherwise: undefined });
  return ` @${directive}(if: $${name})`;
}

const ALIASES = ['constructor', 'toString', '__proto__', 'a'] as const;
const INTROSPECTION = [
  '__schema { queryType { name } }',
  '__type(name: "O0") { name fields { name type { kind } } }',
] as const;

function fieldText(writer: Writer, type: GraphQLNamedType, depth: number): string {
  const { tape, schema } = writer;
  writer.left -= 1;
  const all = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
  if (type === schema.getQueryType() && tape.once(25)) return tape.of(INTROSPECTION);
  // What is plain comes first, so that it is what shrinks come to.
  const [plain, deep] = [true, false].map((leaf) => all.filter((each) => isLeafType(getNamedType(each.type)) === leaf));
  const isOver = writer.left < 0 || depth >= DEEPEST;
  const fields =
    isOver || deep?.length === 0 || (plain?.length !== 0 && tape.pick(5) < (depth < 2 ? 1 : 2)) ? plain : deep;
  if (!fields || fields.length === 0) return '__typename';
  const field = tape.of(fields);
  const alias = tape.once(4) ? (tape.once(3) ? tape.of(ALIASES) : `${field.name}_`) : undefined;
  const key = `${type.name} ${alias ?? field.name}`;
  const way = writer.ways.get(key) ?? `${field.name}${argumentsText(writer, field)}`;
  if (way.split('(')[0] !== field.name) return '__typename';
  writer.ways.set(key, way);
  const of = getNamedType(field.type);
  const below = isLeafType(of) ? '' : ` ${selectionText(writer, of, depth + 1)}`;
  return `${alias === undefined ? '' : `${alias}: `}${way}${conditionText(writer)}${below}`;
}

function argumentsText(writer: Writer, field: GraphQLField<unknown, unknown>): string {
  const given = field.args.flatMap((arg) => {
    const isNeeded = isNonNullType(arg.type) && arg.defaultValue === undefined;
    if (!isNeeded && writer.tape.once(2)) return [];
    return [`${arg.name}: ${inputText(writer, arg.type, arg.defaultValue !== undefined)}`];
  });
  return given.length > 0 ? `(${given.join(', ')})` : '';
}

/** A literal, or a variable where its type may stand. */
function inputText(writer: Writer, type: GraphQLInputType, hasDefault = false): string {
  const { tape, variables } = writer;
  if (!tape.once(3)) return literalOf(tape, type);
  const name = `v${variables.size}`;
  const isLoose = isNonNullType(type) && hasDefault && tape.once(2);
  const declared = isLoose ? String(type.ofType) : String(type);
  const isRequired = declared.endsWith('!');
  const otherwise = !isRequired && tape.once(3) ? literalOf(tape, isNonNullType(type) ? type.ofType : type) : undefined;
  const value = tape.once(40) ? { not: 'valid' } : !isRequired && tape.once(5) ? null : valueOfType(tape, type);
  const isSent = isRequired ? !tape.once(40) : !tape.once(3);
  variables.set(name, { type: declared, value, isSent, otherwise });
  return `$${name}`;
}

function literalOf(tape: Tape, type: GraphQLInputType): string {
  if (isNonNullType(type)) return literalOf(tape, type.ofType);
  if (isListType(type)) return `[${tape.list(0, 2, () => literalOf(tape, type.ofType)).join(', ')}]`;
  if (isEnumType(type)) return tape.of(type.getValues()).name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(() => !tape.once(2));
    return `{ ${fields.map((each) => `${each.name}: ${literalOf(tape, each.type)}`).join(', ')} }`;
  }
  return type.name === 'Int' ? String(tape.pick(5)) : JSON.stringify(tape.of(['k1', '7', 'a', 'k"4']));
}

function valueOfType(tape: Tape, type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return valueOfType(tape, type.ofType);
  if (isListType(type)) return tape.list(0, 2, () => valueOfType(tape, type.ofType));
  if (isEnumType(type)) return tape.of(type.getValues()).name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(() => !tape.once(2));
    return Object.fromEntries(fields.map((each) => [each.name, valueOfType(tape, each.type)]));
  }
  return type.name === 'Int' ? tape.pick(5) : tape.of(['k1', '7', 'a', 'k"4']);
}
