import { GatewayError } from '../../errors.ts';
import type { Call, CallRule, ConnectorOptions } from '../connector.ts';
import { Upload } from '../upload.ts';

/** Most bytes of a request where nobody says otherwise. */
const DEFAULT_MAX_BYTES = 4_194_304;

type Sizes = Pick<ConnectorOptions, 'source' | 'policy' | 'maxRequestBytes'>;

/** Most bytes of one request to the source, without the files in it: what its policy says, else what holds for all sources. */
export function maxRequestBytesOf({ policy, maxRequestBytes = DEFAULT_MAX_BYTES }: Sizes): number {
  return policy.maxRequestBytes ?? maxRequestBytes;
}

/**
 * Protects the gateway from requests that are much larger than what their client sent: a document may use one variable many times.
 * What a call is made from is measured before anything is written, and not further than to the limit; transports measure
 * what they have written once more, see `refuseAbove`.
 *
 * Fails with LIMIT_REQUEST_SIZE, which names the field.
 */
export function createRequestSizeRule(options: Sizes): CallRule {
  const max = maxRequestBytesOf(options);
  return (next) => (call) => {
    const variables = call.selection ? [...call.selection.variables.values()] : [];
    return isLarger([call.args, variables], max) ? Promise.reject(tooLarge(call, max)) : next(call);
  };
}

/** @throws GatewayError LIMIT_REQUEST_SIZE when so many bytes are more than the call may send */
export function refuseAbove(options: Sizes, call: Call, bytes: number): void {
  const max = maxRequestBytesOf(options);
  if (bytes > max) throw tooLarge(call, max);
}

/** The bytes of what is written in pieces. What is no Buffer is a file, which has limits of its own. */
export function bytesIn(pieces: readonly unknown[]): number {
  return pieces.reduce((sum: number, piece) => sum + (Buffer.isBuffer(piece) ? piece.length : 0), 0);
}

/** Whether a value takes more than so many bytes, however it is written: texts take their length at least, all else something. */
export function isLarger(value: unknown, max: number): boolean {
  const open: unknown[] = [value];
  let size = 0;
  // One variable in a thousand places is as large as a thousand.
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    size += typeof at === 'string' || Buffer.isBuffer(at) ? at.length : 1;
    if (size > max) return true;
    if (typeof at !== 'object' || at === null || Buffer.isBuffer(at) || at instanceof Upload) continue;
    const inner: unknown[] = Array.isArray(at) ? at : Object.values(at);
    if (size + inner.length > max) return true;
    for (const each of inner) if (each !== undefined) open.push(each);
  }
  return false;
}

function tooLarge({ source, operation, coordinate = operation }: Call, max: number): GatewayError {
  const message = `${coordinate} would send more than ${max} bytes to its source at once: send less, or split it.`;
  return new GatewayError('LIMIT_REQUEST_SIZE', { source, message });
}
