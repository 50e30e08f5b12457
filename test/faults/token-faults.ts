/** The server that gives the gateway its tokens fails, not the source: the source must not be called without one. */
import { type Fault, rest, sendJson } from './fault.ts';

const FIELD = 'getPerson(personId: "p1") { id } again: getPerson(personId: "p2") { id }';

export function tokenFaults(): Fault[] {
  const down = (name: string, tokenUrl: string): Fault => ({
    name,
    fields: FIELD,
    expected: 'SOURCE_UNAVAILABLE',
    calls: [0, 0],
    policies: {
      people: { auth: { oauth2ClientCredentials: { tokenUrl, clientId: 'gateway', clientSecret: 'secret' } } },
    },
  });
  return [
    // Nothing listens there: the port of the discard service.
    down('token endpoint down', 'http://127.0.0.1:9/token'),
    down('token endpoint with a name that does not exist', 'http://nowhere.invalid/token'),
    {
      name: 'token of the client to be exchanged, and there is none',
      fields: 'getPerson(personId: "p1") { id }',
      expected: 'UNAUTHENTICATED',
      calls: [0, 0],
      policies: {
        people: {
          auth: {
            tokenExchange: { tokenUrl: 'http://127.0.0.1:9/token', clientId: 'gateway', clientSecret: 'secret' },
          },
        },
      },
    },
    {
      name: 'token not accepted by the source, again and again',
      fields: 'getPerson(personId: "p1") { id }',
      expected: 'UPSTREAM_REJECTED',
      calls: [1, 1],
      policies: { people: { auth: { bearer: { token: 'revoked' } } } },
      upstreams: { people: rest((_, response) => sendJson(response, 401, {}, { 'www-authenticate': 'Bearer' })) },
    },
  ];
}
