import { type DocumentNode, type FieldDefinitionNode, Kind, type TypeDefinitionNode, type TypeNode } from 'graphql';
import protobuf from 'protobufjs';
import { conversionOf } from '../../connect/grpc/any.ts';
import { isFieldless, messageOf } from '../../connect/grpc/shape.ts';
import { nonNull, stringNode } from '../../lib/ast.ts';
import { uniqueName } from '../../lib/names.ts';
import { directiveNode, nameNode } from '../../lib/sdl.ts';
import type { Exposure } from '../exposure.ts';
import type { SourceProduct } from '../handlers.ts';
import { EXCLUDED, type Fallback } from '../wire.ts';
import { answered, type ContractMethod, type GrpcContract, requested, shown } from './contract.ts';
import { enumType } from './enums.ts';
import { fieldNames, methodKind } from './methods.ts';
import { nameAll } from './names.ts';
import {
  deprecation,
  describe,
  inputName,
  listNode,
  messageTypes,
  outputName,
  type TypeWriter,
  typeNode,
} from './types.ts';

export type GrpcChoices = {
  fieldOf: ReadonlyMap<string, string>;
  kindOf: ReadonlyMap<string, 'query' | 'mutation'>;
  exposure: Exposure;
  /** Fields whose stream of answers is shown as a list. */
  listed: ReadonlySet<string>;
};

type Annotated = Pick<
  SourceProduct,
  'document' | 'operations' | 'leftOut' | 'renamed' | 'fallbacks' | 'notes' | 'guesses'
>;

const ROOTS = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const;
const SCALARS = {
  Bytes: 'Bytes as base64 text (RFC 4648 §4).',
  Int64: 'A signed 64-bit integer. Answers hold it as a string of digits, so that no client rounds it.',
  Duration: 'A span of time in seconds, such as 1.5s (protobuf.dev/programming-guides/json).',
  FieldMask: 'Paths of fields with commas between them, such as name,placedAt (protobuf.dev/programming-guides/json).',
};

/** A contract as our source document: methods are root fields, messages are types, with how each stands on the wire. */
export function annotateGrpc(
  contract: GrpcContract,
  source: string,
  rootName: string,
  choices: GrpcChoices,
): Annotated {
  const { methods, notes } = contract;
  const types = shown(methods);
  const writer: TypeWriter = {
    source,
    names: nameAll(types, { answered: answered(methods), requested: requested(methods) }),
  };
  const result: Annotated = {
    document: { kind: Kind.DOCUMENT, definitions: [] },
    operations: { total: methods.length, wireNames: {} },
    leftOut: [],
    renamed: [...writer.names.renamed],
    fallbacks: fallbacksOf(types),
    notes: [...notes],
    guesses: [],
  };
  const fields = {
    query: [] as FieldDefinitionNode[],
    mutation: [] as FieldDefinitionNode[],
    subscription: [] as FieldDefinitionNode[],
  };
  const taken = new Set<string>();
  // Names given before or by the policy are never taken away by a method that is new.
  const chosen = methods.filter(({ wireName }) => choices.fieldOf.has(wireName));
  for (const found of [...chosen, ...methods.filter((each) => !chosen.includes(each))]) {
    const { wireName, method, reason } = found;
    const leaveOut = (why: string): unknown =>
      result.leftOut.push({ operation: wireName, pointer: wireName, reason: why });
    if (reason !== undefined) {
      leaveOut(reason);
      continue;
    }
    const name = claimName(found, choices, taken, result);
    if (!choices.exposure.isServed({ field: name, wireName, path: `/${wireName}` })) {
      leaveOut(EXCLUDED);
      continue;
    }
    const guess = methodKind(method);
    const root =
      method.responseStream && !choices.listed.has(name) ? 'subscription' : (choices.kindOf.get(name) ?? guess.kind);
    if (root !== 'subscription' && !choices.kindOf.has(name)) result.guesses.push({ field: name, ...guess });
    result.operations.wireNames[wireName] = name;
    fields[root].push(rootField(found, name, rootName, root === 'subscription', writer));
  }
  const roots = (['query', 'mutation', 'subscription'] as const).map((root): TypeDefinitionNode => {
    return { kind: Kind.OBJECT_TYPE_DEFINITION, name: nameNode(ROOTS[root]), fields: fields[root] };
  });
  return { ...result, document: documentOf([...roots, ...typesOf(types, methods, writer)]) };
}

/** The first of its names that is free; a method whose name another has says so in the report. */
function claimName(found: ContractMethod, choices: GrpcChoices, taken: Set<string>, report: Annotated): string {
  const { wireName, service, method } = found;
  const own = fieldNames(service, method.name);
  const wanted = choices.fieldOf.get(wireName) ?? own[0] ?? '';
  const name = uniqueName([wanted, ...own].find((each) => !taken.has(each)) ?? wanted, taken);
  const reason = `another method has this name, so ${wireName} gives way`;
  if (name !== wanted) report.renamed.push({ from: wanted, to: name, reason });
  return name;
}

function rootField(
  { service, method, deprecated }: ContractMethod,
  name: string,
  rootName: string,
  isSubscription: boolean,
  writer: TypeWriter,
): FieldDefinitionNode {
  const [request, response] = [method.resolvedRequestType, method.resolvedResponseType] as [
    protobuf.Type,
    protobuf.Type,
  ];
  const directive = directiveNode('grpcMethod', {
    subgraph: writer.source,
    rootJsonName: rootName,
    objPath: service,
    methodName: method.name,
    requestType: request.fullName.slice(1),
    responseType: response.fullName.slice(1),
    requestStream: method.requestStream || undefined,
    responseStream: method.responseStream || undefined,
  });
  const isVoid = isFieldless(response);
  const item = typeNode(isVoid ? 'Void' : outputName(response, writer));
  const isList = method.responseStream && !isSubscription;
  const input = argumentType(method, request, writer);
  return {
    kind: Kind.FIELD_DEFINITION,
    ...describe(method.comment),
    name: nameNode(name),
    arguments: input ? [{ kind: Kind.INPUT_VALUE_DEFINITION, name: nameNode('input'), type: input }] : [],
    type: isList ? listNode(isVoid ? item : nonNull(item)) : item,
    directives: [directive, ...deprecation(deprecated)],
  };
}

/** Requests that are a stream are a list; a message without fields has nothing to say. */
function argumentType(method: protobuf.Method, request: protobuf.Type, writer: TypeWriter): TypeNode | undefined {
  const type = typeNode(inputName(request, writer));
  if (method.requestStream) return nonNull(listNode(nonNull(type)));
  return isFieldless(request) ? undefined : type;
}

function typesOf(
  types: ReadonlySet<protobuf.Type | protobuf.Enum>,
  methods: readonly ContractMethod[],
  writer: TypeWriter,
): TypeDefinitionNode[] {
  const seen = answered(methods);
  return [...types].flatMap((type) =>
    type instanceof protobuf.Type ? messageTypes(type, writer) : [enumType(type, seen.has(type), writer)],
  );
}

/** Fields without a shape of their own. */
function fallbacksOf(types: ReadonlySet<protobuf.Type | protobuf.Enum>): Fallback[] {
  return [...types].flatMap((type) => {
    if (!(type instanceof protobuf.Type)) return [];
    return type.fieldsArray.flatMap((field): Fallback[] => {
      const message = messageOf(field);
      if (!message || conversionOf(message)?.scalar !== 'JSON') return [];
      return [{ pointer: field.fullName.slice(1), reason: `${message.fullName.slice(1)} has no shape of its own` }];
    });
  });
}

function documentOf(definitions: TypeDefinitionNode[]): DocumentNode {
  const used = Object.entries(SCALARS).map(
    ([name, text]): TypeDefinitionNode => ({
      kind: Kind.SCALAR_TYPE_DEFINITION,
      description: stringNode(text),
      name: nameNode(name),
    }),
  );
  return { kind: Kind.DOCUMENT, definitions: [...definitions, ...used] };
}
