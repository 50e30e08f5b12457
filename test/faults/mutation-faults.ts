/** A mutation whose upstream fails is sent exactly once, however eagerly reads are retried. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import type { Answer } from '../kit/app.ts';
import type { FaultyUpstream } from '../kit/faulty-upstream.ts';
import { type Fault, type FaultyWorld, grpc, type Outcome, PRIVATE, rest, STOCK_MESSAGE, sendJson } from './fault.ts';
import { judgeAnswer } from './judge.ts';
import { GRPC_AGAIN } from './repeated-faults.ts';
import { EAGER } from './rest-faults.ts';

const CREATE = 'createPerson(input: { full_name: "Ada" }) { id }';
const CLOSE = 'stockClose(input: { shelf: "a" }) { sku }';

/** So many that chance takes both addresses. */
const MANY = 24;
/** Who fails often is left out for a while. */
const OF_MANY = { operations: 12, together: 2, failures: MANY, codes: ['answered'] };

function many(): string {
  return Array.from({ length: MANY }, (_, n) => `m${n}: ${CLOSE}`).join(' ');
}

/** Each mutation was answered by the one call that was made for it, or failed. */
function judgeMany({ data, errors = [] }: Answer['body'], calls: number): string[] {
  const answered = Object.values((data ?? {}) as Record<string, unknown>).filter((value) => value !== null).length;
  return [
    ...(answered === calls ? [] : [`${answered} of ${MANY} are answered, by ${calls} calls`]),
    ...(answered + errors.length === MANY ? [] : [`${answered} are answered, ${errors.length} fail`]),
  ];
}

/** Answers reads, and resets the connection when a write comes: on the one that the read came by. */
function resetWhenKept(): Promise<FaultyUpstream> {
  const known = new WeakSet<object>();
  return rest((request, response) => {
    if (request.method === 'POST' && known.has(request.socket)) return void request.socket.resetAndDestroy();
    known.add(request.socket);
    sendJson(response, request.method === 'GET' ? 200 : 500, { id: 'p1' });
  })();
}

async function readThenWrite({ app }: FaultyWorld): Promise<Outcome> {
  const read = await app.query('{ getPerson(personId: "p1") { id } }');
  // The connection is idle a turn after its answer has ended.
  await nextTurn();
  const { seen, siblings } = judgeAnswer(await app.query(`mutation { ${CREATE} }`), false);
  return { seen, siblings, complaints: read.body.errors ? ['the read failed'] : [] };
}

export function mutationFaults(): Fault[] {
  const create = { kind: 'mutation', fields: CREATE, calls: [1, 1], policies: { people: { retry: EAGER } } } as const;
  const close = { kind: 'mutation', fields: CLOSE, calls: [1, 1], policies: { stock: { retry: EAGER } } } as const;
  return [
    {
      ...create,
      name: 'mutation, answered 503 with Retry-After: 0',
      expected: 'UPSTREAM_FAILED',
      upstreams: { people: rest((_, response) => sendJson(response, 503, { PRIVATE }, { 'retry-after': '0' })) },
    },
    {
      ...create,
      name: 'mutation, reset after it was received',
      expected: 'UPSTREAM_UNREACHABLE',
      upstreams: { people: rest((request) => request.socket.resetAndDestroy()) },
    },
    {
      ...create,
      name: 'mutation, hangs, where a read would be asked anew',
      expected: 'UPSTREAM_TIMEOUT',
      policies: { people: { retry: { ...EAGER, attemptMs: 50 }, deadlineMs: 300 } },
      upstreams: { people: rest(() => undefined) },
    },
    {
      ...close,
      name: 'gRPC mutation, UNAVAILABLE',
      expected: 'UPSTREAM_UNREACHABLE',
      upstreams: { stock: grpc((_call, reply) => reply({ code: status.UNAVAILABLE, details: PRIVATE })) },
    },
    {
      ...close,
      name: 'gRPC mutation, reset after it was received',
      expected: 'UPSTREAM_UNREACHABLE',
      upstreams: { stock: grpc((_call, _reply, socket) => socket?.resetAndDestroy()) },
    },
    {
      ...close,
      name: `gRPC, ${MANY} mutations at two addresses, one of which resets what it has received`,
      expected: 'UPSTREAM_UNREACHABLE',
      fields: many(),
      memory: OF_MANY,
      calls: [MANY, MANY],
      policies: { stock: GRPC_AGAIN },
      upstreams: {
        stock: grpc((_call, _reply, socket) => socket?.resetAndDestroy()),
        ratings: grpc((_call, reply) => reply(null, STOCK_MESSAGE)),
      },
      check: ({ body }, { upstreams }) => judgeMany(body, upstreams.ratings.calls()),
    },
    {
      ...close,
      name: `gRPC, ${MANY} mutations at two addresses, at one of which nobody listens`,
      expected: 'UPSTREAM_UNREACHABLE',
      fields: many(),
      memory: OF_MANY,
      calls: [1, MANY - 1],
      policies: { stock: GRPC_AGAIN },
      // The port of the discard service.
      endpoints: { stock: '127.0.0.1:9' },
      upstreams: { ratings: grpc((_call, reply) => reply(null, STOCK_MESSAGE)) },
      check: ({ body }, { upstreams }) => judgeMany(body, upstreams.ratings.calls()),
    },
    {
      ...create,
      name: 'mutation, reset on a connection that was kept alive',
      expected: 'UPSTREAM_UNREACHABLE',
      calls: [2, 2],
      upstreams: { people: resetWhenKept },
      ask: readThenWrite,
    },
    {
      ...create,
      name: 'control: the same retries do send a read again',
      kind: 'query',
      fields: 'getPerson(personId: "p1") { id }',
      expected: 'UPSTREAM_FAILED',
      calls: [EAGER.attempts, EAGER.attempts],
      upstreams: { people: rest((_, response) => sendJson(response, 503, { PRIVATE })) },
    },
  ];
}
