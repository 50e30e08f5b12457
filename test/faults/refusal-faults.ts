/** What a source refuses, and what the gateway refuses by itself: nothing of it may cost a sibling, or a call too many. */
import { startFaultyRest } from '../kit/faulty-upstream.ts';
import { type Fault, PRIVATE, rest, sendJson } from './fault.ts';

const FIELD = 'getPerson(personId: "p1") { id }';
const THREE = [1, 2, 3].map((n) => `a${n}: getPerson(personId: "p${n}") { id }`).join(' ');

export function refusalFaults(): Fault[] {
  const one = { fields: FIELD, calls: [1, 1] } as const;
  const nothing = { fields: FIELD, calls: [0, 0] } as const;
  return [
    {
      ...nothing,
      name: 'would be sent more than it takes',
      fields: `getPerson(personId: "${'p'.repeat(2000)}") { id }`,
      expected: 'LIMIT_REQUEST_SIZE',
      policies: { people: { maxRequestBytes: 1024 } },
    },
    {
      ...one,
      name: 'answers 422',
      expected: 'UPSTREAM_REJECTED',
      upstreams: { people: rest((_, response) => sendJson(response, 422, { detail: PRIVATE })) },
      check: ({ body }) => {
        const status = body.errors?.[0]?.extensions['upstreamStatus'];
        return status === 422 ? [] : [`the status is told as ${status}`];
      },
    },
    {
      // Following it would be another call, to the same server.
      ...one,
      name: 'redirects',
      expected: 'UPSTREAM_REJECTED',
      upstreams: { people: rest((_, response) => void response.writeHead(307, { location: '/people/p2' }).end()) },
    },
    {
      ...one,
      name: 'answers 404 where that means null',
      expected: 'answered',
      policies: { people: { operations: { getPerson: { notFound: 'null' } } } },
      upstreams: { people: rest((_, response) => sendJson(response, 404, { detail: PRIVATE })) },
      check: ({ body }) => {
        const { getPerson } = body.data as { getPerson?: unknown };
        return getPerson === null ? [] : [`the field is ${JSON.stringify(getPerson)}`];
      },
    },
    {
      ...nothing,
      name: 'speaks no TLS where that is wanted',
      expected: 'UPSTREAM_UNREACHABLE',
      upstreams: {
        people: async () => {
          const upstream = await startFaultyRest((_, response) => sendJson(response, 200, { id: 'p1' }));
          return { ...upstream, endpoint: upstream.endpoint.replace('http:', 'https:') };
        },
      },
    },
    {
      name: 'has as many calls as it may have at a time, and no queue',
      fields: THREE,
      calls: [1, 1],
      expected: 'SOURCE_UNAVAILABLE',
      policies: { people: { concurrency: { maxCalls: 1, maxQueue: 0 } } },
      upstreams: { people: rest((_, response) => void setTimeout(() => sendJson(response, 200, { id: 'p1' }), 50)) },
      check: ({ body }) => (body.errors?.length === 2 ? [] : [`${body.errors?.length} fields fail`]),
    },
    {
      name: 'is asked for more calls than one operation may make',
      fields: THREE,
      calls: [2, 2],
      expected: 'LIMIT_CALLS',
      settings: { limits: { maxCallsPerSource: 2 } },
    },
    {
      ...one,
      name: 'hangs until the time of the request is up',
      expected: 'DEADLINE_EXCEEDED',
      headers: { 'x-request-timeout-ms': '1500' },
      upstreams: { people: rest(() => undefined) },
    },
    {
      ...nothing,
      name: 'is to be asked what no address can hold',
      fields: 'getPerson(personId: "..") { id }',
      expected: 'BAD_REQUEST',
    },
  ];
}
