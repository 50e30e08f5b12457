/** Keys of `identity` about bearer tokens: JWTs of known issuers (RFC 7519, RFC 9068), and tokens that only their issuer can read (RFC 7662). */
import { z } from 'zod';
import { Secret } from './secret.ts';

const text = z.string().min(1).max(2048);
const claim = z.string().min(1).max(512);
const milliseconds = (least: number, most: number) => z.int().min(least).max(most);
const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);

const url = z
  .string()
  .max(2048)
  .refine(isPlainUrl, { error: 'must be an http(s) URL without a user and without a fragment' });
const allowHttp = z
  .boolean()
  .default(false)
  .describe('Whether the address may be plain http outside of this machine, where whoever is between can lie.');
const timeoutMs = milliseconds(1, 60_000);

const claims = z
  .strictObject({
    id: claim.default('sub').describe('Claim that names the principal.'),
    tenant: claim.default('tenant').describe('Claim that names its tenant.'),
    roles: claim.default('roles').describe('Claim with its roles, a list.'),
    scopes: claim.default('scope').describe('Claim with its scopes, a list or text with spaces.'),
    keep: z.array(claim).max(50).default([]).describe('Further claims that rules may compare.'),
  })
  .prefault({})
  .describe('Which claims say what; dots reach into objects: `realm_access.roles`.');

const audience = z.array(text).min(1).max(20);
const idPrefix = (prefix: string) =>
  z
    .string()
    .regex(/^[\w.-]{1,64}:$/, 'must be a word and a colon')
    .refine((value) => !['key:', 'certificate:', 'proxy:'].includes(value), {
      error: 'is taken by another kind of proof',
    })
    .default(prefix)
    .describe('What ids of principals begin with, so that nobody is taken for somebody of another issuer.');

const HMAC = ['HS256', 'HS384', 'HS512'] as const;
const SIGNATURES = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const),
] as const;
/** Least length of a secret in bytes: as long as the hash (RFC 7518 §3.2). */
const SECRET_BYTES = { HS256: 32, HS384: 48, HS512: 64 } as const;

export const jwt = z
  .strictObject({
    issuer: text.describe('The claim iss of its tokens.'),
    audience: audience.describe('The gateway’s own names: a token has to be meant for one of them (aud).'),
    jwksUrl: url.optional().describe('Where the issuer publishes its keys (RFC 7517).'),
    jwksFile: z.string().min(1).max(4096).optional().describe('A file with its keys, in place of jwksUrl.'),
    secret: z
      .string()
      .max(1024)
      .transform((value) => new Secret(value))
      .optional()
      .describe('A secret shared with the issuer, for HS256, HS384 and HS512. Write it with ${ENV}.'),
    allowHttp,
    algorithms: z
      .array(z.enum([...HMAC, ...SIGNATURES]))
      .min(1)
      .optional()
      .describe('Algorithms that are accepted: RS256, PS256, ES256 and EdDSA without this key, HS256 with a secret.'),
    type: text.optional().describe('What the header typ has to say, for example at+jwt (RFC 9068).'),
    clockSkewMs: milliseconds(0, 300_000).default(5000).describe('How far clocks may differ, in ms.'),
    refreshMs: milliseconds(1000, 86_400_000).default(600_000).describe('How often the keys are read anew, in ms.'),
    cooldownMs: milliseconds(100, 3_600_000)
      .default(30_000)
      .describe('Least time between two readings because of a key that is not known, or after a failure, in ms.'),
    timeoutMs: timeoutMs.default(5000).describe('Longest time of one reading, in ms.'),
    keepMs: milliseconds(0, 86_400_000)
      .default(300_000)
      .describe('Longest time before a token is verified anew, in ms: a key that was withdrawn is refused by then.'),
    idPrefix: idPrefix('jwt:'),
    claims,
  })
  .superRefine((provider, context) => {
    const { jwksUrl, jwksFile, secret, algorithms, allowHttp: isAllowed } = provider;
    const fault = (path: string, message: string): void =>
      void context.addIssue({ code: 'custom', path: [path], message });
    const keys = [jwksUrl, jwksFile, secret].filter((each) => each !== undefined);
    if (keys.length !== 1) fault('jwksUrl', 'needs exactly one of jwksUrl, jwksFile and secret');
    if (jwksUrl !== undefined && !isSafe(jwksUrl, isAllowed)) fault('jwksUrl', 'must be https, or have allowHttp');
    for (const name of algorithms ?? []) {
      const isHmac = HMAC.some((each) => each === name);
      // With both families accepted, a public key could be used as a secret.
      if (isHmac && secret === undefined) fault('algorithms', `${name} goes with a secret only`);
      if (!isHmac && secret !== undefined) fault('algorithms', `${name} does not go with a secret`);
    }
    const wanted = HMAC.filter((name) => (algorithms ?? ['HS256']).includes(name)).map((name) => SECRET_BYTES[name]);
    const least = Math.max(0, ...wanted);
    if (secret !== undefined && Buffer.byteLength(secret.reveal()) < least)
      fault('secret', `must be at least ${least} bytes long`);
  });

export const introspection = z
  .strictObject({
    url: url.describe('Introspection endpoint of the authorization server.'),
    clientId: text.describe('Name of the gateway at the authorization server.'),
    clientSecret: z
      .string()
      .min(1)
      .max(16_384)
      .transform((value) => new Secret(value))
      .describe('Its secret. Write it with ${ENV}.'),
    allowHttp,
    audience: audience.optional().describe('The gateway’s own names: a token has to be meant for one of them (aud).'),
    timeoutMs: timeoutMs.default(2000).describe('Longest time of one question, in ms.'),
    keepMs: milliseconds(0, 3_600_000)
      .default(60_000)
      .describe('Longest time before a token that is active is asked about again, in ms: never beyond its exp.'),
    keepRefusedMs: milliseconds(0, 3_600_000).default(5000).describe('The same for a token that is not, in ms.'),
    maxConcurrent: z.int().min(1).max(10_000).default(64).describe('Most questions at a time.'),
    maxPerAddress: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe(
        'Most of them for one address, of IPv6 for one /64, so that none takes all places; without this key a quarter of maxConcurrent, at least 1.',
      ),
    idPrefix: idPrefix('token:'),
    claims,
  })
  .refine(({ url: address, allowHttp: isAllowed }) => isSafe(address, isAllowed), {
    path: ['url'],
    error: 'must be https, or have allowHttp',
  });

export type JwtProvider = z.output<typeof jwt>;
export type IntrospectionProvider = z.output<typeof introspection>;
export type ClaimNames = z.output<typeof claims>;

/** The algorithms a provider accepts. */
export function algorithmsOf({ algorithms, secret }: Pick<JwtProvider, 'algorithms' | 'secret'>): readonly string[] {
  return algorithms ?? (secret === undefined ? ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'] : ['HS256']);
}

function isPlainUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, hash } = new URL(value);
  return /^https?:$/.test(protocol) && username === '' && password === '' && hash === '';
}

function isSafe(value: string, allowed: boolean): boolean {
  const { protocol, hostname } = new URL(value);
  return protocol === 'https:' || allowed || isLoopback(hostname);
}
