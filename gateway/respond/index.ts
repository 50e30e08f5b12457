import type { Plugin } from 'graphql-yoga';
import { countCalls } from '../context.ts';
import { sealAnswer } from '../execute/compiled/answer.ts';
import { isAsyncIterable } from '../lib/iterables.ts';
import type { Payload } from './answer.ts';
import { passedHeaders } from './headers.ts';
import type { ReportContext, Reporter } from './report.ts';

/** The respond stage: masks errors, sets `x-request-id`, `x-tributary-calls` and what policies pass on, reports one operation. */
export function useRespond(reporter: Reporter): Plugin<object, ReportContext> {
  return {
    onRequest({ serverContext }) {
      reporter.begin(serverContext);
    },

    onResultProcess({ result, setResult, resultProcessor, serverContext: context }) {
      if (!isAsyncIterable(result)) return setResult(sealAnswer(reporter.answer(result as Payload, context)));
      const answer = reporter.answerInParts(result as AsyncIterable<Payload>, context);
      setResult(answer as AsyncIterable<never>);
      // Nobody would ever read it: the client takes no answer in parts.
      if (resultProcessor === undefined) void answer.return();
    },

    onResponse({ response, serverContext: context }) {
      // A page or an unknown path: the request never became an operation.
      if (context.errors === undefined) return;
      response.headers.set('x-request-id', context.requestId);
      // How many there will be is not known yet.
      if (context.parts !== undefined) return;
      response.headers.set('x-tributary-calls', String(countCalls(context.calls)));
      for (const [name, value] of passedHeaders(context.passedHeads ?? [], context.errors.length > 0)) {
        // What the gateway says itself is stronger.
        if (name === 'set-cookie') response.headers.append(name, value);
        else if (!response.headers.has(name)) response.headers.set(name, value);
      }
      reporter.finish(context);
    },
  };
}
