import type { RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';

/**
 * The error in the place of what is not for who asks. It names what the client asked for, and nothing of why.
 *
 * @param what a coordinate: `Type.field`, or a type
 */
export function forbidden(what: string, { principal }: Pick<RequestContext, 'principal'>): GatewayError {
  const advice = principal.kind === 'anonymous' ? 'show who you are' : 'ask for the permission';
  return new GatewayError('FORBIDDEN', { message: `${what} is not for you: leave it out, or ${advice}.` });
}
