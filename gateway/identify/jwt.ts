/** Tokens that prove themselves: JWTs (RFC 7519) of the issuers that configuration names, and of nobody else. */
import { readFile } from 'node:fs/promises';
import { decodeJwt, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import { algorithmsOf, type JwtProvider } from '../config/tokens.ts';
import type { CheckedToken } from './checked-token.ts';
import { readClaims } from './claims.ts';
import { createTextEndpoint, type TextEndpoint } from './fetch-text.ts';
import { createKeySet, type FindKey } from './key-set.ts';
import { createPrincipal } from './principal.ts';
import { cannotCheck, type Refuse } from './refusal.ts';

export type JwtOptions = {
  readonly refuse: Refuse;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told when keys could not be read anew and older ones go on. */
  readonly onFault: (error: unknown) => void;
};

/** One issuer. */
export type JwtIssuer = {
  readonly issuer: string;
  /** @throws GatewayError UNAUTHENTICATED, SOURCE_UNAVAILABLE when its keys cannot be had */
  check(token: string): Promise<CheckedToken>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** The issuer that a token says it is of, which proves nothing yet; undefined for what is no JWT. */
export function issuerOf(token: string): string | undefined {
  try {
    const { iss } = decodeJwt(token);
    return iss ?? '';
  } catch {
    return undefined;
  }
}

/** Several keys without a name may fit: no more than so many are tried. */
const MAX_TRIED = 4;

/** Prepares checking tokens of one issuer: signature, algorithm, issuer, audience, time. What the token itself says decides none of it. */
export function createJwtIssuer(provider: JwtProvider, { refuse, now, onFault }: JwtOptions): JwtIssuer {
  const { issuer, audience, secret, clockSkewMs, keepMs, type, idPrefix, claims } = provider;
  const endpoint = endpointOf(provider, now);
  const key = secret ? new TextEncoder().encode(secret.reveal()) : keysOf(provider, endpoint, { now, onFault });
  const rules: JWTVerifyOptions = {
    issuer,
    audience,
    algorithms: [...algorithmsOf(provider)],
    clockTolerance: clockSkewMs / 1000,
    requiredClaims: ['exp'],
    ...(type !== undefined && { typ: type }),
  };
  return {
    issuer,
    async check(token) {
      let payload: JWTPayload;
      try {
        payload = await verify(token, key, { ...rules, currentDate: new Date(now()) });
      } catch (cause) {
        if (!(cause instanceof errors.JOSEError)) throw cannotCheck(cause);
        throw refuse({ scheme: 'Bearer', error: 'invalid_token', description: sentenceOf(cause), cause });
      }
      const claimed = readClaims(payload, claims);
      if (!claimed) {
        const description = 'The token does not say whose it is';
        throw refuse({ scheme: 'Bearer', error: 'invalid_token', description, cause: `no claim ${claims.id}` });
      }
      const expiresAt = (payload.exp ?? 0) * 1000 + clockSkewMs;
      const principal = createPrincipal({ kind: 'jwt', prefix: idPrefix, ...claimed, expiresAt });
      return { principal, boundTo: payload['cnf'], until: Math.min(expiresAt, now() + keepMs) };
    },
    [Symbol.asyncDispose]: async () => await endpoint?.[Symbol.asyncDispose](),
  };
}

function endpointOf({ jwksUrl, timeoutMs }: JwtProvider, now: () => number): TextEndpoint | undefined {
  return jwksUrl === undefined ? undefined : createTextEndpoint(jwksUrl, { what: 'jwksUrl', timeoutMs, now });
}

function keysOf(
  { jwksUrl, jwksFile = '', refreshMs, cooldownMs }: JwtProvider,
  endpoint: TextEndpoint | undefined,
  { now, onFault }: Pick<JwtOptions, 'now' | 'onFault'>,
): FindKey {
  async function load(): Promise<string> {
    if (!endpoint) return await readFile(jwksFile, 'utf8');
    const { status, text } = await endpoint.send({ method: 'GET', headers: {} });
    if (status !== 200) throw new Error(`GET ${jwksUrl} answered ${status}`);
    return text;
  }
  return createKeySet({ load, refreshMs, cooldownMs, now, onFault });
}

async function verify(token: string, key: Uint8Array | FindKey, rules: JWTVerifyOptions): Promise<JWTPayload> {
  if (key instanceof Uint8Array) return (await jwtVerify(token, key, rules)).payload;
  try {
    return (await jwtVerify(token, key, rules)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    let last: unknown = error;
    let tried = 0;
    for await (const candidate of error) {
      tried += 1;
      if (tried > MAX_TRIED) break;
      try {
        return (await jwtVerify(token, candidate, rules)).payload;
      } catch (cause) {
        if (!(cause instanceof errors.JWSSignatureVerificationFailed)) throw cause;
        last = cause;
      }
    }
    throw last;
  }
}

/** What the client is told: enough to mend it, nothing about keys. */
function sentenceOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired';
  if (!(error instanceof errors.JWTClaimValidationFailed)) return 'The token is not accepted';
  if (error.claim === 'nbf') return 'The token is not valid yet';
  if (error.claim === 'aud') return 'The token is meant for somebody else';
  return 'The token is not accepted';
}
