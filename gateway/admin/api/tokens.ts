/** Who may use the API of sources: bearer tokens (RFC 6750), compared by their hash. */
import { createHash } from 'node:crypto';
import type { GatewayConfig } from '../../config/schema.ts';
import type { Actor } from '../../registry/registrar/types.ts';
import { problem } from '../problem.ts';

export type Gatekeeper = (authorization: string | undefined) => Actor | Response;

/** Looking a hash up tells nothing by its time: who could guess it had the token. */
export function createGatekeeper(tokens: GatewayConfig['registration']['tokens']): Gatekeeper {
  const actors = new Map(
    tokens.map(
      ({ name, token, sha256, owners }) => [sha256 ?? hashOf(token?.reveal() ?? ''), { name, owners }] as const,
    ),
  );
  return (authorization) => {
    if (actors.size === 0)
      return problem(
        403,
        'Forbidden',
        'Nobody may change sources here: set registration.tokens in gateway.yaml, or TRIBUTARY_TOKEN.',
        {
          code: 'forbidden',
        },
      );
    const [, token] = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(authorization ?? '') ?? [];
    const actor = token === undefined ? undefined : actors.get(hashOf(token));
    if (actor) return actor;
    const detail = token === undefined ? 'Send Authorization: Bearer and a token.' : 'This token is not known here.';
    const challenge =
      token === undefined ? 'Bearer realm="tributary"' : 'Bearer realm="tributary", error="invalid_token"';
    return problem(401, 'Unauthorized', detail, { code: 'unauthenticated' }, { 'www-authenticate': challenge });
  };
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
