import type { AuthPolicy } from '../../config/auth.ts';
import * as apiKey from './api-key.ts';
import * as basic from './basic.ts';
import * as bearer from './bearer.ts';
import * as clientCredentials from './client-credentials.ts';
import type { CredentialDeps, Credentials } from './credentials.ts';
import * as fromContract from './from-contract.ts';
import * as passThrough from './pass-through.ts';
import * as tokenExchange from './token-exchange.ts';

/** The credentials that a policy's `auth` names, by what the contract says where the policy leaves it to it; undefined without one. Whoever makes them disposes of them. */
export function createCredentials(
  policy: AuthPolicy | undefined,
  deps: CredentialDeps & { contract: fromContract.ContractDeps },
): Credentials | undefined {
  if (policy?.apiKey) return apiKey.create(policy.apiKey, deps);
  if (policy?.basic) return basic.create(policy.basic, deps);
  if (policy?.bearer) return bearer.create(policy.bearer, deps);
  if (policy?.oauth2ClientCredentials) return clientCredentials.create(policy.oauth2ClientCredentials, deps);
  if (policy?.tokenExchange) return tokenExchange.create(policy.tokenExchange, deps);
  if (policy?.fromContract) return fromContract.create(policy.fromContract, deps);
  return policy?.passThrough ? passThrough.create(policy.passThrough, deps) : undefined;
}
