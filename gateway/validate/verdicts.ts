import type { DocumentNode, GraphQLError, GraphQLSchema, ValidationRule } from 'graphql';

type Verdict = {
  readonly schema: GraphQLSchema;
  readonly rules: readonly ValidationRule[];
  readonly errors: readonly GraphQLError[];
};

/** What validating a document by rules came to: asked once, and known as long as somebody keeps the document. */
export type Verdicts = (
  schema: GraphQLSchema,
  document: DocumentNode,
  rules: readonly ValidationRule[],
  validate: () => readonly GraphQLError[],
) => readonly GraphQLError[];

/** Rules are told apart by themselves, in place of by their names, as Yoga's own cache does: those of some forty are read and joined for each request. */
export function createVerdicts(): Verdicts {
  const known = new WeakMap<DocumentNode, Verdict[]>();
  /** As good as one or two: with what only some may ask for, and without. */
  const lists: (readonly ValidationRule[])[] = [];

  function listOf(rules: readonly ValidationRule[]): readonly ValidationRule[] {
    const same = lists.find((list) => list.length === rules.length && list.every((rule, at) => rule === rules[at]));
    if (!same) lists.push(rules);
    return same ?? rules;
  }

  return (schema, document, rules, validate) => {
    const list = listOf(rules);
    const before = known.get(document) ?? [];
    const verdict = before.find((each) => each.schema === schema && each.rules === list);
    if (verdict) return verdict.errors;
    const errors = validate();
    known.set(document, [...before, { schema, rules: list, errors }]);
    return errors;
  };
}
