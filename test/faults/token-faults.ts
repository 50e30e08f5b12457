/** The server that gives the gateway its tokens fails, not the source: the source must not be called without one. */
import { endpointVariable } from '../kit/project.ts';
import { type Fault, PRIVATE, rest, sendJson } from './fault.ts';

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
  /** The server of ratings gives the tokens: it is asked once for both fields, and the source never. */
  const failing = (name: string, behave: Parameters<typeof rest>[0], expected = 'SOURCE_UNAVAILABLE'): Fault => {
    const fault = down(name, `\${${endpointVariable('ratings')}}/token`);
    const people = { ...fault.policies?.people, deadlineMs: 300 };
    return { ...fault, expected, calls: [1, 1], policies: { people }, upstreams: { ratings: rest(behave) } };
  };
  return [
    // Who leaves does not end the request for a token, which others may wait for: the server does, after all have left.
    failing(
      'token endpoint that hangs',
      ({ socket }) => void setTimeout(() => socket.destroy(), 600),
      'UPSTREAM_TIMEOUT',
    ),
    failing('token endpoint that dies mid-body', (request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
      response.write('{"access_token":"t', () => request.socket.destroy());
    }),
    failing('token endpoint that fails', (_, response) => sendJson(response, 500, { error: PRIVATE })),
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
