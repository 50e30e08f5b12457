import { GatewayError } from '../../errors.ts';
import { isHeaderValue, nominatedBy } from '../../lib/header-fields.ts';
import type { Call } from '../connector.ts';
import type { CredentialDeps, Credentials } from './credentials.ts';

const NOTHING: ReadonlyMap<string, string> = new Map();

/**
 * The client's own Authorization header; none where the client sent none, or said that it is about its own connection (RFC 9110
 * §7.6.1).
 */
export function create(_policy: true, { source }: CredentialDeps): Credentials {
  const headersOf = ({ headers }: Call): ReadonlyMap<string, string> => {
    const value = headers.get('authorization');
    if (value === undefined || nominatedBy(headers.get('connection'))?.has('authorization')) return NOTHING;
    if (isHeaderValue(value)) return new Map([['authorization', value]]);
    const message = 'The Authorization header cannot be sent on: remove line breaks and control characters.';
    throw new GatewayError('BAD_REQUEST', { source, message });
  };
  return {
    headersFor: async (call) => headersOf(call),
    keyFor: headersOf,
    query: '',
    rejected: () => false,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
