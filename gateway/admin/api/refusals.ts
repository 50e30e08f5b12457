import { GatewayError } from '../../errors.ts';
import { Refusal, type RefusalKind } from '../../registry/refusal.ts';
import { problem } from '../problem.ts';

const STATUS: Readonly<Record<RefusalKind, readonly [number, string]>> = {
  invalid: [422, 'Unprocessable Content'],
  score: [422, 'Unprocessable Content'],
  'unknown-source': [404, 'Not Found'],
  exists: [409, 'Conflict'],
  conflict: [409, 'Conflict'],
  breaking: [409, 'Conflict'],
  forbidden: [403, 'Forbidden'],
  'too-large': [413, 'Content Too Large'],
  unavailable: [503, 'Service Unavailable'],
};

/** A change that was not made, as a problem document; undefined for what is a fault of ours. */
export function refusalProblem(error: unknown): Response | undefined {
  if (error instanceof Refusal) {
    const [status, title] = STATUS[error.kind];
    return problem(status, title, error.message, { code: error.kind, ...error.details });
  }
  if (!(error instanceof GatewayError)) return undefined;
  if (error.code === 'BAD_REQUEST') return problem(422, 'Unprocessable Content', error.message, { code: 'invalid' });
  if (error.code === 'INTERNAL') return undefined;
  if (error.code === 'DRAINING')
    return problem(503, 'Service Unavailable', error.message, { code: 'unavailable' }, { 'retry-after': '1' });
  return problem(502, 'Bad Gateway', error.message, { code: 'unavailable' });
}
