/** Keys of a policy about who the gateway is to a source: credentials and TLS. */
import { z } from 'zod';
import { Secret } from './secret.ts';

const MAX_SECRET = 16_384;
/** Visible characters, spaces and tabs (RFC 9110 §5.5): a line break at the end of a secret is the usual mistake. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]+$/;

/** Names of headers, and of parameters as services write them. */
export const KEY_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~[\]-]{1,256}$/;

const hide = (text: string): Secret => new Secret(text);
const text = z.string().min(1).max(2048);
const secret = z.string().min(1).max(MAX_SECRET).transform(hide);
const sendable = z
  .string()
  .min(1)
  .max(MAX_SECRET)
  .regex(FIELD_VALUE, 'holds characters that cannot be sent: remove line breaks and control characters');
const token = sendable.regex(/^[\x21-\x7e]+$/, 'must be a token: visible ASCII characters without spaces');
const file = z.string().min(1).max(4096);

const tokenUrl = z
  .string()
  .max(2048)
  .refine(isTokenUrl, { error: 'must be an http(s) URL without a user and without a fragment' })
  .describe('Token endpoint of the authorization server.');

const client = {
  tokenUrl,
  clientId: text.describe('Name of the gateway at the authorization server.'),
  clientSecret: secret.describe('Its secret. Write it with ${ENV}.'),
  clientAuth: z
    .enum(['basic', 'post'])
    .default('basic')
    .describe('Where name and secret stand: in the Authorization header, or in the body (basic without this key).'),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, 'must be a scope: no spaces and no quotes'))
    .min(1)
    .max(100)
    .optional()
    .describe('Scopes that are asked for.'),
  audience: text.optional().describe('Who the token is for.'),
  refreshBeforeMs: z
    .int()
    .min(0)
    .max(3_600_000)
    .default(30_000)
    .describe('How long before its end a token is replaced, in ms, at most half of its life (30000 without this key).'),
};

const basicLogin = {
  username: z
    .string()
    .max(1024)
    .regex(/^[^:\p{Cc}]*$/u, 'must not hold a colon or control characters')
    .describe('Name.'),
  password: z
    .string()
    .max(MAX_SECRET)
    .regex(/^\P{Cc}*$/u, 'must not hold line breaks or control characters')
    .transform(hide)
    .describe('Password. Write it with ${ENV}.'),
};

const schemeName = z.string().min(1).max(2048);

/** What one security scheme of a contract wants: a key or token, name and password, or a client of an authorization server. */
const contractSecret = z.union([
  sendable.transform(hide),
  z.strictObject(basicLogin),
  z.strictObject({
    ...client,
    tokenUrl: tokenUrl
      .optional()
      .describe('Token endpoint; without it the contract’s own, where that is on a host of the source.'),
  }),
]);

export const auth = z
  .strictObject({
    apiKey: z
      .strictObject({
        in: z.enum(['header', 'query', 'cookie']).describe('Where the key stands.'),
        name: z
          .string()
          .regex(KEY_NAME, 'must be the name of a header, parameter or cookie')
          .describe('Name of the header, the parameter or the cookie.'),
        value: sendable.transform(hide).describe('The key. Write it with ${ENV}.'),
      })
      .optional()
      .describe('A key in a header or cookie, or in the query of REST and GraphQL sources.'),
    basic: z.strictObject(basicLogin).optional().describe('Name and password (RFC 7617).'),
    bearer: z
      .strictObject({ token: token.transform(hide).describe('The token. Write it with ${ENV}.') })
      .optional()
      .describe('A token that does not change (RFC 6750).'),
    oauth2ClientCredentials: z
      .strictObject(client)
      .optional()
      .describe('A token that the gateway gets for itself (RFC 6749 §4.4).'),
    tokenExchange: z
      .strictObject({
        ...client,
        subjectTokenType: text
          .default('urn:ietf:params:oauth:token-type:access_token')
          .describe('What the token of the client is (an access token without this key).'),
        requestedTokenType: text.optional().describe('What is asked for in exchange.'),
        maxTokens: z
          .int()
          .min(1)
          .max(100_000)
          .default(1000)
          .describe('Most tokens kept, one per token of a client (1000 without this key).'),
        maxAgeMs: z
          .int()
          .min(1000)
          .max(86_400_000)
          .default(300_000)
          .describe(
            'Longest time before a token of a client is exchanged anew, in ms, so that one that was withdrawn stops working (300000 without this key).',
          ),
      })
      .optional()
      .describe('The bearer token of the client’s request, exchanged for one of this source (RFC 8693).'),
    fromContract: z
      .record(schemeName, contractSecret)
      .refine((value) => Object.keys(value).length > 0 && Object.keys(value).length <= 20, {
        error: 'needs one to twenty security schemes',
      })
      .optional()
      .describe(
        'Secrets by the name of the security scheme in the OpenAPI contract, which says how each is sent and by which operations.',
      ),
    passThrough: z.literal(true).optional().describe('Sends the Authorization header of the client’s request on.'),
  })
  .refine((value) => Object.values(value).filter((scheme) => scheme !== undefined).length === 1, {
    error: 'needs exactly one scheme',
  });

export const tls = z
  .strictObject({
    caFile: file.optional().describe('Certificates (PEM) of who may sign the source’s, in place of the usual ones.'),
    certFile: file.optional().describe('Certificate (PEM) that the gateway shows, with those between it and the root.'),
    keyFile: file.optional().describe('Private key (PEM) of certFile.'),
    serverName: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,253}$/, 'must be a host name')
      .optional()
      .describe('Name that the source’s certificate must have, when it is not the address’s.'),
  })
  .refine((value) => (value.certFile === undefined) === (value.keyFile === undefined), {
    error: 'needs both certFile and keyFile, or neither',
  });

export type AuthPolicy = z.output<typeof auth>;
export type ClientPolicy = NonNullable<AuthPolicy['oauth2ClientCredentials']>;
export type ExchangePolicy = NonNullable<AuthPolicy['tokenExchange']>;
export type ContractSecrets = NonNullable<AuthPolicy['fromContract']>;
export type TlsPolicy = z.output<typeof tls>;

function isTokenUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, hash } = new URL(value);
  return /^https?:$/.test(protocol) && username === '' && password === '' && hash === '';
}
