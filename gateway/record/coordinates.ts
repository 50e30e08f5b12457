/** What of a schema an operation uses, so that a change of the schema tells whom it would break. */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  typeFromAST,
  visit,
  visitWithTypeInfo,
} from 'graphql';

/** Most coordinates of one operation that are told one by one. */
const MOST = 1000;

/**
 * Coordinates that an operation of a valid document uses, sorted: `Type.field`, `Type.field.arg`, `Input.field`, `Enum.VALUE`, and
 * the bare names of types that fragments and abstract selections name and that are sent. A variable may hold anything its type
 * allows, so all of that counts as used; where that is too much it is said as `Type.*`.
 */
export function coordinatesOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | undefined,
): readonly string[] {
  const operation = getOperationAST(document, operationName);
  if (!operation) return [];
  const found = new Set<string>();
  const info = new TypeInfo(schema);
  const visitor = visitWithTypeInfo(info, {
    Field() {
      const [parent, field] = [info.getParentType(), info.getFieldDef()];
      // Introspection asks about the schema, and is answered by whichever there is.
      if (!parent || !field || parent.name.startsWith('__')) return;
      if (isAbstractType(parent)) found.add(parent.name);
      if (!field.name.startsWith('__')) found.add(`${parent.name}.${field.name}`);
    },
    InlineFragment: ({ typeCondition }) => void (typeCondition && found.add(typeCondition.name.value)),
    FragmentDefinition: ({ typeCondition }) => void found.add(typeCondition.name.value),
    Argument() {
      const [parent, field, arg] = [info.getParentType(), info.getFieldDef(), info.getArgument()];
      if (parent && field && arg && !info.getDirective()) found.add(`${parent.name}.${field.name}.${arg.name}`);
    },
    ObjectValue() {
      const type = getNamedType(info.getInputType());
      if (isInputObjectType(type)) found.add(type.name);
    },
    ObjectField({ name }) {
      const type = getNamedType(info.getParentInputType());
      if (isInputObjectType(type)) found.add(`${type.name}.${name.value}`);
    },
    EnumValue({ value }) {
      const type = getNamedType(info.getInputType());
      if (isEnumType(type)) found.add(`${type.name}.${value}`);
    },
    VariableDefinition({ type }) {
      const named = typeFromAST(schema, type as never) as GraphQLInputType | undefined;
      if (named) addInput(named, found);
    },
  });
  for (const node of [operation, ...fragmentsOf(document, operation)]) visit(node, visitor);
  return [...found].sort();
}

/** The fragments that the operation spreads, directly or not. */
function fragmentsOf(document: DocumentNode, operation: OperationDefinitionNode): FragmentDefinitionNode[] {
  const known = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
  const spread = new Set<FragmentDefinitionNode>();
  const look = (node: OperationDefinitionNode | FragmentDefinitionNode): void => {
    visit(node, {
      FragmentSpread({ name }) {
        const fragment = known.get(name.value);
        if (fragment) spread.add(fragment);
      },
    });
  };
  look(operation);
  // What is added while it is walked is walked too.
  for (const fragment of spread) look(fragment);
  return [...spread];
}

/** All that a value of this type could hold. */
function addInput(type: GraphQLInputType, found: Set<string>): void {
  const seen = new Set([getNamedType(type)]);
  // What is added while it is walked is walked too.
  for (const named of seen) {
    const isInput = isInputObjectType(named);
    if (isInput) found.add(named.name);
    const members = isInput ? Object.values(named.getFields()) : isEnumType(named) ? named.getValues() : [];
    if (found.size + members.length > MOST) found.add(`${named.name}.*`);
    else for (const { name } of members) found.add(`${named.name}.${name}`);
    if (isInput) for (const field of Object.values(named.getFields())) seen.add(getNamedType(field.type));
  }
}
