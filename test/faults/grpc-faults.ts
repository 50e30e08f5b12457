/** Faults of a gRPC upstream. */
import { isDeepStrictEqual } from 'node:util';
import { Metadata, status } from '@grpc/grpc-js';
import { answerGrpc, type FaultyUpstream, startFaultyHttp2 } from '../kit/faulty-upstream.ts';
import { type Fault, type FaultyWorld, grpc, type Outcome, PRIVATE, STOCK_MESSAGE } from './fault.ts';
import { judgeAnswer } from './probe.ts';
import { EAGER } from './rest-faults.ts';

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';
const FIELD = 'getStock(input: {}) { sku }';
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
      // It asks for five seconds, and there is one.
      name: 'gRPC RESOURCE_EXHAUSTED with details, retries on',
      expected: 'UPSTREAM_RATE_LIMITED',
      policies: { stock: { deadlineMs: 1000, retry: EAGER, errors: { expose: 'problem' } } },
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
    },
    {
      name: 'gRPC DNS failure',
      fields: FIELD,
      expected: 'UPSTREAM_UNREACHABLE',
      calls: [0, 0],
      endpoints: { stock: 'nowhere.invalid:50051' },
    },
    {
      name: 'HTTP/2 GOAWAY before the answer',
      fields: FIELD,
      expected: 'UPSTREAM_UNREACHABLE',
      // A stream above the last one named was not looked at: sending it again is allowed (RFC 9113 §6.8).
      calls: [1, 2],
      upstreams: { stock: goingAway('refuse') },
    },
    {
      name: 'HTTP/2 GOAWAY while answering, then asked again',
      fields: FIELD,
      expected: 'answered',
      calls: [2, 2],
      upstreams: { stock: goingAway('finish') },
      ask: askTwice,
    },
  ];
}

/** Ends every call with one status; its details name a wait of five seconds (google.rpc.RetryInfo). */
function failing(code: status): { stock: () => Promise<FaultyUpstream> } {
  return { stock: grpc((_call, reply) => reply(refusal(code, Buffer.from([0x08, 5])))) };
}

/** Asks the first call to come back after a millisecond. */
function limitedOnce(): Promise<FaultyUpstream> {
  let calls = 0;
  return grpc((_call, reply) => {
    calls += 1;
    // 1,000,000 ns.
    if (calls === 1) reply(refusal(status.RESOURCE_EXHAUSTED, Buffer.from([0x10, 0xc0, 0x84, 0x3d])));
    else reply(null, STOCK_MESSAGE);
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

/** A server that leaves at each call: it refuses the call, or still answers it and takes no more on that connection. */
function goingAway(how: 'refuse' | 'finish'): () => Promise<FaultyUpstream> {
  return () =>
    startFaultyHttp2((stream, session) => {
      session?.goaway(0, how === 'finish' ? (stream.id ?? 0) : 0);
      if (how === 'refuse') return session?.destroy();
      answerGrpc(stream, STOCK_MESSAGE);
      // Node leaves the connection half open otherwise, when the other side has closed it.
      stream.once('close', () => session?.close());
    });
}

async function askTwice({ app }: FaultyWorld): Promise<Outcome> {
  const ask = () => app.query(`{ ${FIELD} sibling: listPosts { title } }`);
  const first = judgeAnswer(await ask());
  const second = judgeAnswer(await ask());
  const complaints = first.seen === 'answered' ? [] : [`the call under way ended with ${first.seen}`];
  return { seen: second.seen, siblings: first.siblings && second.siblings, complaints };
}
