import { getDocumentNodeFromSchema } from '@graphql-tools/utils';
import {
  type DocumentNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  type InputValueDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type TypeDefinitionNode,
} from 'graphql';
import { isRootType, withNamedType } from '../../lib/ast.ts';
import { camelCase, pascalCase, uniqueName } from '../../lib/names.ts';
import { directiveNode, directivesNamed, nameNode } from '../../lib/sdl.ts';
import type { SourceProduct } from '../handlers.ts';
import type { LeftOut } from '../wire.ts';
import {
  methodKind,
  namespaceAt,
  type ProtoField,
  type ProtoMethod,
  type ProtoNamespace,
  resolveType,
  servicesOf,
} from './methods.ts';

export type GrpcChoices = {
  fieldOf: ReadonlyMap<string, string>;
  kindOf: ReadonlyMap<string, 'query' | 'mutation'>;
  excluded: ReadonlySet<string>;
};
type Root = { name: string; root: ProtoNamespace };
type Annotated = Pick<SourceProduct, 'document' | 'operations' | 'leftOut' | 'renamed'>;

const UNSIGNED_64 = new Set(['uint64', 'fixed64']);
const UNSIGNED_32 = new Set(['uint32', 'fixed32']);
const MESH_SEPARATOR = '__';

/** Mesh's schema of a .proto as our source document: methods become root fields, snake_case becomes lowerCamel (ProtoJSON), types lose their package. */
export function annotateGrpc(
  schema: GraphQLSchema,
  source: string,
  roots: readonly Root[],
  choices: GrpcChoices,
): Annotated {
  const mesh = getDocumentNodeFromSchema(schema);
  const leftOut: LeftOut[] = [];
  const wireNames: Record<string, string> = {};
  const renamed: SourceProduct['renamed'] = [];
  const fields = { query: [] as FieldDefinitionNode[], mutation: [] as FieldDefinitionNode[] };
  const taken = new Set<string>();
  const meshFields = rootFieldsOf(mesh);
  const all = findMethods(roots, source);
  // Names given before or by the policy are never taken away by a method that is new.
  const chosen = all.filter(({ wireName }) => choices.fieldOf.has(wireName));
  for (const found of [...chosen, ...all.filter((each) => !chosen.includes(each))]) {
    const { wireName, path, methodName, method } = found;
    const leaveOut = (reason: string): unknown => leftOut.push({ operation: wireName, pointer: wireName, reason });
    if (method.requestStream || method.responseStream) {
      leaveOut('streaming methods are not served in this version');
      continue;
    }
    const wanted = choices.fieldOf.get(wireName) ?? camelCase(methodName);
    // Two services may have a method of one name: the later one says whose it is.
    const name = uniqueName(taken.has(wanted) ? camelCase(`${path.at(-1)} ${methodName}`) : wanted, taken);
    if (name !== wanted)
      renamed.push({ from: wanted, to: name, reason: `another method has this name, so ${wireName} gives way` });
    if (choices.excluded.has(name)) {
      leaveOut('excluded by policy.yaml');
      continue;
    }
    const meshField = meshFields.get([...path, methodName].join('_'));
    if (!meshField) {
      leaveOut('its messages could not be read');
      continue;
    }
    wireNames[wireName] = name;
    fields[choices.kindOf.get(name) ?? methodKind(methodName, method)].push(rootField(meshField, name, found));
  }
  const types = mesh.definitions.filter(
    (node): node is TypeDefinitionNode =>
      'fields' in node || 'values' in node || 'types' in node || node.kind === Kind.SCALAR_TYPE_DEFINITION,
  );
  const messages = types.filter((node) => !isRootType(node)).map((node) => message(node, roots, source));
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [rootType('Query', fields.query), rootType('Mutation', fields.mutation), ...messages],
  };
  return { document, operations: { total: all.length, wireNames }, leftOut, renamed };
}

function rootType(name: string, fields: FieldDefinitionNode[]): ObjectTypeDefinitionNode {
  return { kind: Kind.OBJECT_TYPE_DEFINITION, name: nameNode(name), fields };
}

type Found = {
  wireName: string;
  source: string;
  root: Root;
  path: string[];
  methodName: string;
  method: ProtoMethod;
};

/** Every method by its full name: in which order a contract lists them changes nothing. */
function findMethods(roots: readonly Root[], source: string): Found[] {
  const found = roots.flatMap((root) =>
    [...servicesOf(root.root)].flatMap(({ path, methods }) =>
      Object.entries(methods).map(([methodName, method]) => {
        const wireName = `${path.join('.')}/${methodName}`;
        return { wireName, source, root, path, methodName, method };
      }),
    ),
  );
  return found.sort((a, b) => (a.wireName < b.wireName ? -1 : 1));
}

function rootField(mesh: FieldDefinitionNode, name: string, found: Found): FieldDefinitionNode {
  const { source, root, path, methodName, method } = found;
  const requestType = resolveType(root.root, path, method.requestType);
  const responseType = resolveType(root.root, path, method.responseType);
  const directive = directiveNode('grpcMethod', {
    subgraph: source,
    rootJsonName: root.name,
    objPath: path.join('.'),
    methodName,
    requestType: (requestType ?? [method.requestType]).join('.'),
    responseType: (responseType ?? [method.responseType]).join('.'),
  });
  const directives = [directive];
  if (method.options?.['deprecated'] === true)
    directives.push(directiveNode('deprecated', { reason: 'Deprecated by the contract.' }));
  const emptyRequest = isEmpty(root.root, requestType);
  const emptyResponse = isEmpty(root.root, responseType);
  return {
    ...mesh,
    name: nameNode(name),
    arguments: emptyRequest ? [] : (mesh.arguments ?? []),
    type: emptyResponse ? withNamedType(mesh.type, 'Void') : mesh.type,
    directives,
  };
}

function isEmpty(root: ProtoNamespace, path: string[] | undefined): boolean {
  const found = path && namespaceAt(root, path);
  return found !== undefined && Object.keys(found.fields ?? {}).length === 0;
}

/** A message or enum: names without package, fields in lowerCamel, 64-bit integers exact, deprecations kept. */
function message(node: TypeDefinitionNode, roots: readonly Root[], source: string): TypeDefinitionNode {
  const path = node.name.value.replace(/_Input$/, '').split(MESH_SEPARATOR);
  const proto = roots.map(({ root }) => namespaceAt(root, path)).find((found) => found !== undefined);
  if (node.kind === Kind.ENUM_TYPE_DEFINITION) {
    // The connector speaks of enum values by name, as ProtoJSON does.
    return { ...node, directives: [], values: (node.values ?? []).map((value) => ({ ...value, directives: [] })) };
  }
  if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INPUT_OBJECT_TYPE_DEFINITION)
    return { ...node, directives: [] };
  const taken = new Set<string>();
  const fields = [...(node.fields ?? [])].map((field) =>
    protoField(field, proto?.fields?.[field.name.value], source, taken),
  );
  return { ...node, directives: [], fields } as TypeDefinitionNode;
}

function protoField<Node extends FieldDefinitionNode | InputValueDefinitionNode>(
  field: Node,
  proto: ProtoField | undefined,
  source: string,
  taken: Set<string>,
): Node {
  const wire = field.name.value;
  const name = uniqueName(camelCase(wire), taken);
  const directives = name === wire ? [] : [directiveNode('resolveRootField', { subgraph: source, field: wire })];
  if (proto?.options?.['deprecated'] === true)
    directives.push(directiveNode('deprecated', { reason: 'Deprecated by the contract.' }));
  const scalar =
    proto &&
    !proto.keyType &&
    (UNSIGNED_64.has(proto.type) ? 'UInt64' : UNSIGNED_32.has(proto.type) ? 'UInt32' : undefined);
  return { ...field, name: nameNode(name), directives, type: scalar ? withNamedType(field.type, scalar) : field.type };
}

function rootFieldsOf(document: DocumentNode): Map<string, FieldDefinitionNode> {
  const found = new Map<string, FieldDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION || (node.name.value !== 'Query' && node.name.value !== 'Mutation'))
      continue;
    for (const field of node.fields ?? [])
      if (directivesNamed(field, 'grpcMethod').length > 0) found.set(field.name.value, field);
  }
  return found;
}

/** `inventory__v1__StockLevel` → `StockLevel`, `inventory__v1__Shipment__Line` → `ShipmentLine`: the part below the package. */
export function messageName(meshName: string, roots: readonly Root[]): string {
  const input = meshName.endsWith('_Input') ? 'Input' : '';
  const path = meshName.replace(/_Input$/, '').split(MESH_SEPARATOR);
  for (const { root } of roots) {
    const start = path.findIndex((_name, index) => {
      const found = namespaceAt(root, path.slice(0, index + 1));
      return found !== undefined && (found.fields !== undefined || found.values !== undefined);
    });
    if (start >= 0) return path.slice(start).map(pascalCase).join('') + input;
  }
  return pascalCase(meshName);
}
