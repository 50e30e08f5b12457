/** Faults of a gRPC upstream. */
import { isDeepStrictEqual } from 'node:util';
import { Metadata, status } from '@grpc/grpc-js';
import type { FaultyUpstream } from '../kit/faulty-upstream.ts';
import { type Fault, grpc, PRIVATE, STOCK_MESSAGE } from './fault.ts';
import { EAGER, OF_LARGE } from './rest-faults.ts';

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';
const FIELD = 'getStock(input: { key: { sku: "s1" } }) { sku }';
const HASTY = { stock: { deadlineMs: 300 } };

export function grpcFaults(): Fault[] {
  const one = { fields: FIELD, calls: [1, 1] } as const;
  return [
    { ...one, name: 'gRPC UNAVAILABLE', expected: 'UPSTREAM_UNREACHABLE', upstreams: failing(status.UNAVAILABLE) },
    {
      ...one,
      name: 'gRPC DEADLINE_EXCEEDED',
      expected: 'UPSTREAM_TIMEOUT',
      upstreams: failing(status.DEADLINE_EXCEEDED),
    },
    {
      ...one,
      // It asks for five seconds, and there are four.
      name: 'gRPC RESOURCE_EXHAUSTED with details, retries on',
      expected: 'UPSTREAM_RATE_LIMITED',
      policies: { stock: { deadlineMs: 4000, retry: EAGER, errors: { expose: 'problem' } } },
      upstreams: failing(status.RESOURCE_EXHAUSTED),
      check: ({ body }) => judgeProblem(body.errors?.[0]?.extensions['problem']),
    },
    {
      ...one,
      name: 'gRPC RESOURCE_EXHAUSTED for a moment, then well',
      expected: 'answered',
      calls: [2, 2],
      policies: { stock: { retry: EAGER } },
      upstreams: { stock: limitedOnce },
    },
    { ...one, name: 'gRPC INTERNAL', expected: 'UPSTREAM_FAILED', upstreams: failing(status.INTERNAL) },
    {
      ...one,
      name: 'gRPC hangs',
      expected: 'UPSTREAM_TIMEOUT',
      policies: HASTY,
      upstreams: { stock: grpc(() => undefined) },
    },
    {
      ...one,
      name: 'gRPC reset',
      expected: 'UPSTREAM_UNREACHABLE',
      upstreams: { stock: grpc((_call, _reply, socket) => socket?.resetAndDestroy()) },
    },
    {
      ...one,
      name: 'gRPC message that ends within a number',
      expected: 'UPSTREAM_BAD_PAYLOAD',
      upstreams: { stock: grpc((_call, reply) => reply(null, Buffer.from([0x18, 0xff]))) },
    },
    {
      ...one,
      name: 'gRPC message of 50 MB',
      expected: 'UPSTREAM_BAD_PAYLOAD',
      upstreams: { stock: grpc((_call, reply) => reply(null, Buffer.alloc(50_000_000))) },
      memory: OF_LARGE,
    },
    {
      name: 'gRPC DNS failure',
      fields: FIELD,
      expected: 'UPSTREAM_UNREACHABLE',
      calls: [0, 0],
      endpoints: { stock: 'nowhere.invalid:50051' },
    },
  ];
}

/** Ends every call with one status; its details name a wait of five seconds (google.rpc.RetryInfo). */
function failing(code: status): { stock: () => Promise<FaultyUpstream> } {
  return { stock: grpc((_call, reply) => reply(refusal(code, Buffer.from([0x08, 5])))) };
}

/** Asks whoever asks first to come back after a millisecond. */
function limitedOnce(): Promise<FaultyUpstream> {
  const refused = new Set<string>();
  return grpc(({ request }, reply) => {
    const asked = request.toString('hex');
    if (refused.delete(asked)) return reply(null, STOCK_MESSAGE);
    refused.add(asked);
    // 1,000,000 ns.
    reply(refusal(status.RESOURCE_EXHAUSTED, Buffer.from([0x10, 0xc0, 0x84, 0x3d])));
  })();
}

function refusal(code: status, delay: Buffer): { code: status; details: string; metadata: Metadata } {
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', statusDetails(code, delay));
  return { code, details: PRIVATE, metadata };
}

/** What clients may see of these details, and nothing else. */
function judgeProblem(problem: unknown): string[] {
  const wanted = { code: status.RESOURCE_EXHAUSTED, message: '', details: [{ '@type': RETRY_INFO, retryDelay: '5s' }] };
  return isDeepStrictEqual(problem, wanted) ? [] : [`the problem is ${JSON.stringify(problem)}`];
}

/** google.rpc.Status { code, details: [Any { type_url, value: RetryInfo { retry_delay } }] }, by hand. */
function statusDetails(code: status, delay: Buffer): Buffer {
  const bytes = (tag: number, value: Buffer): Buffer => Buffer.concat([Buffer.from([tag, value.length]), value]);
  const url = Buffer.from(RETRY_INFO);
  const any = Buffer.concat([bytes(0x0a, url), bytes(0x12, bytes(0x0a, delay))]);
  return Buffer.concat([Buffer.from([0x08, code]), bytes(0x1a, any)]);
}
