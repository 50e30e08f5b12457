import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connector } from '../../../gateway/connect/connector.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import { type GrpcHandler, Refusal, startGrpcUpstream } from './grpc-kit.ts';
import { options, PROTO } from './grpc-things.ts';
import { callOf, failureOf, publicText } from './kit.ts';

let upstream: Awaited<ReturnType<typeof startGrpcUpstream>>;
let connector: Connector;
let handler: GrpcHandler;

beforeAll(async () => {
  const handle: GrpcHandler = (message, call) => handler(message, call);
  upstream = await startGrpcUpstream(PROTO, 'test.v1.Things', { GetThing: handle, Close: handle, constructor: handle });
  connector = openConnector('grpc', await options({ endpoints: [upstream.address] }));
});

afterAll(async () => {
  await connector[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

beforeEach(() => {
  handler = () => ({});
});

describe('a status', () => {
  it.each([
    ['NOT_FOUND', 'UPSTREAM_REJECTED'],
    ['INVALID_ARGUMENT', 'UPSTREAM_REJECTED'],
    ['FAILED_PRECONDITION', 'UPSTREAM_REJECTED'],
    ['ALREADY_EXISTS', 'UPSTREAM_REJECTED'],
    ['OUT_OF_RANGE', 'UPSTREAM_REJECTED'],
    ['PERMISSION_DENIED', 'UPSTREAM_REJECTED'],
    ['UNAUTHENTICATED', 'UPSTREAM_REJECTED'],
    ['RESOURCE_EXHAUSTED', 'UPSTREAM_RATE_LIMITED'],
    ['DEADLINE_EXCEEDED', 'UPSTREAM_TIMEOUT'],
    ['UNAVAILABLE', 'UPSTREAM_UNREACHABLE'],
    ['CANCELLED', 'UPSTREAM_FAILED'],
    ['INTERNAL', 'UPSTREAM_FAILED'],
    ['UNIMPLEMENTED', 'UPSTREAM_FAILED'],
    ['UNKNOWN', 'UPSTREAM_FAILED'],
    ['ABORTED', 'UPSTREAM_FAILED'],
    ['DATA_LOSS', 'UPSTREAM_FAILED'],
  ] as const)('%s becomes %s, and only the log reads what the upstream said', async (name, code) => {
    handler = () => {
      throw new Refusal(status[name], 'row 7 of table secret_things');
    };
    const error = await failureOf(connector.call(callOf('getThing')));
    expect(error).toMatchObject({ code, source: 'shop', detail: { upstreamStatus: name } });
    expect(publicText(error)).not.toMatch(/secret_things|127\.0\.0\.1|test\.v1/);
    expect(String((error.cause as Error).cause)).toContain('row 7 of table secret_things');
  });

  it('NOT_FOUND is null where the policy says so', async () => {
    const policy = { operations: { getThing: { notFound: 'null' } } };
    await using lenient = openConnector('grpc', await options({ endpoints: [upstream.address], policy }));
    handler = () => {
      throw new Refusal(status.NOT_FOUND, 'none');
    };
    expect(await lenient.call(callOf('getThing'))).toEqual({ data: null, status: 5, bytes: 0 });
    expect((await failureOf(lenient.call(callOf('thingsConstructor')))).code).toBe('UPSTREAM_REJECTED');
  });
});

describe('opening', () => {
  it.each(['grpc://', 'http://'])('takes %s as plain text', async (scheme) => {
    const endpoints = [scheme + upstream.address];
    // As a policy has to be able to write it.
    await using other = openConnector(
      'grpc',
      await options({ endpoints, policy: { endpoints: { static: endpoints } } }),
    );
    expect((await other.call(callOf('getThing'))).status).toBe(0);
  });

  it('takes a target of grpc-js as it is, and TLS where the scheme says so', async () => {
    await using dns = openConnector(
      'grpc',
      await options({ endpoints: [`dns:///localhost:${upstream.address.split(':')[1]}`] }),
    );
    expect((await dns.call(callOf('getThing'))).status).toBe(0);
    await using tls = openConnector(
      'grpc',
      await options({ endpoints: [`grpcs://localhost:${upstream.address.split(':')[1]}`] }),
    );
    expect((await failureOf(tls.call(callOf('getThing')))).code).toBe('UPSTREAM_UNREACHABLE');
  });

  it.each([[[]], [['nothing']], [['ftp://host:1']]])('refuses the endpoints %j', async (endpoints) => {
    const opened = await options({ endpoints });
    expect(() => openConnector('grpc', opened)).toThrow(/endpoints.static/);
  });

  it.each([
    ['lack the method', [], /test\.v1\.Things\/GetThing/],
    ['cannot be read', [{ name: 'Root0', rootJson: '{' }], /descriptors "Root0"/],
  ])('refuses descriptors that %s', async (_title, roots, message) => {
    const opened = await options({ endpoints: [upstream.address], roots });
    expect(() => openConnector('grpc', opened)).toThrow(message);
  });
});
