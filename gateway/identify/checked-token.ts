import type { Principal } from '../context.ts';
import type { GatewayError } from '../errors.ts';

/** A token that was found good. */
export type CheckedToken = {
  readonly principal: Principal;
  /** What else has to be shown beside it (RFC 7800): its claim `cnf`. */
  readonly boundTo?: unknown;
  /** Until when this may be remembered, in ms since the epoch. */
  readonly until: number;
};

/** A token that was found bad, which may be remembered too. */
export type RefusedToken = { readonly refused: GatewayError; readonly until: number };
