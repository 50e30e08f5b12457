import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { GatewayConfig } from '../config/schema.ts';
import type { RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';
import { extendAnswer } from '../execute/compiled/answer.ts';
import type { Explained } from '../execute/explain.ts';
import type { Insight } from '../execute/insight.ts';
import { isAsyncIterable, throughSteps } from '../lib/iterables.ts';
import { explainMode, wantsFreshness } from './mode.ts';

export type ExplainOptions = {
  readonly insight: Insight;
  readonly config: Pick<GatewayConfig, 'explain'>;
};

/** The explain stage: `extensions.explain` in place of running an operation or after it, and `extensions.freshness`, where asked for. */
export function useExplain({ insight, config }: ExplainOptions): Plugin<object, RequestContext> {
  const { principals } = config.explain;
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const context = args.contextValue as unknown as RequestContext;
      const mode = explainMode(context, principals);
      const tellsFreshness = wantsFreshness(context);
      if (mode === 'plan')
        setExecuteFn((asked) => ({ data: null, extensions: { explain: insight.explain(of(asked)) } }));
      else if (mode === 'analyze' || tellsFreshness) {
        context.isWatched = true;
        setExecuteFn((asked) => {
          const add = (result: ExecutionResult): ExecutionResult => {
            const extensions = {
              ...result.extensions,
              ...(mode && { explain: withOutcome(insight.explainRun(of(asked), context), context) }),
              ...(tellsFreshness && { freshness: { stale: insight.staleFields(context), ...staleAnswer(context) } }),
            };
            return extendAnswer(result, { extensions });
          };
          return through(executeFn(asked), add);
        });
      }
    },

    onSubscribe({ args, setSubscribeFn }) {
      const mode = explainMode(args.contextValue as unknown as RequestContext, principals);
      if (mode === undefined) return;
      if (mode === 'analyze') {
        throw new GatewayError('BAD_REQUEST', { message: 'A subscription has no end to be analyzed at: send plan.' });
      }
      setSubscribeFn((asked) => ({ data: null, extensions: { explain: insight.explain(of(asked)) } }));
    },
  };
}

/** What the cache of whole answers did, beside what it might have done. */
function withOutcome(explained: Explained, { cached }: Pick<RequestContext, 'cached'>): object {
  if (!cached || !explained.cache) return explained;
  const { outcome, reason, ageMs } = cached;
  return { ...explained, cache: { ...explained.cache, outcome, reason, ...(ageMs !== undefined && { ageMs }) } };
}

/** A whole answer that was given past its age. */
function staleAnswer({ cached }: Pick<RequestContext, 'cached'>): object {
  return cached?.outcome === 'stale' ? { answer: { reason: cached.reason, ageMs: cached.ageMs } } : {};
}

function of({ document, operationName, variableValues: variables, contextValue }: ExecutionArgs) {
  return { document, operationName, variables, denied: (contextValue as RequestContext).grants?.denied };
}

/** Adds to the result; of one that comes in parts to the last, when all calls were made. */
function through(result: unknown, add: (result: ExecutionResult) => ExecutionResult): unknown {
  if (result instanceof Promise) return result.then((settled: unknown) => through(settled, add));
  if (!isAsyncIterable(result)) return add(result as ExecutionResult);
  const map = (part: unknown): unknown =>
    (part as { hasNext?: boolean }).hasNext === true ? part : add(part as ExecutionResult);
  const recover = (error: unknown) => ({ errors: [error], hasNext: false });
  return throughSteps(result, { map, recover, end: () => undefined });
}
