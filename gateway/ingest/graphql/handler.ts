import { getDocumentNodeFromSchema } from '@graphql-tools/utils';
import {
  type DocumentNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  Kind,
  type ObjectTypeDefinitionNode,
  visit,
} from 'graphql';
import type { ContractLimits } from '../../config/build.ts';
import { isRootType, namedTypeOf } from '../../lib/ast.ts';
import { directiveNode } from '../../lib/sdl.ts';
import type { HandlerParams, SourceProduct } from '../handlers.ts';
import type { OperationChoices } from '../openapi/operations.ts';
import { EXCLUDED, type LeftOut } from '../wire.ts';
import { readGraphqlContract } from './read.ts';

const ROOT_KEYS = { Query: 'query', Mutation: 'mutation', Subscription: 'subscription' } as const;

/** Reads a GraphQL service's SDL: its root fields with their wire mapping, and its types. */
export async function readGraphqlSource(
  params: HandlerParams,
  choices: OperationChoices,
  limits: ContractLimits,
): Promise<SourceProduct> {
  const schema = await readGraphqlContract(params, limits);
  const leftOut: LeftOut[] = [];
  const wireNames: Record<string, string> = {};
  const document = annotate(schema, params.name, choices, wireNames, leftOut);
  const total = Object.keys(wireNames).length + leftOut.length;
  return {
    kind: 'graphql',
    document,
    contractServers: [],
    operations: { total, wireNames },
    leftOut,
    fallbacks: [],
    notes: [],
    guesses: [],
    renamed: [],
  };
}

function annotate(
  schema: GraphQLSchema,
  source: string,
  choices: OperationChoices,
  wireNames: Record<string, string>,
  leftOut: LeftOut[],
): DocumentNode {
  const rootNames = new Map([
    [schema.getQueryType()?.name, 'Query'],
    [schema.getMutationType()?.name, 'Mutation'],
    [schema.getSubscriptionType()?.name, 'Subscription'],
  ] as const);
  const document = visit(getDocumentNodeFromSchema(schema), {
    SchemaDefinition: () => null,
    DirectiveDefinition: () => null,
    Directive: (node) => (['deprecated', 'specifiedBy', 'oneOf'].includes(node.name.value) ? undefined : null),
  });
  const definitions = document.definitions.flatMap((node) => {
    const root = node.kind === Kind.OBJECT_TYPE_DEFINITION ? rootNames.get(node.name.value) : undefined;
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION || root === undefined) return [node];
    const renamed = { ...node, name: { ...node.name, value: root } } satisfies ObjectTypeDefinitionNode;
    if (!isRootType(renamed)) return [node];
    const fields = (node.fields ?? []).flatMap((field) => rootField(field, root, source, choices, wireNames, leftOut));
    return fields.length > 0 ? [{ ...renamed, fields }] : [];
  });
  return { ...document, definitions };
}

function rootField(
  field: FieldDefinitionNode,
  root: keyof typeof ROOT_KEYS,
  source: string,
  choices: OperationChoices,
  wireNames: Record<string, string>,
  leftOut: LeftOut[],
): FieldDefinitionNode[] {
  const wireName = `${ROOT_KEYS[root]} ${field.name.value}`;
  const name = choices.fieldOf.get(wireName) ?? field.name.value;
  if (!choices.exposure.isServed({ field: name, wireName })) {
    const pointer = `${root}.${field.name.value}`;
    leftOut.push({ operation: wireName, pointer, reason: EXCLUDED });
    return [];
  }
  wireNames[wireName] = name;
  const directive = directiveNode('graphqlField', {
    subgraph: source,
    name: field.name.value,
    type: namedTypeOf(field.type).name.value,
  });
  return [{ ...field, name: { ...field.name, value: name }, directives: [...(field.directives ?? []), directive] }];
}
