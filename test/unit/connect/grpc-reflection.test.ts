/** Server reflection against a server that speaks it, by the .proto of the reflection service. */
import { status } from '@grpc/grpc-js';
import { beforeEach, describe, expect, it } from 'vitest';
import { fetchDescriptorSet } from '../../../gateway/connect/grpc/reflection.ts';
import { resolveContract } from '../../../gateway/ingest/grpc/contract.ts';
import { descriptorType, readDescriptorSet } from '../../../gateway/ingest/grpc/descriptor-set.ts';
import { type GrpcHandler, type GrpcUpstream, Refusal, startGrpcUpstream } from './grpc-kit.ts';
import { failureOf } from './kit.ts';

const proto = (version: string): string => `syntax = "proto3"; package grpc.reflection.${version};
  service ServerReflection { rpc ServerReflectionInfo(stream ServerReflectionRequest) returns (stream ServerReflectionResponse); }
  message ServerReflectionRequest { string host = 1; oneof message_request { string file_by_filename = 3; string file_containing_symbol = 4; string list_services = 7; } }
  message ServerReflectionResponse { string valid_host = 1; ServerReflectionRequest original_request = 2;
    oneof message_response { FileDescriptorResponse file_descriptor_response = 4; ListServiceResponse list_services_response = 6; ErrorResponse error_response = 7; } }
  message FileDescriptorResponse { repeated bytes file_descriptor_proto = 1; }
  message ListServiceResponse { repeated ServiceResponse service = 1; }
  message ServiceResponse { string name = 1; }
  message ErrorResponse { int32 error_code = 1; string error_message = 2; }`;

const method = (name: string, type: string): object => ({ name, inputType: type, outputType: type });
const field = { name: 'id', number: 1, label: 1, type: 9 };
const files = {
  'shop.proto': {
    name: 'shop.proto',
    package: 'shop.v1',
    syntax: 'proto3',
    dependency: ['common.proto', 'google/protobuf/empty.proto'],
    service: [
      { name: 'Orders', method: [method('GetOrder', '.common.Id')] },
      { name: 'Stock', method: [method('GetStock', '.common.Id')] },
    ],
  },
  'common.proto': {
    name: 'common.proto',
    package: 'common',
    syntax: 'proto3',
    messageType: [{ name: 'Id', field: [field] }],
  },
  'health.proto': {
    name: 'health.proto',
    package: 'grpc.health.v1',
    syntax: 'proto3',
    messageType: [{ name: 'Ask', field: [field] }],
    service: [{ name: 'Health', method: [method('Check', '.grpc.health.v1.Ask')] }],
  },
};
const SERVICES = ['grpc.reflection.v1.ServerReflection', 'shop.v1.Orders', 'shop.v1.Stock', 'grpc.health.v1.Health'];

type Question = { list_services?: string; file_containing_symbol?: string; file_by_filename?: string };

let asked: Question[];
let metadata: Record<string, unknown>;

beforeEach(() => {
  asked = [];
  metadata = {};
});

function bytesOf(name: string): Buffer {
  const type = descriptorType('FileDescriptorProto');
  return Buffer.from(type.encode(type.fromObject(files[name as keyof typeof files])).finish());
}

function answer(question: Question): object {
  asked.push(question);
  if (question.list_services !== undefined)
    return { list_services_response: { service: SERVICES.map((name) => ({ name })) } };
  const symbol = question.file_containing_symbol;
  const name =
    symbol === undefined ? question.file_by_filename : symbol.startsWith('shop') ? 'shop.proto' : 'health.proto';
  if (name === undefined || !(name in files)) return { error_response: { error_code: 5, error_message: 'not found' } };
  return { file_descriptor_response: { file_descriptor_proto: [bytesOf(name)] } };
}

function start(version: string, handler?: GrpcHandler): Promise<GrpcUpstream> {
  const reflect: GrpcHandler = (messages, call) => {
    metadata = call.metadata.getMap();
    return (messages as unknown as Question[]).map(answer);
  };
  return startGrpcUpstream(proto(version), `grpc.reflection.${version}.ServerReflection`, {
    ServerReflectionInfo: handler ?? reflect,
  });
}

async function fetchFrom({ address }: GrpcUpstream, more: object = {}): Promise<Uint8Array> {
  return (await fetchAll(address, more)).bytes;
}

function fetchAll(address: string, more: object = {}): ReturnType<typeof fetchDescriptorSet> {
  return fetchDescriptorSet({ source: 'shop', address, metadata: new Map(), ...more });
}

describe('reflection', () => {
  it.each(['v1', 'v1alpha'])('%s gives all services of a server but itself, and what they import', async (version) => {
    await using upstream = await start(version);
    const { root, missing } = readDescriptorSet(await fetchFrom(upstream));
    expect(resolveContract(root, missing).methods.map(({ wireName }) => wireName)).toEqual([
      'grpc.health.v1.Health/Check',
      'shop.v1.Orders/GetOrder',
      'shop.v1.Stock/GetStock',
    ]);
    expect(missing).toEqual([]);
    expect(asked).toContainEqual({ file_by_filename: 'common.proto' });
  });

  it('names the services that are listed but not described', async () => {
    await using upstream = await start('v1', (messages) =>
      (messages as unknown as Question[]).map((question) =>
        question.file_containing_symbol?.startsWith('grpc.health')
          ? { error_response: { error_code: 5 } }
          : answer(question),
      ),
    );
    expect((await fetchAll(upstream.address)).undescribed).toEqual(['grpc.health.v1.Health']);
  });

  it('gives the same bytes every time', async () => {
    await using upstream = await start('v1');
    expect(await fetchFrom(upstream)).toEqual(await fetchFrom(upstream));
  });

  it('mesh#5836 is asked with metadata', async () => {
    await using upstream = await start('v1');
    await fetchFrom(upstream, { metadata: new Map([['authorization', 'Bearer x']]) });
    expect(metadata).toMatchObject({ authorization: 'Bearer x' });
  });

  it('that a server does not have is told with what to do instead', async () => {
    await using upstream = await startGrpcUpstream(
      'syntax = "proto3"; message A {} service S { rpc Get(A) returns (A); }',
      'S',
      {},
    );
    const error = await failureOf(fetchFrom(upstream));
    expect(error.code).toBe('SOURCE_UNAVAILABLE');
    expect(error.message).toMatch(/does not answer reflection: add the service from its \.proto files/);
  });

  it.each([
    ['that is refused', () => Promise.reject(new Refusal(status.UNAUTHENTICATED, 'secret')), 'UPSTREAM_REJECTED'],
    ['that names no service', () => [{ list_services_response: { service: [] } }], 'SOURCE_UNAVAILABLE'],
    ['that answers something else', () => [Buffer.from([0x22, 0xff])], 'UPSTREAM_BAD_PAYLOAD'],
    ['that goes on about other things', () => [{ error_response: { error_code: 5 } }], 'SOURCE_UNAVAILABLE'],
    [
      'with too many services',
      () => [{ list_services_response: { service: Array.from({ length: 1001 }, (_, n) => ({ name: `S${n}` })) } }],
      'SOURCE_UNAVAILABLE',
    ],
    [
      'whose files are none',
      (messages: unknown) =>
        (messages as Question[]).map((question) =>
          question.list_services === undefined
            ? { file_descriptor_response: { file_descriptor_proto: [Buffer.from([0xff])] } }
            : answer(question),
        ),
      'UPSTREAM_BAD_PAYLOAD',
    ],
  ])('%s is an error with a code', async (_title, handler, code) => {
    await using upstream = await start('v1', handler as GrpcHandler);
    const error = await failureOf(fetchFrom(upstream));
    expect(error).toMatchObject({ code, source: 'shop' });
    expect(error.message).not.toContain('secret');
  });

  it('that takes too long is given up', async () => {
    await using upstream = await start('v1', () => new Promise(() => undefined));
    expect((await failureOf(fetchFrom(upstream, { timeoutMs: 50 }))).code).toBe('UPSTREAM_TIMEOUT');
  });

  it('of nobody is unreachable', async () => {
    await using gone = await start('v1');
    await gone[Symbol.asyncDispose]();
    expect((await failureOf(fetchFrom(gone))).code).toBe('UPSTREAM_UNREACHABLE');
  });
});
