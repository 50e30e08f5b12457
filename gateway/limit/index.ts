import type { ExecutionArgs, GraphQLSchema } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { GatewayConfig } from '../config/schema.ts';
import type { RequestContext } from '../context.ts';
import { isAsyncIterable } from '../lib/iterables.ts';
import type { Timer } from '../lib/timer.ts';
import { createFieldLimit } from './field-limit.ts';
import { countedFields } from './field-rules.ts';
import { quotaHeaders } from './headers.ts';
import { createLimiter } from './limiter.ts';
import { createCountRefused } from './refused-requests.ts';
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
