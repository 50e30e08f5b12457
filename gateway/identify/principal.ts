import type { ConnectionSlots, Principal } from '../context.ts';

/** What a caller shows of itself: headers of the request, or of the connection and its `connection_init`, its connection, and where it came to. */
export type Proof = {
  readonly headers: ReadonlyMap<string, string>;
  readonly peer: ConnectionSlots['peer'];
  readonly path: string;
  readonly byOperator?: boolean | undefined;
};

/**
 * Holds one of what the caller's address may still ask for while somebody else is asked about its proof, whoever it turns out to be.
 *
 * @returns what gives it back
 * @throws GatewayError RATE_LIMITED where nothing is left
 */
export type HoldAddress = (proof: Proof) => Promise<() => void>;

/** Who showed nothing. */
export const anonymous: Principal = Object.freeze({ kind: 'anonymous', id: 'anonymous', roles: [], scopes: [] });

/** What a proof is of: who, and what was granted. */
export type Identified = {
  readonly kind: Exclude<Principal['kind'], 'anonymous'>;
  /** What the id begins with, so that no two kinds or issuers share one: `key:`. */
  readonly prefix: string;
  /** The id as its issuer writes it. */
  readonly subject: string;
  readonly tenant?: string | undefined;
  readonly roles?: readonly string[];
  readonly scopes?: readonly string[];
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly expiresAt?: number | undefined;
  readonly keyId?: string;
};

/** The principal, which nobody can change: it is shared by all its requests. */
export function createPrincipal(identified: Identified): Principal {
  const { kind, prefix, subject, tenant, roles = [], scopes = [], claims, expiresAt, keyId } = identified;
  return Object.freeze({
    kind,
    id: prefix + subject,
    roles: Object.freeze([...roles]),
    scopes: Object.freeze([...scopes]),
    claims: Object.freeze({ ...claims, ...(tenant !== undefined && { tenant }), sub: subject }),
    ...(tenant !== undefined && { tenant }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(keyId !== undefined && { keyId }),
  });
}
