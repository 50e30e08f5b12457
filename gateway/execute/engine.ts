import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { RequestContext } from '../context.ts';
import { answerOf } from './compiled/answer.ts';
import type { ExecuteCompiled } from './compiled/executor.ts';
import type { Refusal } from './compiled/refusals.ts';

type Result = ExecutionResult | AsyncIterable<unknown>;
/** An executor as GraphQL Yoga and Envelop know them. */
export type Execute = (args: ExecutionArgs) => Result | Promise<Result>;

/**
 * The compiled executor in an executor's form: what it refuses the reference executor runs.
 *
 * @param onRefusal told why, but for requests that are at fault
 */
export function createEngine(
  executeCompiled: ExecuteCompiled,
  onRefusal: (reason: Refusal) => void,
): (args: ExecutionArgs, reference: Execute) => ReturnType<Execute> {
  return (args, reference) => {
    const { document, operationName, variableValues: variables, schema } = args;
    const context = args.contextValue as RequestContext;
    // What is denied is no part of the plan, which only the reference executor leaves out.
    if (context.grants?.denied) return refer('denied', args, reference);
    const outcome = executeCompiled({ document, operationName, variables, context, schema });
    if (outcome instanceof Promise) return outcome.then(answerOf);
    if (!('refused' in outcome)) return answerOf(outcome);
    return refer(outcome.refused, args, reference);
  };

  function refer(reason: Refusal, args: ExecutionArgs, reference: Execute): ReturnType<Execute> {
    if (reason !== 'request') onRefusal(reason);
    return reference(args);
  }
}
