/** Tokens of which only the authorization server knows what they are (RFC 7662). */
import type { IntrospectionProvider } from '../config/tokens.ts';
import { isRecord } from '../lib/json.ts';
import type { CheckedToken, RefusedToken } from './checked-token.ts';
import { readClaims } from './claims.ts';
import { createTextEndpoint } from './fetch-text.ts';
import { createPrincipal } from './principal.ts';
import { createQuestions } from './questions.ts';
import { cannotCheck, type Refuse } from './refusal.ts';

export type Introspection = {
  /**
   * Rejects with GatewayError SOURCE_UNAVAILABLE when the server cannot be asked, or is asked too much already, and with RATE_LIMITED when
   * it is asked too much for this address.
   */
  check(token: string, address: string): Promise<CheckedToken | RefusedToken>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Prepares asking the server; what it says is the caller's to remember. */
export function createIntrospection(
  provider: IntrospectionProvider,
  { refuse, now }: { refuse: Refuse; now: () => number },
): Introspection {
  const { url, timeoutMs, keepMs, keepRefusedMs, maxConcurrent, maxPerAddress, audience, idPrefix, claims } = provider;
  const endpoint = createTextEndpoint(url, { what: 'introspection.url', timeoutMs, now });
  const headers = {
    authorization: basicOf(provider),
    'content-type': 'application/x-www-form-urlencoded',
  };
  const questions = createQuestions({ max: maxConcurrent, maxPerAddress });

  async function ask(token: string, address: string): Promise<Record<string, unknown>> {
    const end = questions.begin(address);
    try {
      const body = new URLSearchParams({ token, token_type_hint: 'access_token' }).toString();
      const { status, text } = await endpoint.send({ method: 'POST', headers, body });
      if (status !== 200) throw new Error(`POST ${url} answered ${status}`);
      const answer: unknown = JSON.parse(text);
      // Whatever is not the answer of §2.2 tells nothing about the token.
      if (!isRecord(answer) || typeof answer['active'] !== 'boolean') throw new Error('the answer has no "active"');
      return answer;
    } catch (cause) {
      throw cannotCheck(cause);
    } finally {
      end();
    }
  }

  return {
    async check(token, address) {
      const answer = await ask(token, address);
      const refused = (description: string, cause: string): RefusedToken => ({
        refused: refuse({ scheme: 'Bearer', error: 'invalid_token', description, cause }),
        until: now() + keepRefusedMs,
      });
      // Expired, withdrawn, or never issued: the server does not say (§2.2).
      if (answer['active'] !== true) return refused('The token is not accepted', 'it is not active');
      const { exp, nbf } = answer;
      const expiresAt = typeof exp === 'number' ? exp * 1000 : undefined;
      if (expiresAt !== undefined && expiresAt <= now()) return refused('The token has expired', 'exp is over');
      if (typeof nbf === 'number' && nbf * 1000 > now()) return refused('The token is not valid yet', 'nbf is to come');
      if (audience && !audience.some((name) => [answer['aud']].flat().includes(name)))
        return refused('The token is meant for somebody else', 'aud is another');
      const claimed = readClaims(answer, claims);
      if (!claimed) return refused('The token does not say whose it is', `no ${claims.id}`);
      const principal = createPrincipal({ kind: 'token', prefix: idPrefix, ...claimed, expiresAt });
      return { principal, boundTo: answer['cnf'], until: Math.min(expiresAt ?? Infinity, now() + keepMs) };
    },
    [Symbol.asyncDispose]: () => endpoint[Symbol.asyncDispose](),
  };
}

/** Name and secret are form-encoded before they are joined (RFC 6749 §2.3.1). */
function basicOf({ clientId, clientSecret }: IntrospectionProvider): string {
  const encode = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret.reveal())}`).toString('base64')}`;
}
