import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';

/** What selections are read with: the fragments of the document, and the values of the variables. */
export type SelectionScope = {
  schema: GraphQLSchema;
  fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** At least those that `@skip` and `@include` name, coerced. */
  variables: Readonly<Record<string, unknown>>;
};

/**
 * The fields selected on an object type by response key, in order (GraphQL spec §6.3.2): fragments that apply are opened, what is skipped
 * is left out, and fields of one key come together. Deferred fragments are fragments here.
 */
export function collectFields(
  scope: SelectionScope,
  type: GraphQLObjectType,
  sets: readonly (SelectionSetNode | undefined)[],
): Map<string, FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const opened = new Set<string>();
  for (const set of sets) collect(scope, type, set?.selections ?? [], fields, opened);
  return fields;
}

/** A document that asks for nothing but these root fields of an operation. */
export function onlyFields(
  operation: OperationDefinitionNode,
  fragments: SelectionScope['fragments'],
  fields: readonly FieldNode[],
): DocumentNode {
  const selectionSet: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: fields };
  return { kind: Kind.DOCUMENT, definitions: [{ ...operation, selectionSet }, ...Object.values(fragments)] };
}

/**
 * A document that holds one operation: without what it skips, and with the selections of each fragment wherever it is used. How large
 * that gets is bounded by `operationLimits.fields`, which counts through fragments, too.
 */
export function withoutFragments(
  operation: OperationDefinitionNode,
  scope: Pick<SelectionScope, 'fragments' | 'variables'>,
): DocumentNode {
  const selectionSet = openFragments(operation.selectionSet, scope);
  return { kind: Kind.DOCUMENT, definitions: [{ ...operation, selectionSet }] };
}

function openFragments(
  set: SelectionSetNode,
  scope: Pick<SelectionScope, 'fragments' | 'variables'>,
): SelectionSetNode {
  const selections = set.selections.flatMap((node): SelectionNode[] => {
    if (!isIncluded(node, scope.variables)) return [];
    if (node.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = scope.fragments[node.name.value];
      if (!fragment) return [];
      const { typeCondition, selectionSet } = fragment;
      return [{ kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet: openFragments(selectionSet, scope) }];
    }
    return node.selectionSet ? [{ ...node, selectionSet: openFragments(node.selectionSet, scope) }] : [node];
  });
  return { ...set, selections };
}

function collect(
  scope: SelectionScope,
  type: GraphQLObjectType,
  selections: readonly SelectionNode[],
  fields: Map<string, FieldNode[]>,
  opened: Set<string>,
): void {
  for (const node of selections) {
    if (!isIncluded(node, scope.variables)) continue;
    if (node.kind === Kind.FIELD) {
      const key = node.alias?.value ?? node.name.value;
      const found = fields.get(key);
      if (found) found.push(node);
      else fields.set(key, [node]);
      continue;
    }
    if (node.kind === Kind.FRAGMENT_SPREAD) {
      if (opened.has(node.name.value)) continue;
      opened.add(node.name.value);
    }
    const fragment = node.kind === Kind.FRAGMENT_SPREAD ? scope.fragments[node.name.value] : node;
    if (!fragment || !applies(scope.schema, fragment.typeCondition?.name.value, type)) continue;
    collect(scope, type, fragment.selectionSet.selections, fields, opened);
  }
}

function applies(schema: GraphQLSchema, condition: string | undefined, type: GraphQLObjectType): boolean {
  if (condition === undefined || condition === type.name) return true;
  const wanted = schema.getType(condition);
  return isAbstractType(wanted) && schema.isSubType(wanted, type);
}

function isIncluded(node: SelectionNode, values: Readonly<Record<string, unknown>>): boolean {
  if (node.directives === undefined || node.directives.length === 0) return true;
  if (getDirectiveValues(GraphQLSkipDirective, node, values)?.['if'] === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, node, values)?.['if'] !== false;
}

/** The variables that decide what is selected: `@skip(if: $a)`, `@include(if: $b)`. In the order they are first met. */
export function decidingVariables(
  operation: OperationDefinitionNode,
  fragments: SelectionScope['fragments'],
): readonly string[] {
  const found = new Set<string>();
  for (const root of [operation, ...Object.values(fragments)]) {
    visit(root, {
      Directive({ name, arguments: args }) {
        if (name.value !== 'skip' && name.value !== 'include') return;
        for (const { value } of args ?? []) if (value.kind === Kind.VARIABLE) found.add(value.name.value);
      },
    });
  }
  return [...found];
}
