import { useRateLimiter } from '@envelop/rate-limiter';
import type { ExecutionArgs, GraphQLSchema } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { GatewayConfig } from '../config/schema.ts';
import type { RequestContext } from '../context.ts';
import type { GatewayError } from '../errors.ts';
import { isAsyncIterable } from '../lib/iterables.ts';
import type { Timer } from '../lib/timer.ts';
import { shareOfPoints } from './charges.ts';
import { chosenOf } from './chosen.ts';
import { budgetOf, type CountedField, countedFields } from './field-rules.ts';
import { type Standing, standingOf } from './gcra.ts';
import { quotaHeaders } from './headers.ts';
import { createLimiter } from './limiter.ts';
import { fieldRefusal } from './refusal.ts';
import { createCountRefused } from './refused-requests.ts';
import type { WantedPoints } from './store.ts';
import type { LimitStores, TakingOptions } from './taking.ts';

export type LimitOptions = {
  readonly schema: GraphQLSchema;
  readonly config: Pick<GatewayConfig, 'rateLimits' | 'concurrencyLimits' | 'limitStore'>;
  readonly stores: Pick<LimitStores, 'local' | 'shared'>;
  readonly after: Timer;
  readonly randomId: () => string;
  readonly onRefusal: TakingOptions['onRefusal'];
};

/** `isCounted` is the stage's own: whether the operation came to its budgets. */
export type LimitContext = RequestContext & { isCounted?: boolean };

type Faulty = { readonly errors?: readonly unknown[] | undefined };

/**
 * The limit stage: takes an operation's price from its budgets before it runs, and puts right what it really took at its end. What was
 * refused before is counted when it is answered.
 */
export function useLimit(options: LimitOptions): Plugin<object, LimitContext> {
  const { schema, config } = options;
  const limit = createLimiter({ ...options, ...takingOf(options), rules: config });
  const count = createCount(options);
  const countFields = createFieldLimit(countedFields(schema), takingOf(options));
  const hasRules = config.rateLimits.length + config.concurrencyLimits.length > 0;

  async function admit(args: ExecutionArgs): Promise<undefined> {
    const context = args.contextValue as LimitContext;
    context.isCounted = true;
    if (hasRules) await limit(context);
    await countFields?.(args);
  }

  /** Who operates the gateway has no budget. */
  function before(args: ExecutionArgs): Promise<undefined> | undefined {
    const isFree = (!hasRules && !countFields) || (args.contextValue as RequestContext).byOperator === true;
    return isFree ? undefined : admit(args);
  }

  return {
    onExecute: ({ args }) => before(args as unknown as ExecutionArgs),
    onSubscribe: ({ args }) => before(args as unknown as ExecutionArgs),

    // Not async: most requests are counted by then.
    onResultProcess({ result, setResult, serverContext: context }) {
      if (!count || isAsyncIterable(result)) return undefined;
      const set = (answer: unknown): void => setResult(answer as never);
      if (!Array.isArray(result)) return count(result as Faulty, context)?.then(set);
      const items = context.batch ?? [];
      const counted = result.map((each: Faulty, index) => count(each, items[index] ?? context) ?? each);
      return Promise.all(counted).then(set);
    },

    onResponse({ response, serverContext: context }) {
      const operations = context.batch?.length ? context.batch : [context];
      const states = operations.flatMap(({ quota }) => quota?.states ?? []);
      for (const [name, value] of Object.entries(quotaHeaders(states))) response.headers.set(name, value);
    },
  };
}

/** The answer to give: the one that was made, or the refusal where it is one too many; undefined where there is nothing to count. */
type Count = (result: Faulty, context: LimitContext) => Promise<Faulty> | undefined;

/** @returns what counts answers to what was refused before it came to its budgets; undefined where no rule counts requests */
export function createCount(options: Pick<LimitOptions, 'config' | 'stores' | 'onRefusal'>): Count | undefined {
  const countRefused = createCountRefused(options.config, takingOf(options));
  if (!countRefused) return undefined;
  return (result, context) => {
    if (!result.errors?.length || context.isCounted === true || context.byOperator === true) return undefined;
    context.isCounted = true;
    return countRefused(context).then(
      () => result,
      (error: unknown) => ({ errors: [error] }),
    );
  };
}

function takingOf({ config, stores, onRefusal }: Pick<LimitOptions, 'config' | 'stores' | 'onRefusal'>): TakingOptions {
  return { stores, onRefusal, localSharePercent: config.limitStore.localSharePercent };
}

/** One field where it stands, until the plugin has come to its verdict. */
type AskedField = { readonly coordinate: string; readonly wanted: WantedPoints; refusal?: GatewayError };

/**
 * Limits of fields, by `@envelop/rate-limiter`: it finds the fields and their arguments; that they are those of the chosen operation,
 * also of subscriptions, and what a refusal looks like is ours. Its stores read, add and write back, so that requests at the same time
 * count as one: here the one question it asks takes the point, and the answer is what makes it come to our verdict.
 *
 * @returns undefined where no field is limited. What it returns throws GatewayError RATE_LIMITED with the field and when to come back.
 */
function createFieldLimit(
  fields: readonly CountedField[],
  { stores: { local, shared }, localSharePercent, onRefusal }: TakingOptions,
): ((args: ExecutionArgs) => Promise<void>) | undefined {
  if (fields.length === 0) return undefined;

  /** Undefined where the point was given; else how the budget stands. */
  async function take(wanted: WantedPoints): Promise<Standing | undefined> {
    const ofAll = await shared?.take([wanted]);
    const own = shared && !ofAll ? shareOfPoints(wanted, localSharePercent / 100) : wanted;
    const [taken] = ofAll ?? (await local.take([own]));
    return taken?.fits === false ? standingOf(taken, own) : undefined;
  }

  /** By a number of ours: the plugin hands on nothing but texts. */
  const asked = new Map<string, AskedField>();
  let count = 0;
  /** By the context of the operation. */
  const refusals = new WeakMap<object, GatewayError>();

  const plugin = useRateLimiter({
    identifyFn: () => '',
    // What the schema says was read already.
    rateLimitDirectiveName: 'none',
    store: {
      async getForIdentity({ fieldIdentity }) {
        const id = idOf(fieldIdentity);
        const field = asked.get(id);
        const standing = field && (await take(field.wanted));
        if (standing) field.refusal = fieldRefusal(field.coordinate, standing);
        else asked.delete(id);
        return standing ? [Number.POSITIVE_INFINITY] : [];
      },
      setForIdentity: () => undefined,
    },
    configByField: fields.map(({ type, field, rule }) => ({
      type,
      field,
      max: 1,
      window: '1s',
      identifyFn(context, args) {
        count += 1;
        const id = String(count);
        asked.set(id, { coordinate: rule.coordinate, wanted: budgetOf(rule, context as RequestContext, args) });
        return id;
      },
    })),
    formatError: ({ fieldIdentity }) => fieldIdentity ?? '',
    onRateLimitError({ error, context }) {
      const id = idOf(error);
      const field = asked.get(id);
      asked.delete(id);
      if (!field?.refusal) return;
      onRefusal({ rule: field.coordinate, shadow: false });
      refusals.set(context as object, field.refusal);
    },
  });

  return async (args) => {
    const chosen = chosenOf(args);
    if (!chosen) return;
    await plugin.onExecute?.({
      args: { ...args, document: chosen.document, variableValues: chosen.variables },
      context: args.contextValue,
      setResultAndStopExecution: () => undefined,
    } as never);
    const refusal = refusals.get(args.contextValue as object);
    if (refusal) throw refusal;
  };
}

/** What stands at the end of the plugin's word for one budget, behind the field's name. */
function idOf(fieldIdentity: string): string {
  return fieldIdentity.slice(fieldIdentity.lastIndexOf(':') + 1);
}
