/** Asks the token endpoint of an authorization server (RFC 6749 §3.2, §5). */
import type { ClientPolicy } from '../../config/auth.ts';
import { Secret } from '../../config/secret.ts';
import { GatewayError } from '../../errors.ts';
import { isRecord } from '../../lib/json.ts';
import type { CredentialDeps } from '../auth/credentials.ts';
import type { IssuedToken } from '../auth/token-slot.ts';
import { createGuard } from '../guard.ts';
import type { HttpAnswer } from './outcome.ts';
import { createHttpTransport } from './transport.ts';

export type TokenEndpoint = {
  /**
   * Asks for a token. Fails with SOURCE_UNAVAILABLE: who cannot get a token cannot use the source; why stands in `cause`.
   *
   * @param form what is asked for; the client's name and secret are added
   */
  request(form: Readonly<Record<string, string | undefined>>): Promise<IssuedToken>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** What the server answered instead of a token; `error` is its code (RFC 6749 §5.2), empty where it says none. */
export class TokenRefusal extends Error {
  override readonly name = 'TokenRefusal';
  readonly error: string;

  constructor(url: string, status: number, error: string, description: string) {
    super(['POST', url, 'answered', status, error, description].filter((word) => word !== '').join(' '));
    this.error = error;
  }
}

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 65_536;
const MAX_CONNECTIONS = 16;
/** Most requests under way: beyond, there is no token. */
const MAX_REQUESTS = 256;
/** The life of a token that says nothing about it. */
const DEFAULT_LIFE_MS = 300_000;
const MAX_LIFE_MS = 86_400_000;

/**
 * Opens connections to a token endpoint. Answers are bounded in size and time, redirects are not followed.
 * @throws GatewayError SOURCE_UNAVAILABLE when its address must not be called
 */
export function createTokenEndpoint(deps: CredentialDeps, policy: ClientPolicy): TokenEndpoint {
  const { source, allowInternal = [], now } = deps;
  const url = new URL(policy.tokenUrl);
  const transport = createHttpTransport({
    source,
    endpoints: [url.origin],
    guard: createGuard({ source, endpoint: url.origin, allowInternal, what: 'tokenUrl', now }),
    maxBodyBytes: MAX_ANSWER_BYTES,
    maxConnections: MAX_CONNECTIONS,
  });
  const shownUrl = url.origin + url.pathname;
  const inBody = policy.clientAuth === 'post';
  const headers = new Map([
    ['user-agent', 'tributary'],
    ['accept', 'application/json'],
    ['content-type', 'application/x-www-form-urlencoded'],
  ]);
  if (!inBody) headers.set('authorization', basicOf(policy));
  const closed = new AbortController();
  let underWay = 0;

  async function send(form: Readonly<Record<string, string | undefined>>): Promise<HttpAnswer> {
    const fields = new URLSearchParams();
    for (const [name, value] of Object.entries(form)) if (value !== undefined) fields.set(name, value);
    if (inBody) {
      fields.set('client_id', policy.clientId);
      fields.set('client_secret', policy.clientSecret.reveal());
    }
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error(`no answer within ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
    try {
      const request = { method: 'POST', path: url.pathname + url.search, headers, body: fields.toString() };
      return await transport.send(request, AbortSignal.any([late.signal, closed.signal]));
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    request: async (form) => {
      if (underWay >= MAX_REQUESTS) throw unavailable(source, `more than ${MAX_REQUESTS} requests for tokens`);
      underWay += 1;
      try {
        return readToken(await send(form), shownUrl);
      } catch (cause) {
        if (cause instanceof TokenRefusal) throw unavailable(source, cause);
        throw unavailable(source, new Error(`POST ${shownUrl} gave no token`, { cause }));
      } finally {
        underWay -= 1;
      }
    },
    [Symbol.asyncDispose]: async () => {
      closed.abort(new Error('the source is closed'));
      await transport[Symbol.asyncDispose]();
    },
  };
}

function unavailable(source: string, cause: unknown): GatewayError {
  return new GatewayError('SOURCE_UNAVAILABLE', { source, cause });
}

/** Name and secret are form-encoded before they are joined (RFC 6749 §2.3.1). */
function basicOf({ clientId, clientSecret }: ClientPolicy): string {
  const encode = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);
  const text = `${encode(clientId)}:${encode(clientSecret.reveal())}`;
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

/** @throws TokenRefusal for an answer that says why there is none, or that cannot be used; it holds no token */
function readToken({ status, body }: HttpAnswer, url: string): IssuedToken {
  const answer = readRecord(body);
  if (status !== 200) {
    throw new TokenRefusal(url, status, excerpt(answer['error']), excerpt(answer['error_description']));
  }
  const unusable = (what: string): TokenRefusal => new TokenRefusal(url, status, '', `with ${what}`);
  const { access_token: token, token_type: type = 'Bearer', expires_in: seconds } = answer;
  if (typeof token !== 'string' || !/^[\x21-\x7e]{1,16384}$/.test(token)) {
    throw unusable('an answer without an access_token that can be sent');
  }
  if (String(type).toLowerCase() !== 'bearer') throw unusable('a token_type that is not Bearer');
  const lifeMs = seconds === undefined || seconds === null ? DEFAULT_LIFE_MS : Number(seconds) * 1000;
  if (!(lifeMs > 0)) throw unusable('expires_in that is no number of seconds');
  return { token: new Secret(token), lifeMs: Math.min(lifeMs, MAX_LIFE_MS) };
}

function readRecord(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function excerpt(value: unknown): string {
  return typeof value === 'string' ? value.replace(/[^\x20-\x7e]/g, '?').slice(0, 200) : '';
}
