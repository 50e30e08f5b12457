import type { AuthPolicy } from '../../config/auth.ts';
import { type CredentialDeps, type Credentials, constantCredentials } from './credentials.ts';

/** A key in a header, a cookie or the query (OpenAPI 3.1, Security Scheme Object, `apiKey`). */
export function create(policy: NonNullable<AuthPolicy['apiKey']>, _deps: CredentialDeps): Credentials {
  const value = policy.value.reveal();
  if (policy.in === 'header') return constantCredentials(new Map([[policy.name.toLowerCase(), value]]));
  if (policy.in === 'cookie') return constantCredentials(new Map([['cookie', `${policy.name}=${cookieText(value)}`]]));
  return constantCredentials(new Map(), `${encodeURIComponent(policy.name)}=${encodeURIComponent(value)}`);
}

/** What has no place in a cookie (RFC 6265 §4.1.1) is percent-encoded, as services that write such cookies do. */
function cookieText(value: string): string {
  return value.replace(/[^\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]/g, encodeURIComponent);
}
