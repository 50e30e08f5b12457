import type { ExchangePolicy } from '../../config/auth.ts';
import { GatewayError } from '../../errors.ts';
import { sha256 } from '../../lib/hash.ts';
import { isRecord } from '../../lib/json.ts';
import type { Call } from '../connector.ts';
import { createTokenEndpoint, TokenRefusal } from '../rest/token-endpoint.ts';
import { createBackoff } from './backoff.ts';
import { bearerOf, type CredentialDeps, type Credentials, fingerprint } from './credentials.ts';
import { createTokenSlot, type IssuedToken, type TokenSlot } from './token-slot.ts';
import { unlessAborted } from './waiting.ts';

/** The subject token was not accepted (RFC 8693 §2.2.2). */
const SUBJECT_REFUSED = new Set(['invalid_request', 'invalid_grant', 'invalid_token']);
/** The gateway was not accepted, whoever asks by it (RFC 6749 §5.2). */
const GATEWAY_REFUSED = 'invalid_client';

/**
 * The client's bearer token, exchanged for one of the source (RFC 8693 §2). Tokens are kept by the hash of what they were exchanged
 * for, as many as the policy allows, and none longer than the client's own token lasts, as far as it says so.
 *
 * Who is refused is left alone by itself for a while; only a server that cannot be reached, or does not know the gateway, is left
 * alone for all.
 */
export function create(policy: ExchangePolicy, deps: CredentialDeps): Credentials {
  const { source, now } = deps;
  const endpoint = createTokenEndpoint(deps, policy);
  const backoff = createBackoff(now);
  const own = fingerprint(policy);
  /** By hash of the subject token, the one used last at the end. */
  const slots = new Map<string, TokenSlot>();

  function slotOf(hash: string): TokenSlot {
    const slot = slots.get(hash) ?? createTokenSlot(deps, policy);
    slots.delete(hash);
    slots.set(hash, slot);
    for (const oldest of slots.keys()) {
      if (slots.size <= policy.maxTokens) break;
      slots.delete(oldest);
    }
    return slot;
  }

  async function exchange(subject: string): Promise<IssuedToken> {
    const failure = backoff.failure();
    if (failure !== undefined) throw failure;
    const leftMs = endOf(subject) - now();
    if (!(leftMs > 0)) throw unauthenticated(source, 'the token of the client has ended');
    try {
      const { token, lifeMs } = await endpoint.request({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: subject,
        subject_token_type: policy.subjectTokenType,
        requested_token_type: policy.requestedTokenType,
        audience: policy.audience,
        scope: policy.scopes?.join(' '),
      });
      backoff.succeeded();
      return { token, lifeMs: Math.min(lifeMs, policy.maxAgeMs, leftMs) };
    } catch (error) {
      const refusal = error instanceof GatewayError ? error.cause : undefined;
      if (refusal instanceof TokenRefusal && SUBJECT_REFUSED.has(refusal.error)) throw unauthenticated(source, refusal);
      const isOfAll = refusal instanceof TokenRefusal ? refusal.error === GATEWAY_REFUSED : refusal instanceof Error;
      if (isOfAll) backoff.failed(error);
      throw error;
    }
  }

  const hashOf = (call: Call): string | undefined => {
    const subject = bearerOf(call);
    return subject === undefined ? undefined : sha256([subject]);
  };

  return {
    headersFor: async (call) => {
      const subject = bearerOf(call);
      if (subject === undefined) throw unauthenticated(source, 'the request has no bearer token');
      const slot = slotOf(sha256([subject]));
      const token = await unlessAborted(
        slot.get(() => exchange(subject)),
        call.signal,
        source,
      );
      return new Map([['authorization', `Bearer ${token.reveal()}`]]);
    },
    keyFor: (call) => new Map([['authorization', `subject ${own} ${hashOf(call) ?? 'none'}`]]),
    query: '',
    rejected: (call, sent) => {
      const slot = slots.get(hashOf(call) ?? '');
      return slot?.drop(sent.get('authorization')?.slice('Bearer '.length) ?? '') ?? true;
    },
    [Symbol.asyncDispose]: () => endpoint[Symbol.asyncDispose](),
  };
}

function unauthenticated(source: string, cause: unknown): GatewayError {
  return new GatewayError('UNAUTHENTICATED', { source, cause });
}

/** When a JWT says that it ends (RFC 7519 §4.1.4), in ms; read without proof, since it can only shorten. Infinity for other tokens. */
function endOf(token: string): number {
  try {
    const [, payload = ''] = token.split('.');
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return isRecord(claims) && typeof claims['exp'] === 'number' ? claims['exp'] * 1000 : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
