import { type InputValueDefinitionNode, print } from 'graphql';

/** A join that nobody wrote yet. Names are those of `joins.graphql`: types of the unified schema, root fields of their source. */
export type Proposal = {
  /** Whose `joins.graphql` it belongs in: the source that has the type. */
  source: string;
  type: string;
  /** Name of the new field. */
  field: string;
  /** Type of a row. */
  answer: string;
  target: {
    source: string;
    field: string;
    keysArg?: string;
    keysArgFields?: readonly string[];
    /** Empty where rows do not say whose they are, and one key is asked at a time. */
    valueKeyFields: readonly string[];
    /** Path to the rows; undefined where the answer is the rows. */
    result?: string;
  };
  keyFields: readonly string[];
  /** Whether all rows of a key are wanted. */
  many: boolean;
  /** Whether one call takes many keys. */
  bulk: boolean;
  /** From 0 to 1; what is below 0.7 is not proposed. */
  confidence: number;
  /** Why, a sentence each. */
  reasons: readonly string[];
  /** `extend type … { … @resolveTo(…) }`, ready for `joins.graphql`. */
  sdl: string;
};

export type Draft = Omit<Proposal, 'sdl'> & {
  text: string;
  /** Arguments that are passed on. */
  passed: readonly InputValueDefinitionNode[];
};

/** Writes a proposal as docs/joins.md has it. */
export function toProposal({ text, passed, ...draft }: Draft): Proposal {
  const { target, keyFields } = draft;
  const [single] = keyFields;
  const simple = keyFields.length === 1;
  const [valueKey] = target.valueKeyFields;
  const args: [string, unknown][] = [
    ['sourceName', target.source],
    ['sourceTypeName', 'Query'],
    ['sourceFieldName', target.field],
    ['requiredSelectionSet', keyFields.every((key) => !key.includes('.')) ? `{ ${keyFields.join(' ')} }` : undefined],
    simple ? ['keyField', single] : ['keyFields', keyFields],
    ['keysArg', target.keysArg],
    ['keysArgFields', target.keysArgFields],
    simple ? ['valueKeyField', valueKey] : ['valueKeyFields', target.valueKeyFields],
    ['result', target.result],
  ];
  const lines = args
    .filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0))
    .map(
      ([name, value]) => `      ${name}: ${Array.isArray(value) ? `[${value.map(quoted).join(', ')}]` : quoted(value)}`,
    );
  const taken = passed.length === 0 ? '' : `(${passed.map(bare).join(', ')})`;
  const type = draft.many ? `[${draft.answer}!]` : draft.answer;
  const sdl = [
    `extend type ${draft.type} {`,
    `  ${quoted(text)}`,
    `  ${draft.field}${taken}: ${type}`,
    '    @resolveTo(',
    ...lines,
    '    )',
    '}',
  ].join('\n');
  return { ...draft, sdl };
}

/** A GraphQL string (spec §2.9.4): names and sentences of ours, which JSON writes alike. */
function quoted(value: unknown): string {
  return JSON.stringify(String(value));
}

function bare({ name, type, defaultValue }: InputValueDefinitionNode): string {
  return `${name.value}: ${print(type)}${defaultValue ? ` = ${print(defaultValue)}` : ''}`;
}
