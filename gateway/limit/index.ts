import { useRateLimiter } from '@envelop/rate-limiter';
import type { ExecutionArgs, GraphQLSchema } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { GatewayConfig } from '../config/schema.ts';
import type { RequestContext } from '../context.ts';
import { isAsyncIterable } from '../lib/iterables.ts';
import type { Timer } from '../lib/timer.ts';
import type { Charge } from './charges.ts';
import { chosenOf } from './chosen.ts';
import { type CountedField, countedFields, type FieldCharge, fieldCharge, onceMore } from './field-rules.ts';
import { quotaHeaders } from './headers.ts';
import { createLimiter } from './limiter.ts';
import { createCountRefused } from './refused-requests.ts';
import type { LimitStores, LimitWait, TakingOptions } from './taking.ts';

export type LimitOptions = {
  readonly schema: GraphQLSchema;
  readonly config: Pick<GatewayConfig, 'rateLimits' | 'concurrencyLimits' | 'limitStore'>;
  readonly stores: Pick<LimitStores, 'local' | 'shared'>;
  readonly after: Timer;
  readonly randomId: () => string;
  readonly onRefusal: TakingOptions['onRefusal'];
};

/** `isCounted` is the stage's own: whether the operation came to its budgets. */
export type LimitContext = RequestContext & LimitWait & { isCounted?: boolean };

type Faulty = { readonly errors?: readonly unknown[] | undefined };

/**
 * The limit stage: takes an operation's price, and what its fields count, from its budgets before it runs, and puts right what it really
 * took at its end. What was refused before is counted when it is answered.
 */
export function useLimit(options: LimitOptions): Plugin<object, LimitContext> {
  const { schema, config } = options;
  const limit = createLimiter({ ...options, ...takingOf(options), rules: config });
  const count = createCount(options);
  const findFields = createFindFields(countedFields(schema));
  const hasRules = config.rateLimits.length + config.concurrencyLimits.length > 0;

  async function admit(args: ExecutionArgs): Promise<undefined> {
    const context = args.contextValue as LimitContext;
    context.isCounted = true;
    const { charges, faults } = findFields?.(args) ?? NO_FIELDS;
    await limit(context, charges);
    for (const fault of faults) throw fault;
  }

  /** Who operates the gateway has no budget. */
  function before(args: ExecutionArgs): Promise<undefined> | undefined {
    const isFree = (!hasRules && !findFields) || (args.contextValue as RequestContext).byOperator === true;
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
      if (context.quota === undefined && !context.batch?.length) return;
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

/** What an operation selects of limited fields. */
type FoundFields = {
  /** One for each budget. */
  readonly charges: readonly Charge[];
  /** What is wrong with the arguments of one of them, where it is: those after it were not looked at. */
  readonly faults: readonly unknown[];
};

const NO_FIELDS: FoundFields = { charges: [], faults: [] };

/**
 * Limits of fields, by `@envelop/rate-limiter`: it finds the fields and their arguments, makes the identity of each, and asks its store
 * for it; that they are those of the chosen operation, also of subscriptions, is ours. Its stores are asked for one field after the other,
 * and read, add and write back, so that requests at the same time count as one: here what it asks for is put together, and
 * taken at once, with what rules take.
 *
 * @returns undefined where no field is limited
 */
function createFindFields(fields: readonly CountedField[]): ((args: ExecutionArgs) => FoundFields) | undefined {
  if (fields.length === 0) return undefined;
  /** By what the plugin tells them apart by. It looks through an operation without a pause: nobody else is in here meanwhile. */
  const identified = new Map<string, FieldCharge>();
  const asked = new Map<string, FieldCharge>();
  /** What the plugin takes for the schema: it keeps a cursor for each, which a fault leaves wherever it was. */
  let seen: GraphQLSchema | undefined;

  const plugin = useRateLimiter({
    identifyFn: () => '',
    // What the schema says was read already.
    rateLimitDirectiveName: 'none',
    store: {
      getForIdentity({ fieldIdentity }) {
        const id = idOf(fieldIdentity);
        const before = asked.get(id);
        const charge = before ? onceMore(before) : identified.get(id);
        if (charge) asked.set(id, charge);
        return [];
      },
      setForIdentity: () => undefined,
    },
    configByField: fields.map(({ type, field, rule }) => ({
      type,
      field,
      max: 1,
      window: '1s',
      identifyFn(context, args) {
        const charge = fieldCharge(rule, context as RequestContext, args);
        identified.set(idOf(charge.wanted.key), charge);
        return charge.wanted.key;
      },
    })),
  });

  return (args) => {
    const chosen = chosenOf(args);
    if (!chosen) return NO_FIELDS;
    const faults: unknown[] = [];
    seen ??= Object.create(args.schema) as GraphQLSchema;
    try {
      plugin.onExecute?.({
        args: { ...args, schema: seen, document: chosen.document, variableValues: chosen.variables },
        context: args.contextValue,
        setResultAndStopExecution: () => undefined,
      } as never);
    } catch (fault) {
      faults.push(fault);
      seen = undefined;
    }
    const charges = [...asked.values()];
    identified.clear();
    asked.clear();
    return { charges, faults };
  };
}

/** What stands at the end of a budget's key, and of the plugin's word for it, which begins with the field's name. */
function idOf(identity: string): string {
  return identity.slice(identity.lastIndexOf(':') + 1);
}
