/** Asks the same each time with other values: what is kept by value, and never let go, shows. */
import {
  type ConstValueNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  TypeInfo,
  type ValueNode,
  visit,
  visitWithTypeInfo,
} from 'graphql';

export type Asked = { readonly query: string; readonly variables: Readonly<Record<string, unknown>> };

/**
 * Makes variables of the literals of an operation that can be others: numbers, and texts that end in one. The document stays the same,
 * so that nothing is parsed or planned anew.
 *
 * @returns the operation for the nth time: texts end in `-n`, numbers are n
 */
export function vary(document: string, schema: GraphQLSchema): (n: number) => Asked {
  const types = new TypeInfo(schema);
  const texts: (string | undefined)[] = [];
  const declared: string[] = [];
  const lift = (text: string | undefined): ValueNode => {
    const value = `v${texts.push(text)}`;
    declared.push(`$${value}: ${String(types.getInputType())}`);
    return { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value } };
  };
  const lifted = visit(
    parse(document),
    visitWithTypeInfo(types, {
      StringValue: ({ value }): ConstValueNode | ValueNode | undefined => (/\d$/.test(value) ? lift(value) : undefined),
      IntValue: () => lift(undefined),
    }),
  );
  const [operation] = lifted.definitions as [OperationDefinitionNode];
  const heading = declared.length === 0 ? '' : `(${declared.join(', ')})`;
  const query = `${operation.operation}${heading} ${print(operation.selectionSet)}`;
  return (n) => ({
    query,
    variables: Object.fromEntries(
      texts.map((text, index) => [`v${index + 1}`, text === undefined ? n : `${text}-${n}`]),
    ),
  });
}
