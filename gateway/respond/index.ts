import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { RequestContext } from '../context.ts';
import type { Events } from '../observe/events.ts';
import type { AnswerError } from './answer.ts';
import { maskResult } from './answer.ts';

export type RespondOptions = {
  /** Id of the generation that answers. */
  readonly generation: string;
  readonly events: Pick<Events, 'operationStarted' | 'operationFinished' | 'unknownError'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** `errors` is the stage's own: what its last hook reports. */
type RespondContext = RequestContext & { errors?: readonly AnswerError[] };

/** The respond stage: masks errors, sets `x-request-id` and `x-tributary-calls`, reports one operation. */
export function useRespond({ generation, events, now }: RespondOptions): Plugin<object, RespondContext> {
  return {
    onRequest({ serverContext }) {
      serverContext.errors = [];
      events.operationStarted();
    },

    onResultProcess({ result, setResult, serverContext: context }) {
      const masked = maskResult(result as ExecutionResult, context);
      const operationName = context.operation?.name;
      for (const error of masked.unknown) {
        events.unknownError({ requestId: context.requestId, error, ...(operationName && { operationName }) });
      }
      context.errors = masked.errors;
      setResult(masked.result);
    },

    onResponse({ response, serverContext: context }) {
      // A page or an unknown path: the request never became an operation.
      if (context.errors === undefined) return;
      response.headers.set('x-request-id', context.requestId);
      response.headers.set('x-tributary-calls', String(context.calls.length));
      events.operationFinished({
        requestId: context.requestId,
        operationName: context.operation?.name || undefined,
        kind: context.operation?.kind ?? 'unknown',
        ms: now() - context.startedAt,
        calls: context.calls.length,
        errors: context.errors,
        generation,
      });
    },
  };
}
