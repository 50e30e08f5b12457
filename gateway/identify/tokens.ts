/** Bearer tokens (RFC 6750): who checks which, and what is remembered of it. */
import { hash } from 'node:crypto';
import type { IdentityConfig } from '../config/identity.ts';
import type { Principal } from '../context.ts';
import { isRecord } from '../lib/json.ts';
import type { CheckedToken, RefusedToken } from './checked-token.ts';
import { createIntrospection } from './introspection.ts';
import { createJwtIssuer, issuerOf } from './jwt.ts';
import { createKept } from './kept.ts';
import type { HoldAddress, Proof } from './principal.ts';
import type { Refuse } from './refusal.ts';

export type TokensOptions = {
  readonly refuse: Refuse;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told when something could not be read anew and what is known goes on. */
  readonly onFault: (error: unknown) => void;
  readonly holdAddress: HoldAddress | undefined;
};

export type Tokens = {
  /** @throws GatewayError UNAUTHENTICATED, SOURCE_UNAVAILABLE, RATE_LIMITED; either at once or later */
  identify(token: string, proof: Proof): Principal | Promise<Principal>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Longest token, in characters: what fits into headers. */
const MAX_TOKEN = 16_384;
const TOKEN = /^[\x21-\x7e]+$/;

/**
 * Checks each token once: what came of it is remembered by the token's hash, so that a token that is used again costs a look-up and
 * memory holds no tokens. A JWT goes to the issuer it names; one of an issuer that is not known, and whatever is no JWT, to the
 * introspection endpoint, as long as the address of who shows it has not spent what it may ask for.
 *
 * @returns undefined where no tokens are understood
 */
export function createTokens(
  { jwt, introspection, maxCached }: Pick<IdentityConfig, 'jwt' | 'introspection' | 'maxCached'>,
  { refuse, now, onFault, holdAddress }: TokensOptions,
): Tokens | undefined {
  if (jwt.length === 0 && introspection === undefined) return undefined;
  const issuers = jwt.map((provider) => createJwtIssuer(provider, { refuse, now, onFault }));
  const server = introspection && createIntrospection(introspection, { refuse, now });
  const kept = createKept<CheckedToken | RefusedToken>({
    ...{ max: maxCached, now },
    isRefusal: (checked) => 'refused' in checked,
  });

  async function check(token: string, address: string): Promise<CheckedToken | RefusedToken> {
    const named = issuerOf(token);
    const issuer = issuers.find((each) => each.issuer === named);
    if (issuer) return await issuer.check(token);
    if (server) return await server.check(token, address);
    const cause = named === undefined ? 'it is no JWT' : 'its issuer is not known';
    throw refuse({ scheme: 'Bearer', error: 'invalid_token', description: 'The token is not accepted', cause });
  }

  /** Each who asks is counted, also where one question is for several of them. */
  async function find(key: string, token: string, proof: Proof): Promise<CheckedToken | RefusedToken> {
    const isAsked = server !== undefined && !issuers.some(({ issuer }) => issuer === issuerOf(token));
    const giveBack = isAsked ? await holdAddress?.(proof) : undefined;
    try {
      return await kept.get(key, async () => {
        const value = await check(token, proof.peer.address);
        return { value, until: value.until };
      });
    } finally {
      giveBack?.();
    }
  }

  function settle(checked: CheckedToken | RefusedToken, proof: Proof): Principal {
    if ('refused' in checked) throw checked.refused;
    const { principal, boundTo } = checked;
    if (boundTo !== undefined && !isShownBy(proof, boundTo)) {
      const description = 'The token belongs to who has a key that was not shown';
      throw refuse({ scheme: 'Bearer', error: 'invalid_token', description, cause: 'cnf does not hold' });
    }
    return principal;
  }

  return {
    identify(token, proof) {
      if (token.length > MAX_TOKEN || !TOKEN.test(token)) {
        const description = 'The token is not one';
        throw refuse({ scheme: 'Bearer', error: 'invalid_token', description });
      }
      const key = hash('sha256', token, 'base64url');
      const known = kept.known(key);
      if (known) return settle(known, proof);
      return find(key, token, proof).then((checked) => settle(checked, proof));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...issuers, server].map((each) => each?.[Symbol.asyncDispose]()));
    },
  };
}

/** A token bound to a certificate needs that certificate (RFC 8705 §3.1); other bonds cannot be checked here. */
function isShownBy({ peer }: Proof, boundTo: unknown): boolean {
  const thumbprint = isRecord(boundTo) ? boundTo['x5t#S256'] : undefined;
  return typeof thumbprint === 'string' && thumbprint === peer.certificate?.thumbprint;
}
