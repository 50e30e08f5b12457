/** Parsing and validating as Envelop does them: its own way makes a dozen functions for each hook of each request. */
import type { DocumentNode, GraphQLError, GraphQLSchema, ValidationRule } from 'graphql';

type Hook = (payload: object) => unknown;
type Parse = (source: string) => DocumentNode;
type Validate = (
  schema: GraphQLSchema,
  document: DocumentNode,
  rules?: readonly ValidationRule[],
) => readonly GraphQLError[];

/** The plugins of an instance, its own among them. */
type Plugins = readonly { readonly onParse?: unknown; readonly onValidate?: unknown }[];

/** @returns what parses a document with all that stages do around it; it throws what parsing fails with */
export function createParse(plugins: Plugins): (source: string, context: object) => DocumentNode {
  const hooks = plugins.flatMap(({ onParse }) => (onParse ? [onParse as Hook] : []));

  return (source, context) => {
    const afterwards: Hook[] = [];
    const payload = {
      context,
      params: { source },
      parseFn: undefined as Parse | undefined,
      setParseFn(parse: Parse): void {
        payload.parseFn = parse;
      },
      result: null as DocumentNode | Error | null,
      setParsedDocument: replace,
      replaceParseResult: replace,
      extendContext: (more: object) => void Object.assign(context, more),
    };
    function replace(result: DocumentNode | Error): void {
      payload.result = result;
    }
    for (const hook of hooks) {
      const after = hook(payload);
      if (after) afterwards.push(after as Hook);
    }
    payload.result ??= attempt(() => (payload.parseFn as Parse)(source));
    for (const after of afterwards) after(payload);
    const { result } = payload;
    if (result instanceof Error) throw result;
    return result;
  };
}

/** @returns what validates a document with all that stages do around it */
export function createValidate(
  plugins: Plugins,
): (schema: GraphQLSchema, document: DocumentNode, context: object) => readonly GraphQLError[] {
  const hooks = plugins.flatMap(({ onValidate }) => (onValidate ? [onValidate as Hook] : []));

  return (schema, documentAST, context) => {
    const afterwards: Hook[] = [];
    const rules: ValidationRule[] = [];
    const payload = {
      context,
      params: { schema, documentAST, rules },
      validateFn: undefined as Validate | undefined,
      setValidationFn(validate: Validate): void {
        payload.validateFn = validate;
      },
      addValidationRule: (rule: ValidationRule) => void rules.push(rule),
      valid: false,
      result: undefined as readonly GraphQLError[] | undefined,
      setResult(result: readonly GraphQLError[]): void {
        payload.result = result;
      },
      extendContext: (more: object) => void Object.assign(context, more),
    };
    for (const hook of hooks) {
      const after = hook(payload);
      if (after) afterwards.push(after as Hook);
    }
    payload.result ??= (payload.validateFn as Validate)(schema, documentAST, rules);
    payload.valid = payload.result.length === 0;
    for (const after of afterwards) after(payload);
    return payload.result;
  };
}

/** What it gives, or what it fails with. */
function attempt(parse: () => DocumentNode): DocumentNode | Error {
  try {
    return parse();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
