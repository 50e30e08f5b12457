import { Secret } from '../../config/secret.ts';
import { sha256 } from '../../lib/hash.ts';
import { nominatedBy } from '../../lib/header-fields.ts';
import type { Call } from '../connector.ts';

/** Who the gateway is to one source. Names of headers are in lower case. */
export type Credentials = {
  /**
   * The headers of one call, stronger than all others. Fails with SOURCE_UNAVAILABLE when there is no token to be had, with
   * UNAUTHENTICATED when the client's own is missing or refused, and as its signal says when the call is aborted.
   */
  headersFor(call: Call): Promise<ReadonlyMap<string, string>>;
  /**
   * What stands for the credential in the key of a call: equal for two calls only when they are sent as the same principal. At once,
   * without tokens that change, and without secrets of the policy: their hash. Kept answers outlive the policy, so anything of it that
   * says who the gateway is has to be there. Names with a `?` in front stand for parameters of the query.
   */
  keyFor(call: Call): ReadonlyMap<string, string>;
  /** Parameters of every URL, already encoded: `name=value`, or empty. */
  query: string;
  /** The same for one operation, where they differ. */
  queryOf?: (operation: string) => string;
  /**
   * Told that the source did not accept what `headersFor` gave: the token is dropped.
   *
   * @param sent the headers of that call
   * @returns whether the next call is sent with something else
   */
  rejected(call: Call, sent: ReadonlyMap<string, string>): boolean;
  [Symbol.asyncDispose](): Promise<void>;
};

/** What every scheme is made with. */
export type CredentialDeps = {
  source: string;
  /** Hosts of token endpoints that may be called although they are link-local; see `createGuard`. */
  allowInternal?: readonly string[];
  /** Milliseconds since the epoch. */
  now: () => number;
};

/** What stands for a scheme of the policy in keys: another text whenever anything of it changes, and none of its secrets. */
export function fingerprint(scheme: object): string {
  const reveal = function (this: unknown, name: string, value: unknown): unknown {
    // Secrets come here as what `toJSON` made of them: their holder still has them.
    const before = (this as Readonly<Record<string, unknown>>)[name];
    return before instanceof Secret ? before.reveal() : value;
  };
  return sha256([JSON.stringify(scheme, reveal)]);
}

/**
 * Credentials that are the same for every call.
 *
 * @param query one parameter, already encoded: `name=value`
 */
export function constantCredentials(headers: ReadonlyMap<string, string>, query = ''): Credentials {
  const key = new Map([...headers].map(([name, value]) => [name, hidden(name, value)]));
  if (query !== '') key.set(`?${query.split('=', 1)[0]}`, sha256([query]));
  return {
    headersFor: () => Promise.resolve(headers),
    keyFor: () => key,
    query,
    rejected: () => false,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The hash of a value; cookies keep their name, by which they take the place of the client's. */
function hidden(name: string, value: string): string {
  return name === 'cookie' ? `${value.split('=', 1)[0]}=${sha256([value])}` : sha256([value]);
}

/**
 * The bearer token of the client's request (RFC 6750 §2.1); undefined without one, and where the client calls it its connection's own
 * (RFC 9110 §7.6.1).
 */
export function bearerOf({ headers }: Pick<Call, 'headers'>): string | undefined {
  if (nominatedBy(headers.get('connection'))?.has('authorization')) return undefined;
  return /^Bearer +([\x21-\x7e]{1,16384})$/i.exec(headers.get('authorization') ?? '')?.[1];
}
