/** Who asks, by whichever proof is shown. */
import type { IdentityConfig } from '../config/identity.ts';
import type { Principal } from '../context.ts';
import { GatewayError } from '../errors.ts';
import type { Events } from '../observe/events.ts';
import { createApiKeys } from './api-keys.ts';
import { createCertificates } from './certificates.ts';
import { anonymous, type HoldAddress, type Proof } from './principal.ts';
import { createProxied } from './proxy.ts';
import { createRefuse, type Scheme } from './refusal.ts';
import { createTokens } from './tokens.ts';

/** Which kind of proof was shown; `none` where one is needed, `several` where only one may be. */
export type ProofKind = 'token' | 'key' | 'certificate' | 'proxy' | 'none' | 'several';

export type IdentityOptions = {
  readonly config: IdentityConfig;
  /** Told of proofs that are refused, and of keys that cannot be had. */
  readonly events: Pick<Events, 'proofRefused' | 'identityFailed'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Asked before the authorization server is; undefined where no rule bounds addresses. */
  readonly holdAddress?: HoldAddress | undefined;
};

/** Settles who asks: at once for a proof that is known, else later. @throws GatewayError UNAUTHENTICATED, SOURCE_UNAVAILABLE, RATE_LIMITED */
export type Identify = (proof: Proof) => Principal | Promise<Principal>;

export type Identity = { readonly identify: Identify; close(): Promise<void> };

type Attempt = { readonly kind: ProofKind; readonly make: () => Principal | Promise<Principal> };

/**
 * Puts the kinds of proof of one configuration together. What a client shows in a header of its own (a token, a key) comes before what
 * its connection shows (a certificate, what a proxy says). A bad proof is refused and never taken for none; whoever operates
 * the gateway needs none. It outlives generations, and what it remembers with it.
 */
export function createIdentity({ config, events, now, holdAddress }: IdentityOptions): Identity {
  const { realm, apiKeys, mtls, trustedProxy, maxCached } = config;
  const onFault = (error: unknown): void => events.identityFailed({ error });
  const hasTokens = config.jwt.length > 0 || config.introspection !== undefined;
  const schemes: Scheme[] = [...(hasTokens ? ['Bearer' as const] : []), ...(apiKeys ? ['ApiKey' as const] : [])];
  const refuse = createRefuse(realm, schemes);
  const tokens = createTokens(config, { refuse, now, onFault, holdAddress });
  const keys = apiKeys && createApiKeys(apiKeys, { maxCached, refuse, now, onFault });
  const ofCertificate = mtls && createCertificates(mtls, { refuse, now });
  const ofProxy = trustedProxy && createProxied(trustedProxy.headers, refuse);

  function attemptOf(proof: Proof): Attempt {
    const { headers, peer, byOperator } = proof;
    const token = tokens && bearerIn(headers.get('authorization'));
    const key = apiKeys && headers.get(apiKeys.header);
    if (token !== undefined && key !== undefined) return { kind: 'several', make: refuseSeveral };
    if (tokens && token !== undefined) return { kind: 'token', make: () => tokens.identify(token, proof) };
    if (keys && key !== undefined) return { kind: 'key', make: () => keys.identify(key) };
    const { certificate } = peer;
    if (ofCertificate && certificate) return { kind: 'certificate', make: () => ofCertificate(certificate) };
    const without = (): Principal => withoutProof(byOperator === true);
    if (!ofProxy || peer.isProxied !== true) return { kind: 'none', make: without };
    return { kind: 'proxy', make: () => ofProxy(headers) ?? without() };
  }

  function refuseSeveral(): never {
    const description = 'Send one proof of identity, not two';
    throw refuse({ scheme: 'Bearer', error: 'invalid_request', description });
  }

  function withoutProof(byOperator: boolean): Principal {
    if (config.anonymous || byOperator) return anonymous;
    throw refuse({ description: 'A proof of identity is needed here' });
  }

  return {
    identify(proof) {
      const { kind, make } = attemptOf(proof);
      const fail = (error: unknown): never => {
        if (error instanceof GatewayError && error.code === 'UNAUTHENTICATED') events.proofRefused({ kind, error });
        throw error;
      };
      try {
        const principal = make();
        return principal instanceof Promise ? principal.catch(fail) : principal;
      } catch (error) {
        return fail(error);
      }
    },
    async close() {
      await Promise.all([tokens, keys].map((each) => each?.[Symbol.asyncDispose]()));
    },
  };
}

/** The token of an Authorization header (RFC 6750 §2.1); other schemes are nothing that is understood here. */
function bearerIn(authorization = ''): string | undefined {
  const found = /^Bearer(?:\s+(.*))?$/i.exec(authorization);
  return found ? (found[1]?.trim() ?? '') : undefined;
}
