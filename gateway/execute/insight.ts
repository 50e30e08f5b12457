import { type DocumentNode, getOperationAST, getVariableValues, Kind } from 'graphql';
import type { Denied, RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';
import type { Execution } from './execution.ts';
import { createExplain, type Explained, type ExplainOptions } from './explain.ts';
import { type StaleField, staleFieldsOf } from './freshness.ts';
import type { Planner } from './planner.ts';

/** What is asked: a validated document, and the variables as the client sent them. */
export type AskedOperation = {
  document: DocumentNode;
  operationName?: string | null | undefined;
  variables?: { readonly [name: string]: unknown } | null | undefined;
  /** What is not for who asks; without it all is looked at. */
  denied?: Denied | undefined;
};

type Ran = Pick<RequestContext, 'execution' | 'calls'>;

/** Looks into operations of one generation: what they are going to do, and what they did. */
export type Insight = {
  /** @throws GatewayError BAD_REQUEST when the document does not hold the operation, or a variable is not of its type */
  explain(asked: AskedOperation): Explained;
  /** The same with what the calls came to. */
  explainRun(asked: AskedOperation, ran: Ran): Explained;
  staleFields(ran: Ran): StaleField[];
};

export function createInsight({ planner, ...options }: ExplainOptions & { planner: Planner }): Insight {
  const { model } = options;
  const explain = createExplain(options);

  function planOf({ document, operationName, variables, denied }: AskedOperation) {
    const operation = getOperationAST(document, operationName);
    if (!operation) throw new GatewayError('BAD_REQUEST', { message: 'Name the operation that is to be explained.' });
    const definitions = operation.variableDefinitions ?? [];
    const { coerced, errors } = getVariableValues(model.schema, definitions, variables ?? {});
    if (errors) throw new GatewayError('BAD_REQUEST', { message: errors.map(({ message }) => message).join(' ') });
    const fragments = Object.fromEntries(
      document.definitions.flatMap((each) =>
        each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
      ),
    );
    return { plan: planner({ operation, fragments, variables: coerced, denied }), variables: coerced };
  }

  return {
    explain(asked) {
      const { plan, variables } = planOf(asked);
      return explain(plan, variables);
    },
    explainRun(asked, { execution, calls }) {
      // What ran is explained by the very plan it ran by; an operation that asked nothing has none yet.
      const { plan, variables } = (execution as Execution | undefined) ?? planOf(asked);
      return explain(plan, variables, calls);
    },
    staleFields: ({ execution, calls }) =>
      execution ? staleFieldsOf(model, (execution as Execution).plan, calls) : [],
  };
}
