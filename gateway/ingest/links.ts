/** Links of a contract as joins, once all names are given: `extend type Order { customer: Customer @resolveTo(…) }`. */
import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  print,
  type TypeDefinitionNode,
} from 'graphql';
import { namedTypeOf, nullable, stringNode } from '../lib/ast.ts';
import { isRecord } from '../lib/json.ts';
import { camelCase, graphqlName, pascalCase, uniqueName } from '../lib/names.ts';
import { directiveNode, directivesNamed, nameNode } from '../lib/sdl.ts';
import { STATUS_PROPERTY } from '../lib/wire-directives.ts';
import { LinkFault, NOT_SERVED, noteOf } from './link-fault.ts';
import { fieldsOf, filled, type Types } from './link-values.ts';
import type { NamePolicy } from './naming.ts';
import type { Link, Note } from './wire.ts';

export type LinkJoins = { extensions: ObjectTypeExtensionNode[]; notes: Note[] };

/** Writes every link as a field of the type that is answered; one that cannot be read from an answer alone is noted. */
export function joinLinks(
  document: DocumentNode,
  links: readonly Link[],
  { source, policy }: { source: string; policy: NamePolicy },
): LinkJoins {
  const types: Types = new Map(
    (document.definitions as TypeDefinitionNode[]).map((node) => [node.name.value, node] as const),
  );
  const roots = rootFields(types);
  const added = new Map<string, Places>();
  const notes: Note[] = [];
  for (const link of [...links].sort((a, b) => compare(orderOf(a), orderOf(b)))) {
    try {
      const from = roots.get(wireName(link.from));
      const to = roots.get(wireName(link.to));
      if (!from || !to) throw new LinkFault('its operations are not served');
      const parent = parentOf(from, link.from.status, types);
      const name = parent.name.value;
      const here = added.get(name) ?? placesOf(parent);
      const field = joinField(link, parent, to, types, source);
      const wanted = nameOf(link.name, parent);
      const named = { ...field, name: nameNode(policy.fields[`${name}.${wanted}`] ?? wanted) };
      const isTaken = here.taken.has(named.name.value);
      const given = isTaken ? `${wanted}From${pascalCase(from.name.value)}` : named.name.value;
      // The same from several operations is one.
      if (isTaken && here.written.has(print(named))) continue;
      const written = { ...named, name: nameNode(uniqueName(given, here.taken)) };
      here.written.add(print(written));
      here.fields.push(written);
      added.set(name, here);
    } catch (error) {
      notes.push(noteOf(link.pointer, error));
    }
  }
  const extensions = [...added]
    .sort(([a], [b]) => compare(a, b))
    .map(([name, { fields }]): ObjectTypeExtensionNode => {
      return { kind: Kind.OBJECT_TYPE_EXTENSION, name: nameNode(name), fields };
    });
  return { extensions, notes };
}

/** The fields that links add to one type: as text, and with the names that are given there. */
type Places = { fields: FieldDefinitionNode[]; written: Set<string>; taken: Set<string> };

function placesOf({ fields = [] }: ObjectTypeDefinitionNode): Places {
  return { fields: [], written: new Set(), taken: new Set(fields.map(({ name }) => name.value)) };
}

/** Reads come first, then by path: which link gives way to another of its name does not hang on the order of the contract. */
function orderOf({ from, name, pointer }: Link): string {
  return [from.method === 'GET' ? '0' : '1', from.path, from.method, name, pointer].join(' ');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function wireName({ method, path }: Link['to']): string {
  return `${method} ${path}`;
}

function rootFields(types: Types): Map<string, FieldDefinitionNode> {
  const fields = ['Query', 'Mutation'].flatMap((root) => fieldsOf(types.get(root)) as FieldDefinitionNode[]);
  return new Map(
    fields.flatMap((field) =>
      directivesNamed(field, 'httpOperation').map((wire) => {
        return [`${String(wire['httpMethod'])} ${String(wire['path'])}`, field] as const;
      }),
    ),
  );
}

/** The type that gets the field: an object that the operation answers with under the status of the link, and not a list of them. */
function parentOf(from: FieldDefinitionNode, status: string | undefined, types: Types): ObjectTypeDefinitionNode {
  const type = nullable(from.type);
  if (type.kind === Kind.LIST_TYPE) throw new LinkFault('it belongs to a list, and says of no item which');
  const answered = types.get(type.name.value);
  const [byStatus] = directivesNamed(answered, 'discriminator').filter(({ field }) => field === STATUS_PROPERTY);
  const pairs: unknown[] = Array.isArray(byStatus?.['mapping']) ? byStatus['mapping'] : [];
  // The one that the operation is served by comes first.
  const member = pairs.find((pair): pair is string[] => Array.isArray(pair) && pair[0] === (status ?? pair[0]));
  if (status !== undefined && !member) throw new LinkFault(NOT_SERVED);
  const parent = member ? types.get(member[1] ?? '') : answered;
  if (parent?.kind !== Kind.OBJECT_TYPE_DEFINITION) throw new LinkFault('its answer is no object of one type');
  return parent;
}

/** `GetCustomer` → `getCustomer`; a name that a field has already gets `Link` behind it. */
function nameOf(text: string, parent: ObjectTypeDefinitionNode): string {
  const plain = /^[a-z][A-Za-z0-9]*$/.test(text);
  const name = plain ? text : /[A-Za-z]/.test(text) ? camelCase(text) : graphqlName(text).replace(/^__+/, '_');
  return fieldsOf(parent).some((field) => field.name.value === name) ? `${name}Link` : name;
}

function joinField(
  link: Link,
  parent: ObjectTypeDefinitionNode,
  to: FieldDefinitionNode,
  types: Types,
  source: string,
): FieldDefinitionNode {
  const answered = namedTypeOf(to.type).name.value;
  if (answered === 'Void' || answered === 'JSON' || directivesNamed(to, 'dictionary').length > 0)
    throw new LinkFault('what it leads to answers with nothing that has a type');
  const sourceArgs: Record<string, unknown> = {};
  for (const [key, value] of link.parameters) {
    const arg = parameterOf(key, to);
    if (Object.hasOwn(sourceArgs, arg.name.value)) throw new LinkFault(`it gives ${key} twice`);
    sourceArgs[arg.name.value] = filled(value, arg.type, parent, types);
  }
  if (link.body) {
    const arg = bodyOf(to);
    sourceArgs[arg.name.value] = filled(link.body, arg.type, parent, types);
  }
  const join = directiveNode('resolveTo', {
    sourceName: source,
    sourceTypeName: 'Query',
    sourceFieldName: to.name.value,
    sourceArgs,
  });
  const rest = (to.arguments ?? []).filter(({ name }) => !Object.hasOwn(sourceArgs, name.value));
  const { description } = link;
  return {
    kind: Kind.FIELD_DEFINITION,
    ...(description === undefined ? {} : { description: stringNode(description) }),
    name: nameNode(link.name),
    // What the link leaves open the client may say; how it travels stands at the field that is called.
    arguments: rest.map((arg) => ({ ...arg, directives: textual(arg.directives) })),
    type: nullable(to.type),
    directives: [join, ...textual(to.directives)],
  };
}

function textual(directives: readonly ConstDirectiveNode[] | undefined): ConstDirectiveNode[] {
  return (directives ?? []).filter(({ name }) => name.value === 'deprecated');
}

/** The argument behind a parameter's name, which may begin with its place (`path.id`). */
function parameterOf(key: string, to: FieldDefinitionNode): InputValueDefinitionNode {
  const [wire] = directivesNamed(to, 'httpOperation');
  const params = (Array.isArray(wire?.['params']) ? wire['params'] : []).filter(isRecord);
  const fits = params.filter(({ name, in: place }) => key === `${String(place)}.${String(name)}`);
  const [param, second] = fits.length > 0 ? fits : params.filter(({ name }) => key === name);
  const arg = to.arguments?.find(({ name }) => name.value === param?.['arg']);
  if (second) throw new LinkFault(`${key.slice(0, 100)} is the name of several parameters`);
  if (!arg) throw new LinkFault(`${key.slice(0, 100)} is no parameter of what it leads to`);
  return arg;
}

function bodyOf(to: FieldDefinitionNode): InputValueDefinitionNode {
  const [wire] = directivesNamed(to, 'httpOperation');
  const body = isRecord(wire?.['body']) ? wire['body']['arg'] : undefined;
  const arg = to.arguments?.find(({ name }) => name.value === body);
  if (!arg) throw new LinkFault('what it leads to takes no body');
  return arg;
}
