import type { HeaderPassing, PassedHead, RequestContext } from '../context.ts';
import { type AskedCall, type CallLimits, countCall } from './limits.ts';

export type AskOptions = {
  readonly limits: CallLimits;
  /** What policies pass on of the headers of answers; undefined where none does. */
  readonly passingOf: ((source: string, operation: string) => HeaderPassing | undefined) | undefined;
};

/**
 * Notes that a field asks for a call, before it is made.
 *
 * @returns where the headers of its answer go; undefined where no policy passes any on
 * @throws GatewayError LIMIT_CALLS when it is one too many
 */
export type Ask = (context: Pick<RequestContext, 'asked' | 'passedHeads'>, call: AskedCall) => PassedHead | undefined;

export function createAsk({ limits, passingOf }: AskOptions): Ask {
  return (context, call) => {
    countCall(context, call, limits);
    if (!passingOf) return undefined;
    const head: PassedHead = { passing: passingOf(call.source, call.operation) };
    context.passedHeads ??= [];
    context.passedHeads.push(head);
    return head;
  };
}
