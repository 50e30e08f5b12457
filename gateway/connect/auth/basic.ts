import type { AuthPolicy } from '../../config/auth.ts';
import { type CredentialDeps, type Credentials, constantCredentials } from './credentials.ts';

/** Name and password, in UTF-8 (RFC 7617 §2). */
export function create(policy: NonNullable<AuthPolicy['basic']>, _deps: CredentialDeps): Credentials {
  const text = `${policy.username}:${policy.password.reveal()}`;
  return constantCredentials(new Map([['authorization', `Basic ${Buffer.from(text).toString('base64')}`]]));
}
