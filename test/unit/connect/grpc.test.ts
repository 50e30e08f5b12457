import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connector } from '../../../gateway/connect/connector.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import { type GrpcCall, type GrpcHandler, Refusal, rootJsonOf, startGrpcUpstream } from './grpc-kit.ts';
import { callOf, failureOf, optionsOf, publicText } from './kit.ts';

const PROTO = `
syntax = "proto3";
package test.v1;
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/empty.proto";
service Things {
  rpc GetThing(Thing) returns (Thing);
  rpc Close(Thing) returns (google.protobuf.Empty);
  rpc constructor(Thing) returns (Thing);
}
enum Color { COLOR_UNSPECIFIED = 0; COLOR_RED = 5; }
message Thing {
  string thing_id = 1;
  int64 big_number = 2;
  uint64 huge_number = 3;
  bytes raw_bytes = 4;
  Color color = 5;
  repeated Thing sub_things = 6;
  optional int32 maybe = 7;
  map<string, int64> counts = 8;
  google.protobuf.Timestamp made_at = 9;
  google.protobuf.Duration took = 10;
  google.protobuf.StringValue nick_name = 11;
  google.protobuf.Int64Value wrapped = 12;
  google.protobuf.Timestamp plain_time = 13;
  repeated google.protobuf.Timestamp times = 14;
  Thing child = 15;
  map<string, Thing> things_by_name = 16;
}
`;

const field = (method: string, type = 'Thing'): string =>
  `(input: ThingInput): ${type} @grpcMethod(subgraph: "shop", rootJsonName: "Root0", objPath: "test.v1.Things", methodName: "${method}", requestType: "test.v1.Thing", responseType: "test.v1.Thing")`;
const wire = (name: string): string => `@resolveRootField(subgraph: "shop", field: "${name}")`;
const SDL = `
  enum Color { COLOR_UNSPECIFIED COLOR_RED }
  type Time { seconds: Int64 nanos: Int }
  type Thing {
    thingId: String ${wire('thing_id')}
    subThings: [Thing] ${wire('sub_things')}
    madeAt: String ${wire('made_at')}
    took: String
    nickName: String ${wire('nick_name')}
    wrapped: Int64
    plainTime: Time ${wire('plain_time')}
    times: [String]
    child: Thing
    joined: String
  }
  input ThingInput {
    thingId: String ${wire('thing_id')}
    bigNumber: Int64 ${wire('big_number')}
    hugeNumber: UInt64 ${wire('huge_number')}
    rawBytes: String ${wire('raw_bytes')}
    color: Color
    subThings: [ThingInput] ${wire('sub_things')}
    maybe: Int
    counts: JSON
    madeAt: String ${wire('made_at')}
    took: String
    nickName: String ${wire('nick_name')}
    wrapped: Int64
    times: [String]
    thingsByName: JSON ${wire('things_by_name')}
  }
  type Query { getThing${field('GetThing')} close${field('Close', 'JSON')} odd${field('constructor')} }
`;

const ROOTS = [{ name: 'Root0', rootJson: rootJsonOf(PROTO) }];
const options = (rest: Partial<Parameters<typeof optionsOf>[0]> = {}) => optionsOf({ sdl: SDL, roots: ROOTS, ...rest });

let upstream: Awaited<ReturnType<typeof startGrpcUpstream>>;
let connector: Connector;
let handler: GrpcHandler;
let received: { message: Record<string, unknown>; call: GrpcCall } | undefined;

beforeAll(async () => {
  const handle: GrpcHandler = (message, call) => {
    received = { message, call };
    return handler(message, call);
  };
  upstream = await startGrpcUpstream(PROTO, 'test.v1.Things', { GetThing: handle, Close: handle, constructor: handle });
  connector = openConnector('grpc', options({ endpoints: [upstream.address] }));
});

afterAll(async () => {
  await connector[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

beforeEach(() => {
  handler = () => ({});
  received = undefined;
});

describe('a request message', () => {
  it('has the names of the proto, exact integers, bytes from base64 and enums by name', async () => {
    const input = {
      thingId: 't1',
      bigNumber: '-9223372036854775808',
      hugeNumber: '18446744073709551615',
      rawBytes: 'AP+J',
      color: 'COLOR_RED',
      maybe: 0,
      counts: { a: '9007199254740993' },
      subThings: [{ thingId: 'inner', bigNumber: 7 }],
    };
    await connector.call(callOf('getThing', { input }));
    expect(received?.message).toEqual({
      thing_id: 't1',
      big_number: '-9223372036854775808',
      huge_number: '18446744073709551615',
      raw_bytes: 'AP+J',
      color: 'COLOR_RED',
      maybe: 0,
      counts: { a: '9007199254740993' },
      sub_things: [{ thing_id: 'inner', big_number: '7' }],
    });
  });

  it('makes well-known types of plain values, and maps of lists of key and value', async () => {
    const input = {
      madeAt: '2024-02-29T12:00:00.000000001+01:00',
      took: '-1.5s',
      nickName: '',
      wrapped: '0',
      times: ['1969-12-31T23:59:59.5Z'],
      counts: [{ key: 'a', value: '2' }],
      thingsByName: { x: { made_at: '1970-01-01T00:00:01Z' } },
      subThings: [{ madeAt: '1970-01-01T00:00:02Z' }],
    };
    await connector.call(callOf('getThing', { input }));
    expect(received?.message).toEqual({
      made_at: { seconds: '1709204400', nanos: 1 },
      took: { seconds: '-1', nanos: -500_000_000 },
      nick_name: { value: '' },
      wrapped: { value: '0' },
      times: [{ seconds: '-1', nanos: 500_000_000 }],
      counts: { a: '2' },
      things_by_name: { x: { made_at: { seconds: '1', nanos: 0 } } },
      sub_things: [{ made_at: { seconds: '2', nanos: 0 } }],
    });
  });

  it.each([{ rawBytes: '***' }, { madeAt: 'yesterday' }, { took: '1 minute' }, { thingsByName: { x: 'no message' } }])(
    'of %j is refused before anything is sent',
    async (input) => {
      const error = await failureOf(connector.call(callOf('getThing', { input })));
      expect(error).toMatchObject({ code: 'BAD_REQUEST', source: 'shop' });
      expect(received).toBeUndefined();
    },
  );

  it('is empty without arguments', async () => {
    await connector.call(callOf('getThing'));
    expect(received?.message).toEqual({});
  });
});

describe('an answer', () => {
  it('has exact integers and bytes as text, enums by name and defaults; absent optional fields are missing', async () => {
    handler = () => ({
      thing_id: 't1',
      big_number: '9223372036854775807',
      huge_number: '18446744073709551615',
      raw_bytes: Buffer.from([0, 255, 137]),
      color: 'COLOR_RED',
      counts: { a: '9007199254740993' },
    });
    const { data, status: code } = await connector.call(callOf('getThing'));
    expect(code).toBe(0);
    expect(data).toMatchObject({
      thing_id: 't1',
      big_number: '9223372036854775807',
      huge_number: '18446744073709551615',
      raw_bytes: 'AP+J',
      color: 'COLOR_RED',
      counts: { a: '9007199254740993' },
      sub_things: [],
      times: [],
      child: null,
      made_at: null,
    });
    expect(data).not.toHaveProperty('maybe');
  });

  it('fills in the defaults of proto3 and tells a zero that was sent from one that was not', async () => {
    handler = () => ({ maybe: 0 });
    const { data, bytes } = await connector.call(callOf('getThing'));
    expect(data).toMatchObject({ thing_id: '', big_number: '0', raw_bytes: '', color: 'COLOR_UNSPECIFIED', maybe: 0 });
    expect(bytes).toBe(2);
  });

  it('shows well-known types as plain values where the schema shows a scalar, at any depth', async () => {
    const time = { seconds: '1709204400', nanos: 120_000_000 };
    const thing = {
      made_at: time,
      took: { seconds: '-1', nanos: -500_000_000 },
      nick_name: { value: '' },
      wrapped: { value: '9007199254740993' },
      plain_time: time,
      times: [{ seconds: '-1', nanos: 1 }, {}],
    };
    handler = () => ({ ...thing, child: thing, sub_things: [{ made_at: time, child: { took: { seconds: '3' } } }] });
    const shown = {
      made_at: '2024-02-29T11:00:00.120Z',
      took: '-1.500s',
      nick_name: '',
      wrapped: '9007199254740993',
      plain_time: time,
      times: ['1969-12-31T23:59:59.000000001Z', '1970-01-01T00:00:00Z'],
    };
    expect((await connector.call(callOf('getThing'))).data).toMatchObject({
      ...shown,
      child: shown,
      sub_things: [{ made_at: '2024-02-29T11:00:00.120Z', child: { took: '3s', nick_name: null } }],
    });
  });

  it('comes from methods of any name (mesh#6573 a method named Close)', async () => {
    handler = () => ({ thing_id: 'x' });
    expect((await connector.call(callOf('close'))).data).toBeNull();
    expect((await connector.call(callOf('odd'))).data).toMatchObject({ thing_id: 'x' });
  });

  it('that is no such message is a bad payload', async () => {
    handler = () => Buffer.from([0x10, 0xff]);
    const error = await failureOf(connector.call(callOf('getThing')));
    expect(error.code).toBe('UPSTREAM_BAD_PAYLOAD');
  });

  it('that is too large is a bad payload', async () => {
    await using small = openConnector('grpc', options({ endpoints: [upstream.address], maxBodyBytes: 1000 }));
    handler = () => ({ thing_id: 'x'.repeat(900) });
    expect((await small.call(callOf('getThing'))).bytes).toBe(903);
    handler = () => ({ thing_id: 'x'.repeat(1000) });
    expect((await failureOf(small.call(callOf('getThing')))).code).toBe('UPSTREAM_BAD_PAYLOAD');
  });
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
    await using lenient = openConnector('grpc', options({ endpoints: [upstream.address], policy }));
    handler = () => {
      throw new Refusal(status.NOT_FOUND, 'none');
    };
    expect(await lenient.call(callOf('getThing'))).toEqual({ data: null, status: 5, bytes: 0 });
    expect((await failureOf(lenient.call(callOf('odd')))).code).toBe('UPSTREAM_REJECTED');
  });
});

describe('opening', () => {
  it.each(['grpc://', 'http://'])('takes %s as plain text', async (scheme) => {
    await using other = openConnector('grpc', options({ endpoints: [scheme + upstream.address] }));
    expect((await other.call(callOf('getThing'))).status).toBe(0);
  });

  it('takes a target of grpc-js as it is, and TLS where the scheme says so', async () => {
    await using dns = openConnector(
      'grpc',
      options({ endpoints: [`dns:///localhost:${upstream.address.split(':')[1]}`] }),
    );
    expect((await dns.call(callOf('getThing'))).status).toBe(0);
    await using tls = openConnector(
      'grpc',
      options({ endpoints: [`grpcs://localhost:${upstream.address.split(':')[1]}`] }),
    );
    expect((await failureOf(tls.call(callOf('getThing')))).code).toBe('UPSTREAM_UNREACHABLE');
  });

  it.each([[[]], [['nothing']], [['ftp://host:1']]])('refuses the endpoints %j', (endpoints) => {
    expect(() => openConnector('grpc', options({ endpoints }))).toThrow(/endpoints.static/);
  });

  it('refuses descriptors that lack the method or cannot be read', () => {
    const endpoints = [upstream.address];
    expect(() => openConnector('grpc', options({ endpoints, roots: [] }))).toThrow(/test\.v1\.Things\/GetThing/);
    expect(() => openConnector('grpc', options({ endpoints, roots: [{ name: 'Root0', rootJson: '{' }] }))).toThrow(
      /descriptors "Root0"/,
    );
  });
});
