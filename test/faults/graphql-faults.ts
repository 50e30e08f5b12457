/** Faults of a GraphQL upstream. */
import type { Answer } from '../kit/app.ts';
import type { Random } from './chance.ts';
import { between } from './chance.ts';
import { type Fault, PRIVATE, rest, sendJson } from './fault.ts';
import { EAGER } from './rest-faults.ts';

/** A world with a GraphQL source that also has a mutation and a subscription. */
export const LIVE = 'test/faults/live';

const FIELD = 'bestRating(stars: 5) { stars comment }';
const ANSWER = JSON.stringify({ data: { bestRating: { stars: 5, comment: PRIVATE } } });
const JSON_TYPE = { 'content-type': 'application/json' };
const errorAt = (...path: (string | number)[]) => ({ message: PRIVATE, path, extensions: { trace: PRIVATE } });

export function graphqlFaults(random: Random): Fault[] {
  const cut = between(random, 1, ANSWER.length - 1);
  const one = { world: LIVE, fields: FIELD, calls: [1, 1] } as const;
  const answers = (body: unknown, status = 200): Pick<Fault, 'upstreams'> => ({
    upstreams: { ratings: rest((_, response) => sendJson(response, status, body)) },
  });
  const rate = {
    ...one,
    kind: 'mutation',
    fields: 'rate(stars: 1) { stars }',
    policies: { ratings: { retry: EAGER } },
  } as const;
  return [
    {
      ...one,
      name: 'GraphQL field error inside the data',
      expected: 'UPSTREAM_FAILED',
      ...answers({ data: { bestRating: { stars: 5, comment: null } }, errors: [errorAt('bestRating', 'comment')] }),
      check: ({ body }) => judgeRating(body, { stars: 5, comment: null }, ['bestRating', 'comment']),
    },
    {
      ...one,
      name: 'GraphQL errors at places that do not exist, beside the data',
      expected: 'answered',
      ...answers({
        data: { bestRating: { stars: 5, comment: 'c' } },
        errors: [errorAt('bestRating', '__proto__', 'x'), errorAt('other'), errorAt(), 'no object'],
      }),
      check: ({ body }) => judgeRating(body, { stars: 5, comment: 'c' }, undefined),
    },
    {
      ...one,
      name: 'GraphQL errors without data',
      expected: 'UPSTREAM_FAILED',
      ...answers({ errors: [errorAt('bestRating')] }),
      check: ({ body }) => judgeRating(body, null, ['bestRating']),
    },
    {
      ...one,
      name: 'GraphQL errors without data, answered 400',
      expected: 'UPSTREAM_REJECTED',
      ...answers({ errors: [errorAt()] }, 400),
    },
    { ...one, name: 'GraphQL answered 500', expected: 'UPSTREAM_FAILED', ...answers({ detail: PRIVATE }, 500) },
    { ...one, name: 'GraphQL answer with neither data nor errors', expected: 'UPSTREAM_BAD_PAYLOAD', ...answers({}) },
    { ...one, name: 'GraphQL answer that is a list', expected: 'UPSTREAM_BAD_PAYLOAD', ...answers([{ data: null }]) },
    {
      ...one,
      name: 'GraphQL garbage body',
      expected: 'UPSTREAM_BAD_PAYLOAD',
      upstreams: { ratings: rest((_, response) => void response.writeHead(200, JSON_TYPE).end(`<${PRIVATE}>`)) },
    },
    {
      ...one,
      name: `GraphQL truncated after ${cut} of ${ANSWER.length} bytes`,
      expected: 'UPSTREAM_BAD_PAYLOAD',
      upstreams: { ratings: rest((_, response) => void response.writeHead(200, JSON_TYPE).end(ANSWER.slice(0, cut))) },
    },
    {
      ...one,
      name: `GraphQL reset mid-body, after ${cut} bytes`,
      expected: 'UPSTREAM_UNREACHABLE',
      upstreams: {
        ratings: rest((request, response) => {
          response.writeHead(200, { ...JSON_TYPE, 'content-length': ANSWER.length });
          response.write(ANSWER.slice(0, cut), () => request.socket.resetAndDestroy());
        }),
      },
    },
    {
      ...one,
      name: 'GraphQL hangs',
      expected: 'UPSTREAM_TIMEOUT',
      policies: { ratings: { deadlineMs: 300 } },
      upstreams: { ratings: rest(() => undefined) },
    },
    { ...rate, name: 'GraphQL mutation, answered 503', expected: 'UPSTREAM_FAILED', ...answers({ PRIVATE }, 503) },
    {
      ...rate,
      name: 'GraphQL mutation, reset after it was received',
      expected: 'UPSTREAM_UNREACHABLE',
      upstreams: { ratings: rest((request) => request.socket.resetAndDestroy()) },
    },
    {
      ...rate,
      name: 'control: the same retries do ask GraphQL again',
      kind: 'query',
      fields: FIELD,
      expected: 'UPSTREAM_FAILED',
      calls: [EAGER.attempts, EAGER.attempts],
      ...answers({ PRIVATE }, 503),
    },
  ];
}

/** What is wrong with the rating, or with the place of the one error. */
function judgeRating({ data, errors = [] }: Answer['body'], rating: unknown, path: string[] | undefined): string[] {
  const { bestRating } = data as { bestRating?: unknown };
  const isRight = JSON.stringify(bestRating) === JSON.stringify(rating);
  const places = JSON.stringify(errors.map((error) => error.path));
  return [
    ...(isRight ? [] : [`the rating is ${JSON.stringify(bestRating)}`]),
    ...(places === JSON.stringify(path ? [path] : []) ? [] : [`errors stand at ${places}`]),
  ];
}
