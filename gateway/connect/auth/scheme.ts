/** One security scheme of a contract with the secret that the policy has for it. */
import { type ContractSecrets, KEY_NAME } from '../../config/auth.ts';
import { Secret } from '../../config/secret.ts';
import { GatewayError } from '../../errors.ts';
import { isConnectionHeader } from '../../lib/header-fields.ts';
import * as apiKey from './api-key.ts';
import * as basic from './basic.ts';
import * as bearer from './bearer.ts';
import * as clientCredentials from './client-credentials.ts';
import type { SecurityScheme } from './contract-security.ts';
import type { CredentialDeps, Credentials } from './credentials.ts';

type SchemeDeps = CredentialDeps & {
  endpoints: readonly string[];
  /** Scopes that operations ask for, where the policy names none. */
  scopes: readonly string[];
};
type ContractSecret = ContractSecrets[string];

const PLACES = ['header', 'query', 'cookie'] as const;
/** What RFC 6750 §2.1 and RFC 9110 §5.5 let stand behind `Bearer`. */
const TOKEN = /^[\x21-\x7e]+$/;

/** Where a scheme's credential stands: two of one place cannot be sent together. */
export function placeOf(scheme: SecurityScheme | undefined): string {
  if (scheme?.type !== 'apiKey') return 'header authorization';
  return `${scheme.in} ${scheme.in === 'header' ? scheme.parameter.toLowerCase() : scheme.parameter}`;
}

/** @throws GatewayError SOURCE_UNAVAILABLE when the secret is not what the scheme takes; the message says what is */
export function createFromScheme(scheme: SecurityScheme, secret: ContractSecret, deps: SchemeDeps): Credentials {
  const { source } = deps;
  const refuse = (what: string): GatewayError =>
    new GatewayError('SOURCE_UNAVAILABLE', { source, message: `auth.fromContract.${scheme.name}: ${what}.` });
  switch (scheme.type) {
    case 'apiKey': {
      if (!(secret instanceof Secret)) throw refuse('the contract wants a key: give it as text');
      return apiKey.create({ ...keyPlace(scheme, refuse), value: secret }, deps);
    }
    case 'basic': {
      if (secret instanceof Secret || !('username' in secret)) throw refuse('the contract wants username and password');
      return basic.create(secret, deps);
    }
    case 'bearer':
    case 'oauth2': {
      if (secret instanceof Secret) {
        if (!TOKEN.test(secret.reveal())) throw refuse('a token has visible ASCII characters and no spaces');
        return bearer.create({ token: secret }, deps);
      }
      if (scheme.type === 'bearer' || !('clientId' in secret))
        throw refuse(`the contract wants a token${scheme.type === 'bearer' ? '' : ', or clientId and clientSecret'}`);
      const scopes = secret.scopes ?? (deps.scopes.length > 0 ? [...deps.scopes] : undefined);
      const tokenUrl = secret.tokenUrl ?? ownTokenUrl(scheme, deps.endpoints, refuse);
      return clientCredentials.create({ ...secret, tokenUrl, scopes }, deps);
    }
    case 'mutualTLS':
      throw refuse('a certificate is no secret of auth: name its files in tls.certFile and tls.keyFile');
    default:
      throw refuse(`the contract has it as ${scheme.said ?? scheme.type}, which is not known here`);
  }
}

type Refuse = (what: string) => GatewayError;

function keyPlace({ in: said, parameter }: SecurityScheme, refuse: Refuse) {
  const place = PLACES.find((each) => each === said);
  const isFit = KEY_NAME.test(parameter) && !(said === 'header' && isConnectionHeader(parameter.toLowerCase()));
  if (!place || !isFit) throw refuse('the contract has no place for a key that can be sent');
  return { in: place, name: parameter };
}

/** The contract's token endpoint where it is on a host of the source: a contract never decides who gets a secret. */
function ownTokenUrl({ tokenUrl }: SecurityScheme, endpoints: readonly string[], refuse: Refuse): string {
  if (tokenUrl === undefined) throw refuse('the contract names no token endpoint: set tokenUrl');
  const known = endpoints.filter((endpoint) => URL.canParse(endpoint)).map((endpoint) => new URL(endpoint));
  const [base] = known;
  const url = base && URL.canParse(tokenUrl, base) ? new URL(tokenUrl, base) : undefined;
  const isOwn = known.some(
    ({ hostname, protocol }) =>
      hostname === url?.hostname && (url.protocol === 'https:' || (url.protocol === 'http:' && protocol === 'http:')),
  );
  if (!url || !isOwn || url.username !== '' || url.hash !== '')
    throw refuse(
      'the token endpoint of the contract is on no host of the source: set tokenUrl to say that it is meant',
    );
  return url.href;
}
