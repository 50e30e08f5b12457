import type { Plugin } from 'graphql-yoga';
import { sealAnswer } from '../execute/compiled/answer.ts';
import { isAsyncIterable } from '../lib/iterables.ts';
import { countCalls } from '../observe/calls.ts';
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
      if (Array.isArray(result)) {
        const items = (context.batch ?? []) as ReportContext[];
        // Each operation of a list is reported by itself; the first was begun with the request.
        for (const item of items.slice(1)) reporter.begin(item);
        return setResult(result.map((each: Payload, index) => reporter.answer(each, items[index] ?? context)) as never);
      }
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
      if (!context.batch?.length && context.passedHeads === undefined) {
        response.headers.set('x-tributary-calls', String(countCalls(context.calls)));
        return reporter.finish(context);
      }
      const operations = (context.batch?.length ? context.batch : [context]) as ReportContext[];
      const calls = operations.reduce((sum, each) => sum + countCalls(each.calls), 0);
      response.headers.set('x-tributary-calls', String(calls));
      const heads = operations.flatMap(({ passedHeads }) => passedHeads ?? []);
      const hasFailed = operations.some(({ errors = [] }) => errors.length > 0);
      for (const [name, value] of passedHeaders(heads, hasFailed)) {
        // What the gateway says itself is stronger.
        if (name === 'set-cookie') response.headers.append(name, value);
        else if (!response.headers.has(name)) response.headers.set(name, value);
      }
      for (const each of operations) reporter.finish(each);
    },
  };
}
