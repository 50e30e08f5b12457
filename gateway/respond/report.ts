/** Gives answers their public form and tells about each operation once, whichever way it came in and goes out. */
import type { RequestContext } from '../context.ts';
import { type Closable, throughSteps } from '../lib/iterables.ts';
import { countCalls } from '../observe/calls.ts';
import type { Events } from '../observe/events.ts';
import { type AnswerError, maskResult, type Payload } from './answer.ts';

export type ReportOptions = {
  /** Id of the generation that answers. */
  readonly generation: string;
  readonly events: Pick<
    Events,
    | 'operationStarted'
    | 'operationFinished'
    | 'answerCached'
    | 'unknownError'
    | 'streamBegun'
    | 'payloadGiven'
    | 'streamEnded'
  >;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** `errors` and `inParts` are the stage's own: what its last word reports. */
export type ReportContext = RequestContext & { errors?: readonly AnswerError[]; parts?: number };

export type Reporter = {
  begin(context: ReportContext): void;
  /** The answer in its public form. */
  answer(result: Payload, context: ReportContext): Payload;
  /** The same for an answer in parts, with `finish` at its end: after the last part, or as soon as the client has gone. */
  answerInParts(results: AsyncIterable<Payload>, context: ReportContext): Closable<Payload>;
  /** Reports the operation; answers that come in parts do it by themselves. */
  finish(context: ReportContext): void;
};

export function createReporter({ generation, events, now }: ReportOptions): Reporter {
  function mask(result: Payload, context: ReportContext): { result: Payload; errors: readonly AnswerError[] } {
    const masked = maskResult(result, context);
    const operationName = context.operation?.name;
    for (const error of masked.unknown) {
      events.unknownError({ requestId: context.requestId, error, ...(operationName && { operationName }) });
    }
    return masked;
  }

  function finish(context: ReportContext): void {
    if (context.cached) events.answerCached(context.cached);
    events.operationFinished({
      requestId: context.requestId,
      operationName: context.operation?.name || undefined,
      kind: context.operation?.kind ?? 'unknown',
      ms: now() - context.startedAt,
      calls: countCalls(context.calls) + context.pastCalls,
      errors: context.errors ?? [],
      generation,
      payloads: context.parts,
      cache: context.cached?.outcome,
    });
  }

  return {
    begin(context) {
      context.errors = [];
      events.operationStarted();
    },

    answer(result, context) {
      const masked = mask(result, context);
      context.errors = masked.errors;
      return masked.result;
    },

    answerInParts(results, context) {
      const { gone } = context;
      /** One of each kind: there may be many, and they may come for long. */
      const seen = new Map<string, AnswerError>();
      context.parts = 0;
      events.streamBegun();
      function give(part: Payload): Payload {
        const { result, errors } = mask(part, context);
        for (const error of errors) seen.set(`${error.code} ${error.source ?? ''}`, error);
        context.parts = (context.parts ?? 0) + 1;
        events.payloadGiven({ kind: context.operation?.kind ?? 'unknown', errors });
        return result;
      }
      const answer = throughSteps(results, {
        map: give,
        recover: (error) => give({ errors: [error as never], hasNext: false }),
        end() {
          gone.removeEventListener('abort', leave);
          // Leaving is how a subscription ends; everything else is left unfinished.
          if (gone.aborted && context.operation?.kind !== 'subscription') seen.set('', { code: 'CLIENT_CLOSED' });
          context.errors = [...seen.values()];
          events.streamEnded();
          finish(context);
        },
      });
      const leave = (): void => void answer.return();
      if (gone.aborted) leave();
      else gone.addEventListener('abort', leave, { once: true });
      return answer;
    },

    finish,
  };
}
