/** Faults of an HTTP upstream. */
import type { ServerResponse } from 'node:http';
import { endpointVariable } from '../kit/project.ts';
import type { Random } from './chance.ts';
import { between } from './chance.ts';
import { type Fault, PRIVATE, rest, sendJson } from './fault.ts';

const PERSON = JSON.stringify({ id: 'p1', full_name: PRIVATE.repeat(20) });
const FIELD = 'getPerson(personId: "p1") { id }';
const JSON_TYPE = { 'content-type': 'application/json' };
/** Time a source gets where it never answers. */
const HASTY = { people: { deadlineMs: 300 } };
/** Retries that come at once, so that what must not be sent again would be. */
export const EAGER = { attempts: 3, budgetPercent: 100, budgetBurst: 100, baseMs: 1, maxMs: 1 };

const LARGE_BYTES = 50_000_000;
/** What a bounded reader may have let in of a large body before it stopped: the limit and what was on its way. */
const MOST_BYTES = 32_000_000;
const STORM = 50;
const STORM_BUDGET = 5;
const OF_STORMS = { operations: 5, together: 1, failures: STORM };
/** Each takes long, so there are few: what else memory does is more by each. */
export const OF_LARGE = { operations: 8, together: 2, bytes: 10_000 };

export function restFaults(random: Random): Fault[] {
  const cut = between(random, 1, PERSON.length - 1);
  const one = { fields: FIELD, calls: [1, 1] } as const;
  return [
    {
      ...one,
      name: `killed mid-body, after ${cut} of ${PERSON.length} bytes`,
      expected: 'UPSTREAM_UNREACHABLE',
      upstreams: {
        people: rest((request, response) => {
          response.writeHead(200, { ...JSON_TYPE, 'content-length': PERSON.length });
          response.write(PERSON.slice(0, cut), () => request.socket.destroy());
        }),
      },
    },
    {
      ...one,
      name: `killed mid-body, chunked, after ${cut} bytes`,
      expected: 'UPSTREAM_UNREACHABLE',
      upstreams: {
        people: rest((request, response) => {
          response.writeHead(200, JSON_TYPE).write(PERSON.slice(0, cut), () => request.socket.destroy());
        }),
      },
    },
    {
      ...one,
      name: 'hangs before the answer',
      expected: 'UPSTREAM_TIMEOUT',
      policies: HASTY,
      upstreams: { people: rest(() => undefined) },
    },
    {
      // Of four calls under way two go to each address: those that hang are asked anew of the other one.
      name: 'hangs, then another endpoint answers',
      fields: [1, 2, 3, 4].map((n) => `a${n}: getPerson(personId: "p${n}") { id }`).join(' '),
      expected: 'answered',
      calls: [6, 6],
      // The budget of retries is spent some time.
      memory: { operations: 40, together: 8, failures: 2, codes: ['UPSTREAM_TIMEOUT'] },
      policies: {
        people: {
          deadlineMs: 3000,
          retry: { attempts: 3, budgetBurst: 10 },
          endpoints: { static: [`\${${endpointVariable('people')}}/hangs`, `\${${endpointVariable('people')}}/well`] },
        },
      },
      upstreams: {
        people: rest((request, response) => {
          if (request.url?.startsWith('/well/') === true) sendJson(response, 200, { id: 'p1' });
        }),
      },
    },
    {
      ...one,
      name: 'hangs within the answer',
      expected: 'UPSTREAM_TIMEOUT',
      policies: HASTY,
      upstreams: { people: rest((_, response) => void response.writeHead(200, JSON_TYPE).write(PERSON.slice(0, cut))) },
    },
    {
      ...one,
      name: 'slow drip, a byte at a time',
      expected: 'UPSTREAM_TIMEOUT',
      policies: HASTY,
      upstreams: { people: rest((_, response) => drip(response)) },
    },
    {
      ...one,
      name: 'reset',
      expected: 'UPSTREAM_UNREACHABLE',
      upstreams: { people: rest((request) => request.socket.resetAndDestroy()) },
    },
    {
      name: `500 storm, ${STORM} calls, retried within a budget of ${STORM_BUDGET}`,
      fields: storm(),
      expected: 'UPSTREAM_FAILED',
      calls: [STORM, STORM + STORM_BUDGET + STORM / 100 + 1],
      memory: OF_STORMS,
      policies: { people: { retry: { ...EAGER, budgetPercent: 1, budgetBurst: STORM_BUDGET } } },
      upstreams: { people: rest((_, response) => sendJson(response, 500, { detail: PRIVATE })) },
    },
    {
      name: `500 storm, ${STORM} calls four at a time, behind a breaker of 10`,
      fields: storm(),
      expected: 'CIRCUIT_OPEN+UPSTREAM_FAILED',
      calls: [10, 13],
      memory: OF_STORMS,
      policies: {
        people: {
          concurrency: { maxCalls: 4, maxQueue: STORM, maxQueueMs: 30_000 },
          breaker: { failurePercent: 50, minimumCalls: 10, windowMs: 60_000, openMs: 60_000 },
        },
      },
      upstreams: { people: rest((_, response) => sendJson(response, 500, { detail: PRIVATE })) },
    },
    {
      ...one,
      name: '429 with Retry-After beyond all deadlines, retries on',
      expected: 'UPSTREAM_RATE_LIMITED',
      policies: { people: { retry: EAGER } },
      upstreams: {
        people: rest((_, response) => sendJson(response, 429, { detail: PRIVATE }, { 'retry-after': '3600' })),
      },
    },
    {
      name: '429 with Retry-After: 0, then well',
      fields: FIELD,
      calls: [2, 2],
      expected: 'answered',
      policies: { people: { retry: EAGER } },
      upstreams: { people: limitedOnce },
    },
    {
      ...one,
      name: 'wrong content type',
      expected: 'UPSTREAM_BAD_PAYLOAD',
      upstreams: {
        people: rest((_, response) => {
          response.writeHead(200, { 'content-type': 'text/html' }).end(`<h1>${PRIVATE}</h1>`);
        }),
      },
    },
    { ...one, name: `truncated JSON, ${cut} bytes`, ...badBody(PERSON.slice(0, cut)) },
    { ...one, name: 'JSON of another shape', ...badBody('[[["id"]]]') },
    { ...one, name: 'invalid JSON', ...badBody(`{id: '${PRIVATE}'}`) },
    largeBody('50 MB body, announced', { 'content-length': String(LARGE_BYTES) }),
    largeBody('50 MB body, chunked', {}),
    {
      name: 'DNS failure',
      fields: FIELD,
      expected: 'UPSTREAM_UNREACHABLE',
      calls: [0, 0],
      endpoints: { people: 'http://nowhere.invalid:8080' },
    },
  ];
}

/** The same question many times over, each one another call. */
function storm(): string {
  return Array.from({ length: STORM }, (_, n) => `a${n}: getPerson(personId: "p${n}") { id }`).join(' ');
}

function badBody(text: string): Pick<Fault, 'expected' | 'upstreams'> {
  return {
    expected: 'UPSTREAM_BAD_PAYLOAD',
    upstreams: { people: rest((_, response) => void response.writeHead(200, JSON_TYPE).end(text)) },
  };
}

function limitedOnce(): ReturnType<ReturnType<typeof rest>> {
  const refused = new Set<string>();
  return rest(({ url = '' }, response) => {
    if (refused.delete(url)) return sendJson(response, 200, { id: 'p1' });
    refused.add(url);
    sendJson(response, 429, {}, { 'retry-after': '0' });
  })();
}

function drip(response: ServerResponse): void {
  response.writeHead(200, JSON_TYPE);
  let sent = 0;
  const timer = setInterval(() => {
    response.write(PERSON[sent % PERSON.length] ?? '');
    sent += 1;
  }, 10);
  response.once('close', () => clearInterval(timer));
}

/** A string of so many bytes, sent as fast as it is taken. */
function largeBody(name: string, headers: Readonly<Record<string, string>>): Fault {
  let sent = 0;
  const block = Buffer.alloc(65_536, 'x');
  const send = (response: ServerResponse): void => {
    response.writeHead(200, { ...JSON_TYPE, ...headers });
    response.write('"');
    sent = 1;
    const more = (): void => {
      while (!response.destroyed && sent + block.length < LARGE_BYTES) {
        sent += block.length;
        if (!response.write(block)) return;
      }
      response.end();
    };
    response.on('drain', more);
    more();
  };
  return {
    name,
    fields: FIELD,
    expected: 'UPSTREAM_BAD_PAYLOAD',
    calls: [1, 1],
    upstreams: { people: rest((_, response) => send(response)) },
    memory: OF_LARGE,
    check: () => (sent <= MOST_BYTES ? [] : [`${sent} bytes were taken`]),
  };
}
