import { GatewayError } from '../../errors.ts';
import type { Abortable } from '../../lib/ending.ts';

/**
 * Why an aborted call ended: the error it was aborted with, DEADLINE_EXCEEDED when a time limit did it, CLIENT_CLOSED otherwise.
 *
 * @param signal an aborted signal
 */
export function abortFault(signal: Abortable, source: string): GatewayError {
  const { reason } = signal;
  if (reason instanceof GatewayError) return reason;
  const code = reason instanceof Error && reason.name === 'TimeoutError' ? 'DEADLINE_EXCEEDED' : 'CLIENT_CLOSED';
  return new GatewayError(code, { source, cause: reason });
}
