import { type ExecutionArgs, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';
import { asksForParts } from '../execute/in-parts.ts';
import type { AskedKeeping, Insight } from '../execute/insight.ts';
import { headersText } from '../execute/observed.ts';
import { isPlainJson, stableStringify } from '../lib/json.ts';
import { createFlights, type Run } from './flights.ts';

export type ShareOptions = {
  readonly insight: Pick<Insight, 'keeping'>;
  /** Whether all resolvers are ours, so that it is known what an operation can observe of its request. */
  readonly hasOwnResolvers: () => boolean;
  readonly isEnabled: boolean;
  /** Told of each operation that joins another. */
  readonly onJoined: () => void;
};

/** Most operations under way that others may join. */
const MAX_FLIGHTS = 10_000;
const NOBODY = '["",""]';

/**
 * The share stage: equal queries that are under way at the same time run once. Equal are those of one plan that send the same variables
 * and the same of the headers that calls send on, for callers who are granted the same; a caller's own id or trace header does
 * not keep them apart. Rules that look at what sources answer, explained runs, mutations and streams are never shared, and
 * what is under way when a mutation ends is joined by nobody any more.
 */
export function useShare({
  insight,
  hasOwnResolvers,
  isEnabled,
  onJoined,
}: ShareOptions): Plugin<object, RequestContext> {
  const flights = createFlights({ max: MAX_FLIGHTS, onJoined });
  const numbers = new WeakMap<object, number>();
  let plans = 0;

  function numberOf(keeping: object): number {
    let number = numbers.get(keeping);
    if (number === undefined) {
      plans += 1;
      number = plans;
      numbers.set(keeping, number);
    }
    return number;
  }

  /** Undefined where it runs by itself. */
  function keyOf({
    document,
    operationName,
    variableValues: variables,
    contextValue,
  }: ExecutionArgs): string | undefined {
    const { grants, headers, principal, isWatched } = contextValue as RequestContext;
    if (!grants?.isShared || grants.denied || isWatched) return undefined;
    const asked = whatIsKept({ document, operationName, variables });
    if (!asked) return undefined;
    const { keeping, variables: values } = asked;
    if (keeping.never !== undefined || keeping.sources.length === 0 || !isPlainJson(values)) return undefined;
    const own = keeping.privateAt === undefined ? '' : principal.id;
    // Each of the three is JSON, which says itself where it ends.
    const whose = own === '' && grants.key === '' ? NOBODY : JSON.stringify([own, grants.key]);
    return `${numberOf(keeping)} ${whose}${headersText(keeping.headers, headers)}${textOf(values)}`;
  }

  function textOf(values: Readonly<Record<string, unknown>>): string {
    return Object.keys(values).length === 0 ? '{}' : stableStringify(values);
  }

  function whatIsKept(asked: Parameters<Insight['keeping']>[0]): AskedKeeping | undefined {
    try {
      return insight.keeping(asked);
    } catch (error) {
      // Whoever executes it says so to the client.
      if (error instanceof GatewayError) return undefined;
      throw error;
    }
  }

  return {
    onExecute({ args: { document, operationName }, executeFn, setExecuteFn }) {
      const kind = getOperationAST(document, operationName)?.operation;
      if (!isEnabled || kind === undefined || !hasOwnResolvers()) return;
      setExecuteFn((args: ExecutionArgs) => {
        if (kind === 'mutation') return thenPart(executeFn(args));
        const key = asksForParts(args.document) ? undefined : keyOf(args);
        if (key === undefined) return executeFn(args);
        const run: Run = (contextValue) => executeFn({ ...args, contextValue }) as ReturnType<Run>;
        return flights.share(key, args.contextValue as RequestContext, run);
      });
    },
  };

  function thenPart(result: unknown): unknown {
    flights.part();
    return result instanceof Promise ? result.finally(flights.part) : result;
  }
}
