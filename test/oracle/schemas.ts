/** Schemas as they come out of contracts and joins, in the private form, made of choices. */
import { WIRE_DIRECTIVES } from '../../gateway/lib/wire-directives.ts';
import type { Tape } from './tape.ts';

export const SOURCES = { s: 'rest', g: 'grpc', q: 'graphql' } as const;
export type SourceName = keyof typeof SOURCES;
const NAMES = ['s', 'g', 'q'] as const;

/** An object type, and the sources that own it: more than one for a type that they share. */
type Owned = { name: string; owners: readonly SourceName[] };

const LEAVES = [
  'String',
  'ID',
  'Int',
  'Boolean',
  'Float',
  'E0',
  'Int64',
  'DateTime',
  'JSON',
  'Odd',
  'IntOrString',
] as const;
/** What may stand on the wire in place of a field's name. */
const WIRE_NAMES = [
  ...['wire', 'constructor', '__proto__', 'a"b', 'x]', 'back\\slash', 'line\nend', '${v}', '\u2028', 'two words'],
] as const;

const FIXED = `
scalar JSON scalar Int64 scalar DateTime scalar Odd scalar IntOrString scalar UInt32
enum E0 { PLAIN DASHED @enum(subgraph: "s", value: "\\"da-shed\\"") TWO @enum(subgraph: "s", value: "2") }
input Pair { a: ID b: Int }
input Filter { word: String = "w" state: E0 list: [Int!] }
type Entry @source(subgraph: "s") @source(subgraph: "g") @source(subgraph: "q") { key: ID! value: String }
`;

const callOf = (source: SourceName, name: string): string =>
  source === 's'
    ? `@httpOperation(subgraph: "s", path: "/${name}", httpMethod: "GET")`
    : source === 'g'
      ? `@grpcMethod(subgraph: "g", rootJsonName: "r", objPath: "p", methodName: "${name}", requestType: "a", responseType: "b")`
      : `@graphqlField(subgraph: "q", name: "${name}", type: "T")`;

const sourceMark = (source: SourceName): string => `@source(subgraph: "${source}")`;

/** @returns SDL with wire mapping */
export function makeSchema(tape: Tape): string {
  const objects = tape.list(1, 5, (index): Owned => {
    const first = tape.of(NAMES);
    const second = tape.of(NAMES);
    return { name: `O${index}`, owners: tape.once(5) && second !== first ? [first, second] : [first] };
  });
  const maker = { tape, objects };
  const abstracts = [...makeAbstracts(maker)];
  const bodies = objects.map((object) => objectText(maker, object, abstracts));
  const roots = [...rootTexts(maker, abstracts)];
  const transports = NAMES.map((name) => `@transport(subgraph: "${name}", kind: "${SOURCES[name]}")`).join(' ');
  return [
    WIRE_DIRECTIVES,
    `extend schema ${transports}`,
    FIXED,
    ...abstracts.map(({ text }) => text),
    ...bodies,
    `type Query {\n${roots.join('\n')}\n}`,
    `type Mutation {\n${tape.list(1, 3, (index) => plainRoot(maker, abstracts, `m${index}`)).join('\n')}\n}`,
  ].join('\n');
}

type Maker = { tape: Tape; objects: readonly Owned[] };
type Abstract = { name: string; source: SourceName; members: readonly Owned[]; text: string; isInterface: boolean };

function* makeAbstracts({ tape, objects }: Maker): Generator<Abstract> {
  const count = tape.pick(3);
  for (let index = 0; index < count; index += 1) {
    const source = tape.of(NAMES);
    const own = objects.filter(({ owners }) => owners.length === 1 && owners[0] === source);
    const members = own.slice(0, 1 + tape.pick(3));
    if (members.length === 0) continue;
    const isInterface = tape.once(2);
    const name = `${isInterface ? 'I' : 'U'}${index}`;
    const told = tape.pick(3);
    const mapping = members.map((member, number) => `["k${number}", "${member.name}"]`).join(', ');
    const mark =
      told === 1
        ? ` @discriminator(subgraph: "${source}", field: "kind", mapping: [${mapping}])`
        : told === 2
          ? ` @variants(subgraph: "${source}", members: [${members
              .map(
                (member, number) =>
                  `{ type: "${member.name}", json: "object", required: ["id"], values: [["kind", ["k${number}"]]] }`,
              )
              .join(', ')}])`
          : '';
    const text = isInterface
      ? `interface ${name} ${sourceMark(source)}${mark} { ${COMMON} }`
      : `union ${name} ${sourceMark(source)}${mark} = ${members.map((member) => member.name).join(' | ')}`;
    yield { name, source, members, text, isInterface };
  }
}

/** Fields that every object has, so that all may implement any interface. */
const COMMON = 'id: ID label: String';

function objectText(maker: Maker, object: Owned, abstracts: readonly Abstract[]): string {
  const { tape, objects } = maker;
  const { name, owners } = object;
  const interfaces = abstracts.filter(({ isInterface, members }) => isInterface && members.includes(object));
  const fields = tape.list(1, 5, (index) => {
    const having = owners.length > 1 ? owners.filter(() => !tape.once(2)) : [];
    const marks = having.length > 0 && having.length < owners.length ? having.map(sourceMark).join(' ') : '';
    return `f${index}${fieldText(maker, owners[0] ?? 's', abstracts)} ${marks}`;
  });
  const joins = tape.list(1, 3, (index) => joinText(maker, `j${index}`, tape.of(objects)));
  const implemented = interfaces.length > 0 ? ` implements ${interfaces.map((each) => each.name).join(' & ')}` : '';
  return `type ${name}${implemented} ${owners.map(sourceMark).join(' ')} { ${COMMON} ref: ID refs: [ID] nest: Entry ${fields.join(' ')} ${joins.join(' ')} }`;
}

function fieldText(maker: Maker, source: SourceName, abstracts: readonly Abstract[]): string {
  const { tape } = maker;
  const { type, isMap } = typeText(maker, source, abstracts);
  const args = source === 'q' && tape.once(4) ? '(x: Int, y: E0! = PLAIN)' : '';
  const wire =
    !isMap && tape.once(4)
      ? ` @resolveRootField(subgraph: "${source}", field: ${JSON.stringify(tape.of(WIRE_NAMES))})`
      : '';
  const map = isMap ? ` @dictionary(subgraph: "${source}"${tape.once(3) ? ', rest: true' : ''})` : '';
  return `${args}: ${type}${source === 'q' ? '' : wire}${map}`;
}

function typeText(
  { tape, objects }: Maker,
  source: SourceName,
  abstracts: readonly Abstract[],
): { type: string; isMap?: boolean } {
  const kind = tape.pick(10);
  if (kind >= 7 && kind < 9) {
    const own = objects.filter(({ owners }) => owners.includes(source));
    if (own.length > 0) return { type: wrap(tape, tape.of(own).name) };
  }
  if (kind === 9) {
    const own = abstracts.filter((each) => each.source === source);
    if (own.length > 0) return { type: wrap(tape, tape.of(own).name) };
  }
  if (kind === 6 && source !== 'q' && tape.once(3)) return { type: '[Entry]', isMap: true };
  return { type: wrap(tape, tape.of(LEAVES)) };
}

/** With lists and non-nulls around it. */
export function wrap(tape: Tape, name: string): string {
  let type = tape.once(3) ? `${name}!` : name;
  const depth = [0, 0, 0, 1, 1, 2][tape.pick(6)] ?? 0;
  for (let level = 0; level < depth; level += 1) type = `[${type}]${tape.once(3) ? '!' : ''}`;
  return type;
}

function joinText({ tape }: Maker, field: string, target: Owned): string {
  const source = tape.of(target.owners);
  const bulk = `rows${target.name}${source}`;
  const one = `row${target.name}${source}`;
  const many = tape.once(3);
  const type = `${many ? `[${target.name}${tape.once(3) ? '!' : ''}]` : target.name}${tape.once(4) ? '!' : ''}`;
  const size = tape.once(3) ? `, batchSize: ${1 + tape.pick(3)}` : '';
  const key = tape.of(['ref', 'id', 'refs', 'nest.key', 'f0'] as const);
  const on = (name: string, more: string): string =>
    `sourceName: "${source}", sourceFieldName: "${name}", ${more}${size}`;
  const simple = `keyField: "${key}", keysArg: "ids", valueKeyField: "id"`;
  switch (tape.pick(8)) {
    case 3:
      return `${field}: ${type} @resolveTo(${on(one, `keyField: "${key}", keysArg: "id", valueKeyField: "id"`)})`;
    case 4:
      return `${field}(word: String, x: Int! = 3): ${type} @resolveTo(${on(bulk, `${simple}, sourceArgs: { x: "{args.x}" }`)})`;
    case 5:
      return `${field}: ${type} @resolveTo(${on(bulk, `${simple}, sourceArgs: { word: "{root.label}" }`)})`;
    case 6:
      return `${field}: ${type} @resolveTo(${on(bulk, `sourceArgs: { word: "{root.id}", ids: ["k1"] }`)})`;
    case 7:
      return `${field}: ${type} @resolveTo(${on(`pairs${target.name}${source}`, `keyFields: ["ref", "id"], keysArg: "pairs", keysArgFields: ["a", "b"], valueKeyFields: ["ref", "id"]`)})`;
    default:
      return `${field}: ${type} @resolveTo(${on(bulk, simple)})`;
  }
}

function* rootTexts(maker: Maker, abstracts: readonly Abstract[]): Generator<string> {
  const { tape, objects } = maker;
  for (const { name, owners } of objects) {
    for (const source of owners) {
      const merge = owners.length > 1 ? ` @merge(subgraph: "${source}", keyField: "id", keysArg: "ids")` : '';
      yield `rows${name}${source}(ids: [ID!], word: String, x: Int): [${name}] ${callOf(source, `rows${name}`)}${merge}`;
      yield `row${name}${source}(id: ID): ${name} ${callOf(source, `row${name}`)}`;
      yield `pairs${name}${source}(pairs: [Pair!]): [${name}] ${callOf(source, `pairs${name}`)}`;
    }
  }
  yield* tape.list(1, 4, (index) => plainRoot(maker, abstracts, `a${index}`));
}

function plainRoot(maker: Maker, abstracts: readonly Abstract[], name: string): string {
  const { tape } = maker;
  const source = tape.of(NAMES);
  const args = tape.once(3) ? '(x: Int, state: E0! = DASHED, filter: Filter, ids: [ID!])' : '';
  return `${name}${args}: ${typeText(maker, source, abstracts).type} ${callOf(source, name)}`;
}
