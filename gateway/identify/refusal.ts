import { GatewayError } from '../errors.ts';

/** Which scheme of WWW-Authenticate a proof was shown by. */
export type Scheme = 'Bearer' | 'ApiKey';

/** Why a proof is not accepted. */
export type Refusal = {
  /** Absent for what no header of the client's own shows: a certificate. */
  readonly scheme?: Scheme;
  /** For the client: plain ASCII without quotes (RFC 6750 §3). */
  readonly description: string;
  /** RFC 6750 §3.1; nothing where no proof was shown. */
  readonly error?: 'invalid_request' | 'invalid_token';
  /** For the log only. */
  readonly cause?: unknown;
};

export type Refuse = (refusal: Refusal) => GatewayError;

/**
 * Makes the refusals of one gateway: 401 with a challenge for every scheme that it takes (RFC 9110 §11.6.1), the one that failed
 * with its error (RFC 6750 §3).
 */
export function createRefuse(realm: string, schemes: readonly Scheme[]): Refuse {
  // There has to be one, also where certificates are all that is understood.
  const offered: readonly Scheme[] = schemes.length > 0 ? schemes : ['Bearer'];
  return ({ scheme, description, error, cause }) => {
    const challenges = offered.map((each) => {
      const why = each === scheme && error ? `, error="${error}", error_description="${description}"` : '';
      return `${each} realm="${realm}"${why}`;
    });
    return new GatewayError('UNAUTHENTICATED', {
      message: `${description}.`,
      cause: cause ?? description,
      headers: { 'www-authenticate': challenges.join(', ') },
    });
  };
}

/** Who the caller is cannot be found out at the moment: no fault of the proof. */
export function cannotCheck(cause: unknown): GatewayError {
  const message = 'Who you are cannot be checked at the moment: try again later.';
  return new GatewayError('SOURCE_UNAVAILABLE', { message, cause });
}
