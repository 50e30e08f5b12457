import type { DocumentNode, ExecutionResult, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { GatewayConfig } from '../config/schema.ts';
import type { RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';
import { extendAnswer, seeData } from '../execute/compiled/answer.ts';
import type { AskedOperation, Insight } from '../execute/insight.ts';
import { isAsyncIterable, throughSteps } from '../lib/iterables.ts';
import { withoutStack } from '../lib/stackless.ts';
import { overLimit } from './limits.ts';
import { neededRules } from './needed-rules.ts';
import { describeOperation } from './operation.ts';
import { overLength, parseWithin } from './parse.ts';
import type { FoundOperation, Persisted } from './persisted.ts';
import { assertPrice, COST_HEADER, costMode, PRICE_HEADER, reportCost, settleCost } from './price.ts';
import { suggest, withoutSuggestions } from './suggestions.ts';
import { assertVariables } from './variables.ts';
import { createVerdicts } from './verdicts.ts';

export type ValidateOptions = {
  readonly insight: Insight;
  readonly config: Pick<GatewayConfig, 'operationLimits' | 'cost' | 'rateLimits'>;
  readonly persisted: Persisted;
};

/** `registers` is the stage's own: what is to be kept once it proved valid. */
export type ValidateContext = RequestContext & {
  registers?: { readonly hash: string; readonly text: string } | undefined;
};

/**
 * The validate stage: finds operations that are named by hash, bounds documents before they are parsed and validated, says which
 * operation it is, prices it, and tells what it cost. Validating itself is Yoga's, codes of its errors the respond stage's.
 */
export function useValidate({ insight, config, persisted }: ValidateOptions): Plugin<object, ValidateContext> {
  const { operationLimits: limits, cost, rateLimits } = config;
  const isCostUsed = cost.headers || rateLimits.some((rule) => rule.cost === 'price' || rule.cost === 'calls');
  // A document is judged once, and then known as long as somebody keeps it.
  const judged = new WeakMap<DocumentNode, { readonly fault: GatewayError | undefined }>();
  const verdictOf = createVerdicts();

  /** Of each list of operations, what went beyond the limits: after a second one the list is read no further. */
  const beyond = new WeakMap<object, GatewayError[]>();

  function note(fault: GatewayError, list: object | undefined): GatewayError {
    if (list) beyond.set(list, [...(beyond.get(list) ?? []), fault]);
    return fault;
  }

  function judge(document: DocumentNode): GatewayError | undefined {
    const verdict = judged.get(document) ?? { fault: overLimit(document, limits) };
    judged.set(document, verdict);
    return verdict.fault;
  }

  function priceOf(asked: AskedOperation): RequestContext['price'] {
    try {
      return insight.price(asked);
    } catch (error) {
      // No such operation, or a variable that is not of its type: executing says so.
      if (error instanceof GatewayError && error.code === 'BAD_REQUEST') return undefined;
      throw error;
    }
  }

  function unsuggested<Result extends ExecutionResult>(result: Result): Result {
    return limits.suggestions || !result.errors
      ? result
      : extendAnswer(result, { errors: withoutSuggestions(result.errors) });
  }

  return {
    onParams({ params, setParams, context }) {
      const take = ({ query, register }: FoundOperation): void => {
        if (query !== params.query) setParams({ ...params, ...(query !== undefined && { query }) });
        if (register !== undefined && query !== undefined) context.registers = { hash: register, text: query };
      };
      const found = persisted.find(params, context.byOperator === true);
      return found instanceof Promise ? found.then(take) : take(found);
    },

    onParse({ params, setParseFn, context }) {
      const { batch } = context as unknown as RequestContext;
      const text = params.source.toString();
      const [, second] = (batch && beyond.get(batch)) ?? [];
      if (second) throw second;
      const tooLong = overLength(text, limits);
      if (tooLong) throw note(tooLong, batch);
      setParseFn((source) => parseWithin(source, limits));
      return ({ result }) => {
        if (result instanceof GatewayError) note(result, batch);
        if (result === null || result instanceof Error) return;
        const fault = judge(result);
        if (fault) throw note(fault, batch);
        const slots = context as unknown as RequestContext;
        slots.operation = describeOperation(result, text, context.params.operationName);
      };
    },

    onValidate({ params: { documentAST: document }, validateFn, setValidationFn, context }) {
      setValidationFn((schema, asked, rules) =>
        verdictOf(schema, asked, rules, () => {
          const needed = neededRules(asked, rules);
          return withoutStack(() => suggest(limits, (how) => validateFn(schema, asked, needed, how)));
        }),
      );
      return ({ valid }) => {
        const slots = context as unknown as ValidateContext;
        if (!valid) return;
        if (slots.registers) persisted.register(slots.registers.hash, slots.registers.text);
        const { operationName, variables } = context.params;
        assertVariables(variables, limits.variableValues);
        slots.price = priceOf({ document, operationName, variables });
        // Who operates the gateway may look at what is too dear.
        if (slots.price && slots.byOperator !== true) assertPrice(slots.price, cost, limits.pageSize);
      };
    },

    onExecute({ args }) {
      const slots = args.contextValue as unknown as RequestContext;
      const mode = costMode(slots, cost);
      if (mode === undefined && !isCostUsed && limits.suggestions) return undefined;
      const finish = (result: ExecutionResult, data: unknown): ExecutionResult => {
        settleCost(slots, data);
        const report = mode && reportCost(slots, mode);
        const plain = unsuggested(result);
        return report ? extendAnswer(plain, { extensions: { ...plain.extensions, cost: report } }) : plain;
      };
      return {
        onExecuteDone({ result, setResult }) {
          if (!isAsyncIterable(result)) return setResult(finish(result, seeData(result) ?? null));
          const map = (part: ExecutionResult): ExecutionResult =>
            (part as { hasNext?: boolean }).hasNext === true ? part : finish(part, undefined);
          const recover = (error: unknown): ExecutionResult =>
            ({ errors: [error as GraphQLError], hasNext: false }) as ExecutionResult;
          setResult(throughSteps(result, { map, recover, end: () => settleCost(slots, undefined) }));
          return undefined;
        },
      };
    },

    onSubscribe() {
      if (limits.suggestions) return undefined;
      return {
        onSubscribeResult({ result, setResult }) {
          if (!isAsyncIterable(result)) setResult(unsuggested(result));
        },
      };
    },

    onResponse({ response, serverContext: context }) {
      const isAsked = context.headers !== undefined && costMode(context, cost) !== undefined;
      if (!cost.headers && !isAsked) return;
      const operations = context.batch?.length ? context.batch : [context];
      const priced = operations.filter(({ price }) => price !== undefined);
      if (priced.length === 0) return;
      const sum = (of: 'price' | 'cost'): string =>
        String(priced.reduce((total, each) => total + (each[of]?.points ?? 0), 0));
      response.headers.set(PRICE_HEADER, sum('price'));
      if (priced.every((each) => each.cost !== undefined)) response.headers.set(COST_HEADER, sum('cost'));
    },
  };
}
