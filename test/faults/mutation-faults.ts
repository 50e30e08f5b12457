/** A mutation whose upstream fails is sent exactly once, however eagerly reads are retried. */
import { status } from '@grpc/grpc-js';
import { type Fault, grpc, PRIVATE, rest, sendJson } from './fault.ts';
import { EAGER } from './rest-faults.ts';

const CREATE = 'createPerson(input: { full_name: "Ada" }) { id }';
const CLOSE = 'stockClose(input: { shelf: "a" }) { sku }';

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
