import type { AuthPolicy } from '../../config/auth.ts';
import { type CredentialDeps, type Credentials, constantCredentials } from './credentials.ts';

/** A key in a header or in the query (OpenAPI 3.1, Security Scheme Object, `apiKey`). */
export function create(policy: NonNullable<AuthPolicy['apiKey']>, _deps: CredentialDeps): Credentials {
  const value = policy.value.reveal();
  return policy.in === 'header'
    ? constantCredentials(new Map([[policy.name.toLowerCase(), value]]))
    : constantCredentials(new Map(), `${encodeURIComponent(policy.name)}=${encodeURIComponent(value)}`);
}
