import type { ServerUnaryCall } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connector } from '../../../gateway/connect/connector.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import { Upload } from '../../../gateway/connect/upload.ts';
import { connectorOptions, type GrpcHandler, type GrpcUpstream, importProto, startGrpcUpstream } from './grpc-kit.ts';
import { options, PROTO } from './grpc-things.ts';
import { callOf, failureOf } from './kit.ts';

let upstream: GrpcUpstream;
let connector: Connector;
let handler: GrpcHandler;
let received: Record<string, unknown> | undefined;

beforeAll(async () => {
  const handle: GrpcHandler = (message, call) => {
    received = message;
    return handler(message, call);
  };
  const handlers = { GetThing: handle, Close: handle, constructor: handle, SendThings: handle, GetTime: handle };
  upstream = await startGrpcUpstream(PROTO, 'test.v1.Things', handlers);
  connector = openConnector('grpc', await options({ endpoints: [upstream.address] }));
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
  it('has the names of the proto, exact integers, bytes from base64 and enums by name (mesh#1355 int64)', async () => {
    const input = {
      thingId: 't1',
      bigNumber: '-9223372036854775808',
      hugeNumber: '18446744073709551615',
      rawBytes: 'AP+J',
      color: 'COLOR_RED',
      maybe: 0,
      subThings: [{ thingId: 'inner', bigNumber: 7 }],
      palette: ['COLOR_ROUGE', 'COLOR_UNSPECIFIED'],
      constructor: 'x',
    };
    await connector.call(callOf('getThing', { input }));
    expect(received).toEqual({
      thing_id: 't1',
      big_number: '-9223372036854775808',
      huge_number: '18446744073709551615',
      raw_bytes: 'AP+J',
      color: 'COLOR_RED',
      maybe: 0,
      sub_things: [{ thing_id: 'inner', big_number: '7' }],
      palette: ['COLOR_RED', 'COLOR_UNSPECIFIED'],
      constructor: 'x',
    });
  });

  it('makes well-known types of plain values', async () => {
    const input = {
      madeAt: '2024-02-29T12:00:00.000000001+01:00',
      took: '-1.5s',
      nickName: '',
      wrapped: '0',
      times: ['1969-12-31T23:59:59.5Z'],
      subThings: [{ madeAt: '1970-01-01T00:00:02Z' }],
      mask: 'thingId,child.madeAt',
      extra: { a: [1, 'b', null, { c: true }] },
      value: null,
      list: [1],
      values: [null, 'x'],
    };
    await connector.call(callOf('getThing', { input }));
    expect(received).toMatchObject({
      made_at: { seconds: '1709204400', nanos: 1 },
      took: { seconds: '-1', nanos: -500_000_000 },
      nick_name: { value: '' },
      wrapped: { value: '0' },
      times: [{ seconds: '-1', nanos: 500_000_000 }],
      sub_things: [{ made_at: { seconds: '2', nanos: 0 } }],
      mask: { paths: ['thing_id', 'child.made_at'] },
      extra: {
        fields: {
          a: {
            listValue: {
              values: [
                { numberValue: 1 },
                { stringValue: 'b' },
                { nullValue: 'NULL_VALUE' },
                { structValue: { fields: { c: { boolValue: true } } } },
              ],
            },
          },
        },
      },
      value: { nullValue: 'NULL_VALUE' },
      list: { values: [{ numberValue: 1 }] },
      values: [{ nullValue: 'NULL_VALUE' }, { stringValue: 'x' }],
    });
  });

  it('makes maps of lists of key and value, whatever the key is', async () => {
    const input = {
      counts: [
        { key: 'a', value: '9007199254740993' },
        { key: '__proto__', value: '1' },
      ],
      thingsByName: [{ key: 'x', value: { madeAt: '1970-01-01T00:00:01Z' } }],
      colors: [{ key: '-9007199254740993', value: 'COLOR_RED' }],
      flags: [
        { key: true, value: 'yes' },
        { key: false, value: 'no' },
      ],
      marks: [{ key: -5, value: true }],
    };
    // What goes out comes back as it went, byte for byte.
    handler = (_message, call) => (call as ServerUnaryCall<Buffer, Buffer>).request;
    const { data } = await connector.call(callOf('getThing', { input }));
    expect(received?.['counts']).toHaveProperty('a', '9007199254740993');
    expect(Object.keys(received?.['counts'] as object)).toContain('__proto__');
    expect(received).toMatchObject({ flags: { true: 'yes', false: 'no' }, marks: { '-5': {} } });
    expect(data).toMatchObject({ counts: input.counts, colors: input.colors, flags: input.flags, marks: input.marks });
  });

  it('takes exactly one member of a oneof, and a message without fields as a flag', async () => {
    await connector.call(callOf('getThing', { input: { target: { byThing: { thingId: 'in' } }, flag: true } }));
    expect(received).toEqual({ by_thing: { thing_id: 'in' }, flag: {} });
    await connector.call(callOf('getThing', { input: { target: { byNothing: true }, flag: false } }));
    expect(received).toEqual({ by_nothing: {} });
    await connector.call(callOf('getThing', { input: { target: { byColor: 'COLOR_RED' }, flag: null } }));
    expect(received).toEqual({ by_color: 'COLOR_RED' });
  });

  it.each([
    ['getThing', { flagsSeen: [true, false] }, /item of flagsSeen .*write true .*leave the item out/],
    ['getThing', { marks: [{ key: 1, value: false }] }, /value of marks .*write true .*leave the entry out/],
    ['getThing', { target: { byNothing: false } }, /byNothing .*write true .*another member, or leave target out/],
    ['sendNothings', [true, false], /item of input .*write true .*leave the item out/],
  ])('%s(input: %j) is refused with what to write: false cannot be sent there', async (field, input, sentence) => {
    const error = await failureOf(connector.call(callOf(field, { input })));
    expect(error).toMatchObject({ code: 'BAD_REQUEST', source: 'shop', message: expect.stringMatching(sentence) });
    expect(received).toBeUndefined();
  });

  it('has a message without fields as often as true is written', async () => {
    const input = { flagsSeen: [true, true], marks: [{ key: 1, value: true }] };
    await connector.call(callOf('getThing', { input }));
    expect(received).toEqual({ flags_seen: [{}, {}], marks: { 1: {} } });
  });

  it('has a group of proto2 in a oneof, and reads it back', async () => {
    const proto = `syntax = "proto2"; package two; service Two { rpc GetM(M) returns (M); }
      message M { oneof o { string x = 1; group Part = 2 { optional int32 n = 1; } string y = 3; } }`;
    await using two = await startGrpcUpstream(
      // What protobufjs can parse; the same bytes on the wire.
      proto.replace(/oneof o \{ (.*?) (group.*?\}) (.*?) \}/, 'optional $1 optional $2 optional $3'),
      'two.Two',
      { GetM: (_message, call) => (call as ServerUnaryCall<Buffer, Buffer>).request },
    );
    const made = connectorOptions(await importProto(proto), { endpoints: [two.address] });
    await using there = openConnector('grpc', made);
    const { data } = await there.call({ ...callOf('getM', { input: { o: { part: { n: 7 } } } }) });
    expect(data).toEqual({ o: { '@case': 'part', part: { n: 7 } } });
  });

  it('packs google.protobuf.Any by its @type; bytes of what is not known are sent as they are', async () => {
    const known = { '@type': 'type.googleapis.com/test.v1.Thing', thingId: 'inner', madeAt: '1970-01-01T00:00:01Z' };
    handler = (message) => message;
    const { data } = await connector.call(callOf('getThing', { input: { any: known } }));
    expect(received?.['any']).toMatchObject({ type_url: 'type.googleapis.com/test.v1.Thing' });
    expect(data).toMatchObject({ any: known });
    const unknown = { '@type': 'type.googleapis.com/other.Thing', value: 'AQI=' };
    expect((await connector.call(callOf('getThing', { input: { any: unknown } }))).data).toMatchObject({
      any: unknown,
    });
    const duration = { '@type': 'type.googleapis.com/google.protobuf.Duration', value: '1.500s' };
    const again = await connector.call(callOf('getThing', { input: { any: duration } }));
    expect(again.data).toMatchObject({ any: duration });
  });

  it.each([
    { rawBytes: '***' },
    { madeAt: 'yesterday' },
    { took: '1 minute' },
    { took: 5 },
    { color: 'UNRECOGNIZED' },
    { maybeColor: 'COLOR_NONE' },
    { mask: 'a b' },
    { extra: ['no object'] },
    { list: { no: 'list' } },
    { any: { thingId: 'no type' } },
    { any: { '@type': 'x/test.v1.Thing', nothing: 1 } },
    { any: { '@type': 'x/unknown', value: 5 } },
    { extra: nested(60) },
  ])('of %j is refused before anything is sent', async (input) => {
    const error = await failureOf(connector.call(callOf('getThing', { input })));
    expect(error).toMatchObject({ code: 'BAD_REQUEST', source: 'shop' });
    expect(received).toBeUndefined();
  });

  it('is empty without arguments', async () => {
    await connector.call(callOf('getThing'));
    expect(received).toEqual({});
  });

  it('may be a plain value where the message is a well-known type', async () => {
    handler = () => ({ seconds: 1 });
    expect((await connector.call(callOf('getTime', { input: 'now' }))).data).toBe('1970-01-01T00:00:01Z');
    expect(received).toEqual({ value: 'now' });
  });

  it('comes as often as the list says where requests are a stream', async () => {
    handler = (messages) => ({
      thing_id: (messages as unknown as { thing_id: string }[]).map((each) => each.thing_id).join(),
    });
    const input = Array.from({ length: 100 }, (_, index) => ({ thingId: String(index) }));
    const { data } = await connector.call(callOf('sendThings', { input }));
    expect(data).toMatchObject({ thing_id: input.map(({ thingId }) => thingId).join() });
    expect((await connector.call(callOf('sendThings', { input: [] }))).data).toMatchObject({ thing_id: '' });
  });
});

function nested(depth: number): unknown {
  return depth === 0 ? {} : { a: nested(depth - 1) };
}

describe('a file of the client', () => {
  it.each([
    ['bytes', { rawBytes: null }],
    ['wrapped bytes', { blob: null }],
  ])('has no place in a message: %s', async (_title, input) => {
    const upload = new Upload('id', () => Promise.reject(new Error('nobody asks for it')));
    const [name = ''] = Object.keys(input);
    const error = await failureOf(connector.call(callOf('getThing', { input: { [name]: upload } })));
    expect(error).toMatchObject({ code: 'BAD_REQUEST', source: 'shop', message: expect.stringMatching(/base64/) });
  });
});
