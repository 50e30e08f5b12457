import { getDocumentNodeFromSchema } from '@graphql-tools/utils';
import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  Kind,
  type ObjectTypeDefinitionNode,
  visit,
} from 'graphql';
import { isRootType, nonNull, stringNode } from '../../lib/ast.ts';
import { directiveArgs, directiveNode } from '../../lib/sdl.ts';
import type { HttpOperation } from '../wire.ts';

/** Directives of Mesh that are kept as they are; all others are either replaced here or of no use to a connector. */
const KEPT = new Set([
  'resolveRootField',
  'resolveRoot',
  'dictionary',
  'discriminator',
  'deprecated',
  'specifiedBy',
  'oneOf',
]);

/** Mesh's schema of a contract as our source document: root fields carry how they are called. */
export function annotateOpenapi(
  schema: GraphQLSchema,
  source: string,
  operations: readonly HttpOperation[],
): DocumentNode {
  const byField = new Map(operations.map((operation) => [operation.field, operation]));
  return visit(getDocumentNodeFromSchema(schema), {
    SchemaDefinition: () => null,
    DirectiveDefinition: () => null,
    ObjectTypeDefinition: {
      leave(node) {
        if (!isRootType(node)) return undefined;
        const fields = (node.fields ?? []).flatMap((field) => rootField(field, source, byField.get(field.name.value)));
        return { ...node, fields } satisfies ObjectTypeDefinitionNode;
      },
    },
    Directive(node, _key, _parent, _path, ancestors) {
      if (node.name.value === 'oneOf') return isInput(ancestors) ? { ...node, arguments: [] } : null;
      if (node.name.value === 'enum') return enumDirective(node as ConstDirectiveNode, source);
      return KEPT.has(node.name.value) ? undefined : null;
    },
  });
}

function rootField(
  field: FieldDefinitionNode,
  source: string,
  operation: HttpOperation | undefined,
): FieldDefinitionNode[] {
  if (!operation) return [];
  const directives = [directiveNode('httpOperation', httpOperationArgs(source, operation))];
  if (operation.deprecated) directives.push(directiveNode('deprecated', { reason: 'Deprecated by the contract.' }));
  const args = (field.arguments ?? []).map((arg) => ({
    ...arg,
    directives: (arg.directives ?? []).filter(({ name }) => name.value !== 'resolveRootField'),
    type: arg.name.value === operation.body?.arg && operation.bodyRequired ? nonNull(arg.type) : arg.type,
  }));
  const description = operation.description === undefined ? undefined : stringNode(operation.description);
  const { description: _meshText, ...rest } = field;
  return [{ ...rest, ...(description ? { description } : {}), arguments: args, directives }];
}

function httpOperationArgs(source: string, operation: HttpOperation): Record<string, unknown> {
  return {
    subgraph: source,
    path: operation.path,
    httpMethod: operation.method,
    params: operation.params.length > 0 ? operation.params : undefined,
    body: operation.body,
    accept: operation.accept,
  };
}

/** Only an input can be `@oneOf`; Mesh marks what it answers with, too. */
function isInput(ancestors: readonly unknown[]): boolean {
  const holder = ancestors.findLast((node) => typeof node === 'object' && node !== null && 'kind' in node);
  return (holder as { kind?: string } | undefined)?.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION;
}

/** `@enum` only where the wire value differs from the name. */
function enumDirective(node: ConstDirectiveNode, source: string): ConstDirectiveNode | null {
  const value = directiveArgs(node)['value'];
  return typeof value === 'string' ? directiveNode('enum', { subgraph: source, value }) : null;
}
