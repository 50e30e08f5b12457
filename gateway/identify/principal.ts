import type { Principal } from '../context.ts';

const anonymous: Principal = Object.freeze({ kind: 'anonymous', id: 'anonymous', roles: [], scopes: [] });

/** Who asks. No proof of identity is understood, so everybody is anonymous and nothing a caller writes is believed. */
export function identify(): Principal {
  return anonymous;
}
