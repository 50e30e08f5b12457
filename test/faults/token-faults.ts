/** The server that gives the gateway its tokens fails, not the source: the source must not be called without one. */
import { endpointVariable } from '../kit/project.ts';
import { until } from '../kit/until.ts';
import { documentOf, type Fault, type FaultyWorld, type Outcome, PRIVATE, rest, sendJson } from './fault.ts';
import { judgeAnswer, judgeOne } from './judge.ts';
import { holdTimers } from './timers.ts';

/** What a request for a token may take, and how long is waited after one that failed, in ms. */
const LIMIT_MS = 10_000;
const PAUSE_MS = 500;
const FIELD = 'getPerson(personId: "p1") { id } again: getPerson(personId: "p2") { id }';

type Response = Parameters<Parameters<typeof rest>[0]>[1];

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
  const failing = (name: string, behave: Parameters<typeof rest>[0]): Fault => {
    const fault = down(name, `\${${endpointVariable('ratings')}}/token`);
    return { ...fault, calls: [1, 1], upstreams: { ratings: rest(behave) } };
  };
  /** One request for a token hangs, the next one is answered; then the source is asked, by two. */
  const hanging = (name: string, begin: (response: Response) => void): Fault => {
    let requests = 0;
    const fault = failing(name, (_, response) => {
      requests += 1;
      if (requests % 2 === 1) return begin(response);
      sendJson(response, 200, { access_token: 'well', token_type: 'Bearer', expires_in: 1 });
    });
    return { ...fault, calls: [4, 4], ask: (world) => outlastTheLimit(fault, world) };
  };
  const late = failing('token endpoint that hangs for longer than the source may take', ({ socket }) => {
    setTimeout(() => socket.destroy(), 600);
  });
  const outlasting: Fault = {
    ...late,
    expected: 'UPSTREAM_TIMEOUT',
    policies: { people: { ...late.policies?.people, deadlineMs: 300 } },
  };
  return [
    hanging('token endpoint that hangs until the time for it is up', () => undefined),
    hanging('token endpoint that hangs within its answer', (response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"access_token":"t');
    }),
    // Who leaves does not end the request for a token, which others may wait for: the server does, after all have left.
    outlasting,
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

/**
 * Operations wait for one token until the gateway's own limit ends the request for it, while the sibling is answered. Nobody asks for
 * another at once; a moment later the next operation has one.
 */
async function outlastTheLimit(fault: Fault, { app, upstreams, advance }: FaultyWorld): Promise<Outcome> {
  const { ratings, people } = upstreams;
  const before = { tokens: ratings.calls(), people: people.calls() };
  const complaints: string[] = [];
  const expect = (what: string, seen: unknown, wanted: unknown): void => {
    if (seen !== wanted) complaints.push(`${what}: ${seen}, not ${wanted}`);
  };
  using limit = holdTimers((stack) => stack.includes('token-endpoint.ts'));
  const waiting = [1, 2].map(() => app.query(documentOf(fault)));
  await until(() => ratings.calls() === before.tokens + 1);
  const { siblings } = judgeAnswer(await app.query('{ sibling: listPosts { title } }'));
  expect('limits while it hangs', limit.times().join(), String(LIMIT_MS));
  expect('requests for a token that are waited for', ratings.open(), 1);
  limit.fire();
  const ended = (await Promise.all(waiting)).map((answer) => judgeOne(fault, answer));
  const seen = [...new Set(ended.map((outcome) => outcome.seen))].join('+');
  for (const outcome of ended) complaints.push(...outcome.complaints);
  await until(() => ratings.open() === 0);
  const soon = judgeOne(fault, await app.query(documentOf(fault)));
  expect('asked at once', soon.seen, fault.expected);
  expect('requests for a token of three operations', ratings.calls() - before.tokens, 1);
  expect('calls without a token', people.calls() - before.people, 0);
  advance(PAUSE_MS);
  const next = judgeOne(fault, await app.query(documentOf(fault)));
  expect('asked a moment later', next.seen, 'answered');
  expect('requests for a token in all', ratings.calls() - before.tokens, 2);
  expect('limits that are left', limit.times().length, 0);
  return { seen, siblings: [...ended, soon, next].every((each) => each.siblings) && siblings, complaints };
}
