import type { ClientPolicy } from '../../config/auth.ts';
import { createTokenEndpoint } from '../rest/token-endpoint.ts';
import { type CredentialDeps, type Credentials, fingerprint } from './credentials.ts';
import { createTokenSlot } from './token-slot.ts';
import { unlessAborted } from './waiting.ts';

/** A token that the gateway gets for itself (RFC 6749 §4.4), shared by all calls of the source. */
export function create(policy: ClientPolicy, deps: CredentialDeps): Credentials {
  const { source } = deps;
  const endpoint = createTokenEndpoint(deps, policy);
  const slot = createTokenSlot(deps, policy);
  const form = { grant_type: 'client_credentials', scope: policy.scopes?.join(' '), audience: policy.audience };
  const key = new Map([['authorization', `client ${fingerprint(policy)}`]]);
  const fetch = () => endpoint.request(form);
  return {
    headersFor: async ({ signal }) => {
      const token = await unlessAborted(slot.get(fetch), signal, source);
      return new Map([['authorization', `Bearer ${token.reveal()}`]]);
    },
    keyFor: () => key,
    query: '',
    rejected: (_call, sent) => slot.drop(sent.get('authorization')?.slice('Bearer '.length) ?? ''),
    [Symbol.asyncDispose]: () => endpoint[Symbol.asyncDispose](),
  };
}
