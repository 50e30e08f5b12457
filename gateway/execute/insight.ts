import { type DocumentNode, getOperationAST, getVariableValues } from 'graphql';
import { DEFAULT_CALL_WEIGHT } from '../config/cost.ts';
import type { Denied, Price, RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';
import { readDocument } from './document.ts';
import type { Execution } from './execution.ts';
import { createExplain, type Explained, type ExplainOptions } from './explain.ts';
import { explainCache } from './explain-cache.ts';
import { type StaleField, staleFieldsOf } from './freshness.ts';
import { type Invalidated, invalidatedBy } from './invalidated.ts';
import { createKeepingOf, type Keeping, type KeepingOptions, keepsAnything } from './keeping.ts';
import type { Model } from './model.ts';
import type { Plan } from './plan.ts';
import type { Planner } from './planner.ts';
import { createPricer, type PricerOptions } from './price.ts';

/** What is asked: a validated document, and the variables as the client sent them. */
export type AskedOperation = {
  document: DocumentNode;
  operationName?: string | null | undefined;
  variables?: { readonly [name: string]: unknown } | null | undefined;
  /** What is not for who asks; without it all is looked at. */
  denied?: Denied | undefined;
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
  /** What is to be said about keeping its answer. Throws as `explain` does. */
  keeping(asked: AskedOperation): AskedKeeping;
  /** What a mutation makes old of answers that are kept. Throws as `explain` does. */
  invalidated(asked: AskedOperation): Invalidated;
  /**
   * What the operation is going to cost at most.
   *
   * @throws GatewayError as `explain`
   */
  price(asked: AskedOperation): Price;
  /** What the directives of the schema say. */
  readonly model: Model;
};

export type AskedKeeping = {
  readonly keeping: Keeping;
  /** Name of the operation; empty for one that has none. */
  readonly name: string;
  /** Coerced values of its variables. */
  readonly variables: Readonly<Record<string, unknown>>;
};

export type InsightOptions = ExplainOptions & {
  planner: Planner;
  forwardedOf?: KeepingOptions['forwardedOf'];
  weightOf?: PricerOptions['weightOf'];
};

export function createInsight({
  planner,
  forwardedOf = () => [],
  weightOf = () => DEFAULT_CALL_WEIGHT,
  ...options
}: InsightOptions): Insight {
  const { model } = options;
  const explain = createExplain(options);
  const price = createPricer({ ...options, weightOf });
  const keepingOf = createKeepingOf({ model, forwardedOf });
  const isCached = keepsAnything(model);
  const withCache = (plan: Plan, explained: Explained): Explained =>
    isCached ? { ...explained, cache: explainCache(keepingOf(plan)) } : explained;

  function planOf({ document, operationName, variables, denied }: AskedOperation) {
    const operation = getOperationAST(document, operationName);
    if (!operation) throw new GatewayError('BAD_REQUEST', { message: 'Name the operation that is to be explained.' });
    const definitions = operation.variableDefinitions ?? [];
    const { coerced, errors } = getVariableValues(model.schema, definitions, variables ?? {}, {
      maxErrors: MAX_ERRORS,
    });
    if (errors) throw new GatewayError('BAD_REQUEST', { message: errors.map(({ message }) => message).join(' ') });
    const { fragments } = readDocument(document);
    return { plan: planner({ operation, fragments, variables: coerced, denied }), variables: coerced };
  }

  return {
    explain(asked) {
      const { plan, variables } = planOf(asked);
      return withCache(plan, explain(plan, variables));
    },
    explainRun(asked, { execution, calls }) {
      // What ran is explained by the very plan it ran by; an operation that asked nothing has none yet.
      const { plan, variables } = (execution as Execution | undefined) ?? planOf(asked);
      return withCache(plan, explain(plan, variables, calls));
    },
    keeping(asked) {
      const { plan, variables } = planOf(asked);
      return { keeping: keepingOf(plan), name: plan.operation.name?.value ?? '', variables };
    },
    invalidated(asked) {
      const { plan, variables } = planOf(asked);
      return invalidatedBy(plan, variables);
    },
    model,
    price(asked) {
      const { plan, variables } = planOf(asked);
      return price(plan, variables);
    },
    staleFields: ({ execution, calls }) =>
      execution ? staleFieldsOf(model, (execution as Execution).plan, calls) : [],
  };
}
