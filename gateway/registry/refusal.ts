import { GatewayError } from '../errors.ts';

/** Why a change of sources was not made. */
export type RefusalKind =
  | 'invalid'
  | 'unknown-source'
  | 'exists'
  | 'conflict'
  | 'breaking'
  | 'score'
  | 'forbidden'
  | 'too-large'
  | 'unavailable';

/** A change that was not made: its kind, a sentence that says what to change, and what else a program may want to know. */
export class Refusal extends GatewayError {
  readonly kind: RefusalKind;
  readonly details: Readonly<Record<string, unknown>>;
  constructor(kind: RefusalKind, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(kind === 'forbidden' ? 'FORBIDDEN' : kind === 'unavailable' ? 'SOURCE_UNAVAILABLE' : 'BAD_REQUEST', {
      message,
    });
    this.kind = kind;
    this.details = details;
  }
}
