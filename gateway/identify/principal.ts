import type { Principal } from '../context.ts';

/** What a caller shows of itself: headers of the request, or of the connection and its `connection_init`. */
export type Proof = { readonly headers: ReadonlyMap<string, string> };

const anonymous: Principal = Object.freeze({ kind: 'anonymous', id: 'anonymous', roles: [], scopes: [] });

/** Who asks. No proof of identity is understood, so everybody is anonymous and nothing a caller writes is believed. */
export function identify(_proof: Proof): Principal {
  return anonymous;
}
