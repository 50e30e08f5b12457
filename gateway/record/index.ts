import type { ExecutionArgs } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { RequestContext } from '../context.ts';
import type { Recorder } from './recorder.ts';

/** The record stage: notes every operation that is about to run, whatever answers it. What operators look at is not in use by that. */
export function useRecord(record: Recorder): Plugin<object, RequestContext> {
  function note({ args }: { args: ExecutionArgs }): void {
    const { schema, document, operationName, contextValue } = args;
    const { operation, headers, byOperator } = contextValue as RequestContext;
    if (operation === undefined || byOperator === true) return;
    record({ schema, document, operationName: operationName ?? undefined, operation, headers });
  }
  return {
    onExecute: (payload) => note(payload as unknown as { args: ExecutionArgs }),
    onSubscribe: (payload) => note(payload as unknown as { args: ExecutionArgs }),
  };
}
