import { type DocumentNode, getOperationAST, getVariableValues, Kind } from 'graphql';
import { DEFAULT_CALL_WEIGHT } from '../config/cost.ts';
import type { Price, RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';
import type { Execution } from './execution.ts';
import { createExplain, type Explained, type ExplainOptions } from './explain.ts';
import { type StaleField, staleFieldsOf } from './freshness.ts';
import type { Planner } from './planner.ts';
import { createPricer, type PricerOptions } from './price.ts';

/** What is asked: a validated document, and the variables as the client sent them. */
export type AskedOperation = {
  document: DocumentNode;
  operationName?: string | null | undefined;
  variables?: { readonly [name: string]: unknown } | null | undefined;
};

/** Faults of variables that are looked for: there may be one for each item of a long list. */
const MAX_ERRORS = 10;

type Ran = Pick<RequestContext, 'execution' | 'calls'>;

/** Looks into operations of one generation: what they are going to do, and what they did. */
export type Insight = {
  /** @throws GatewayError BAD_REQUEST when the document does not hold the operation, or a variable is not of its type */
  explain(asked: AskedOperation): Explained;
  /** The same with what the calls came to. */
  explainRun(asked: AskedOperation, ran: Ran): Explained;
  staleFields(ran: Ran): StaleField[];
  /**
   * What the operation is going to cost at most.
   *
   * @throws GatewayError as `explain`
   */
  price(asked: AskedOperation): Price;
};

export type InsightOptions = ExplainOptions & { planner: Planner; weightOf?: PricerOptions['weightOf'] };

export function createInsight({ planner, weightOf = () => DEFAULT_CALL_WEIGHT, ...options }: InsightOptions): Insight {
  const { model } = options;
  const explain = createExplain(options);
  const price = createPricer({ ...options, weightOf });

  function planOf({ document, operationName, variables }: AskedOperation) {
    const operation = getOperationAST(document, operationName);
    if (!operation) throw new GatewayError('BAD_REQUEST', { message: 'Name the operation that is to be explained.' });
    const definitions = operation.variableDefinitions ?? [];
    const { coerced, errors } = getVariableValues(model.schema, definitions, variables ?? {}, {
      maxErrors: MAX_ERRORS,
    });
    if (errors) throw new GatewayError('BAD_REQUEST', { message: errors.map(({ message }) => message).join(' ') });
    const fragments = Object.fromEntries(
      document.definitions.flatMap((each) =>
        each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
      ),
    );
    return { plan: planner({ operation, fragments, variables: coerced }), variables: coerced };
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
    price(asked) {
      const { plan, variables } = planOf(asked);
      return price(plan, variables);
    },
    staleFields: ({ execution, calls }) =>
      execution ? staleFieldsOf(model, (execution as Execution).plan, calls) : [],
  };
}
