import type { AuthPolicy } from '../../config/auth.ts';
import { type CredentialDeps, type Credentials, constantCredentials } from './credentials.ts';

/** A token that does not change (RFC 6750 §2.1). */
export function create(policy: NonNullable<AuthPolicy['bearer']>, _deps: CredentialDeps): Credentials {
  return constantCredentials(new Map([['authorization', `Bearer ${policy.token.reveal()}`]]));
}
