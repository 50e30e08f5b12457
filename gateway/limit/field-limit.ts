import { useRateLimiter } from '@envelop/rate-limiter';
import type { ExecutionArgs } from 'graphql';
import type { RequestContext } from '../context.ts';
import type { GatewayError } from '../errors.ts';
import { shareOfPoints } from './charges.ts';
import { chosenOf } from './chosen.ts';
import { budgetOf, type CountedField } from './field-rules.ts';
import { type Standing, standingOf } from './gcra.ts';
import { fieldRefusal } from './refusal.ts';
import type { WantedPoints } from './store.ts';
import type { TakingOptions } from './taking.ts';

/** One field where it stands, until the plugin has come to its verdict. */
type AskedField = { readonly coordinate: string; readonly wanted: WantedPoints; refusal?: GatewayError };

/**
 * Limits of fields, by `@envelop/rate-limiter`: it finds the fields and their arguments; that they are those of the chosen operation,
 * also of subscriptions, and what a refusal looks like is ours. Its stores read, add and write back, so that requests at the same time
 * count as one: here the one question it asks takes the point, and the answer is what makes it come to our verdict.
 *
 * @returns undefined where no field is limited. What it returns throws GatewayError RATE_LIMITED with the field and when to come back.
 */
export function createFieldLimit(
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

/** What stands behind the field's name in the plugin's word for one budget. */
function idOf(fieldIdentity: string): string {
  return fieldIdentity.slice(fieldIdentity.indexOf(':') + 1);
}
