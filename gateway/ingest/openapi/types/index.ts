/** The operations of a contract as a GraphQL document: root fields with their wire mapping, and every type they need. */
import {
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type TypeDefinitionNode,
} from 'graphql';
import { GatewayError } from '../../../errors.ts';
import { nonNull, stringNode } from '../../../lib/ast.ts';
import { isRecord } from '../../../lib/json.ts';
import { isXmlType } from '../../../lib/media-types.ts';
import { directiveNode, nameNode } from '../../../lib/sdl.ts';
import type { Fallback, LeftOut, Note } from '../../wire.ts';
import type { ContractOperation, Walkable } from '../operations.ts';
import type { ArgumentSite } from '../parameters.ts';
import { typeAnswer } from './answers.ts';
import { defaultOf } from './defaults.ts';
import { createTypeGraph } from './graph.ts';
import { readHierarchy } from './hierarchy.ts';
import { wireDirectives } from './objects.ts';
import { locate } from './site.ts';
import { deprecation, described } from './texts.ts';
import type { Typed, Walk } from './typed.ts';
import { typeFlat, typeOf } from './walk.ts';
import { bodyXml } from './xml.ts';

export type MappedTypes = {
  document: DocumentNode;
  /** Root fields that have their types, by name. */
  mapped: Set<string>;
  leftOut: LeftOut[];
  fallbacks: Fallback[];
  notes: Note[];
};

export type MapOptions = {
  source: string;
  /** Whether required properties are non-null fields of answers. */
  strict: boolean;
};

/** Schemas that are looked at for one contract, each use of an anonymous one counted: twenty times what the largest need. */
const MAX_SCHEMAS = 300_000;

/** Names no type of a contract may take. */
const RESERVED = [
  ...['Query', 'Mutation', 'Subscription', 'String', 'Int', 'Float', 'Boolean', 'ID', 'JSON', 'Void', 'Bytes'],
  ...['DateTime', 'Date', 'UUID', 'Int64', 'UInt64', 'UInt32', 'Decimal', 'WireValue'],
];

/** Makes the types of a contract. An operation whose types cannot be made is left out; the others are not held back. */
export function mapTypes(
  contract: Walkable,
  operations: readonly ContractOperation[],
  { source, strict }: MapOptions,
): MappedTypes {
  const fallbacks = new Map<string, Fallback>();
  const notes: Note[] = [];
  const graph = createTypeGraph((key, error) => {
    const reason = `its type could not be made: ${error instanceof Error ? error.message : String(error)}`;
    fallbacks.set(key, { pointer: key.replace(/^\w+ /, ''), reason });
    return { kind: Kind.SCALAR_TYPE_DEFINITION, name: nameNode('') };
  });
  const { resolve } = contract;
  const schemas = schemasOf(contract.document);
  const hierarchy = readHierarchy(schemas, resolve);
  const walk: Walk = {
    ...{
      source,
      strict,
      hasXml: operations.some(isInXml),
      resolve,
      graph,
      hierarchy,
      fallbacks,
      notes,
      done: new Map(),
      open: new Set(),
      budget: { left: MAX_SCHEMAS },
    },
    typeOf: (site, side, depth = 0) => typeOf(walk, site, side, depth),
    typeFlat: (at, flat, side, depth) => typeFlat(walk, at, flat, side, depth),
  };
  const leftOut: LeftOut[] = [];
  const mapped = new Set<string>();
  const roots = { query: [] as FieldDefinitionNode[], mutation: [] as FieldDefinitionNode[] };
  for (const operation of operations) {
    const { field, kind, method, path } = operation.http;
    try {
      roots[kind].push(rootField(walk, operation));
      mapped.add(field);
    } catch (error) {
      const reason = `its types cannot be made: ${error instanceof Error ? error.message : String(error)}`;
      leftOut.push({ operation: `${method} ${path}`, pointer: operation.answer.site.pointer, reason });
    }
  }
  // Root types go through the graph like all others, so that names are put in everywhere at once.
  for (const [name, fields] of [
    ['Query', roots.query],
    ['Mutation', roots.mutation],
  ] as const) {
    const build = (): TypeDefinitionNode => ({ kind: Kind.OBJECT_TYPE_DEFINITION, name: nameNode(name), fields });
    graph.add({ key: `root ${name}`, wanted: name, rank: 'root', build });
  }
  const { definitions, relaxed } = graph.finish(RESERVED.filter((name) => name !== 'Query' && name !== 'Mutation'));
  const { endedAt } = walk.budget;
  if (endedAt !== undefined) throw tangled(endedAt);
  for (const key of relaxed) {
    const text = 'must hold itself without end: one property that it requires is optional in the input';
    notes.push({ pointer: key.replace(/^in #?/, ''), text });
  }
  return {
    document: { kind: Kind.DOCUMENT, definitions },
    mapped,
    leftOut,
    fallbacks: [...fallbacks.values()].sort((a, b) => (a.pointer < b.pointer ? -1 : 1)),
    notes: distinct(notes),
  };
}

function tangled(pointer: string): GatewayError {
  const combined = `combines its schemas in more than ${MAX_SCHEMAS} ways`;
  return new GatewayError('BAD_REQUEST', {
    message: `The OpenAPI contract ${combined}, at ${pointer.slice(0, 200)} as elsewhere: give what is repeated a name of its own.`,
  });
}

function distinct(notes: readonly Note[]): Note[] {
  return [...new Map(notes.map((note) => [`${note.pointer} ${note.text}`, note])).values()];
}

function schemasOf(document: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const components = isRecord(document['components']) ? document['components'] : {};
  return isRecord(components['schemas']) ? components['schemas'] : {};
}

function rootField(walk: Walk, operation: ContractOperation): FieldDefinitionNode {
  const { http, body, answer } = operation;
  const typed = typeAnswer(walk, answer);
  const args = operation.arguments.map((argument) => parameter(walk, argument));
  if (body) args.push(bodyArgument(walk, body.required, walk.typeOf(body.site, 'in'), operation));
  const call = {
    subgraph: walk.source,
    path: http.prefix + http.path,
    httpMethod: http.method,
    params: http.params.length > 0 ? http.params : undefined,
    body: http.body,
    accept: http.accept,
    security: http.security,
    errors: http.errors,
  };
  return {
    kind: Kind.FIELD_DEFINITION,
    ...(http.description === undefined ? {} : { description: stringNode(http.description) }),
    name: nameNode(http.field),
    arguments: args,
    type: typed.type,
    directives: [
      directiveNode('httpOperation', call),
      ...wireDirectives(walk, typed, 'out'),
      ...deprecation({ deprecated: http.deprecated }),
    ],
  };
}

function parameter(walk: Walk, { arg, site, required, description }: ArgumentSite): InputValueDefinitionNode {
  const typed = walk.typeOf(site, 'in');
  const written = locate(site, walk.resolve).schema;
  const said = isRecord(written) ? written['default'] : undefined;
  const fallback = defaultOf(typed.type, said, typed.names);
  if (said !== undefined && said !== null && fallback === undefined)
    walk.notes.push({
      pointer: `${site.pointer}/default`,
      text: 'this default is left to the source: nothing is sent',
    });
  const sure = required && !typed.nullable && fallback === undefined;
  const shown = isRecord(site.schema) ? { ...site.schema, ...(description ? { description } : {}) } : { description };
  return {
    kind: Kind.INPUT_VALUE_DEFINITION,
    ...described(shown, typed.values),
    name: nameNode(arg),
    type: sure || (required && fallback !== undefined) ? nonNull(typed.type) : typed.type,
    ...(fallback === undefined ? {} : { defaultValue: fallback }),
    directives: [...wireDirectives(walk, typed, 'in'), ...(sure ? [] : deprecation(site.schema))],
  };
}

function bodyArgument(
  walk: Walk,
  required: boolean,
  typed: Typed,
  { http, body }: ContractOperation,
): InputValueDefinitionNode {
  return {
    kind: Kind.INPUT_VALUE_DEFINITION,
    name: nameNode(http.body?.arg ?? 'input'),
    type: required ? nonNull(typed.type) : typed.type,
    directives: [
      ...wireDirectives(walk, typed, 'in'),
      ...(body && isXmlType(body.mediaType) ? bodyXml(walk, body.site) : []),
    ],
  };
}

function isInXml({ body, answer }: ContractOperation): boolean {
  return [body, answer].some((choice) => choice !== undefined && isXmlType(choice.mediaType));
}
