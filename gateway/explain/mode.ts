import type { RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';

/** `plan` tells what an operation would do and runs nothing; `analyze` runs it and tells what it did. */
export type ExplainMode = 'plan' | 'analyze';

export const EXPLAIN_HEADER = 'x-tributary-explain';
export const FRESHNESS_HEADER = 'x-tributary-freshness';

/**
 * How the request asks to be explained; undefined when it does not.
 *
 * @param principals ids of those who may; `anonymous` stands for everybody without a name
 * @throws GatewayError BAD_REQUEST for another word than the two, FORBIDDEN for who may not
 */
export function explainMode(
  context: Pick<RequestContext, 'headers' | 'principal' | 'byOperator'>,
  principals: readonly string[],
): ExplainMode | undefined {
  const asked = context.headers.get(EXPLAIN_HEADER);
  if (asked === undefined) return undefined;
  if (asked !== 'plan' && asked !== 'analyze') {
    throw new GatewayError('BAD_REQUEST', { message: `Send ${EXPLAIN_HEADER}: plan, or ${EXPLAIN_HEADER}: analyze.` });
  }
  if (context.byOperator === true || principals.includes(context.principal.id)) return asked;
  const message = 'You may not have operations explained here: gateway.yaml names who may (explain.principals).';
  throw new GatewayError('FORBIDDEN', { message, status: 403 });
}

/** Whether the request asks which fields of its answer are stale. */
export function wantsFreshness({ headers }: Pick<RequestContext, 'headers'>): boolean {
  const asked = headers.get(FRESHNESS_HEADER);
  return asked !== undefined && asked !== 'false' && asked !== '0';
}
