import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connector } from '../../../gateway/connect/connector.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import { type GrpcHandler, type GrpcUpstream, startGrpcUpstream } from './grpc-kit.ts';
import { options, PROTO } from './grpc-things.ts';
import { callOf, failureOf } from './kit.ts';

let upstream: GrpcUpstream;
let connector: Connector;
let handler: GrpcHandler;

beforeAll(async () => {
  const handle: GrpcHandler = (message, call) => handler(message, call);
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
});

describe('an answer', () => {
  it('has exact integers and bytes as text, enums by name; what is absent is null', async () => {
    handler = () => ({
      thing_id: 't1',
      big_number: '9223372036854775807',
      huge_number: '18446744073709551615',
      raw_bytes: Buffer.from([0, 255, 137]),
      color: 'COLOR_ROUGE',
      counts: { a: '9007199254740993' },
      colors: { '-9007199254740993': 5 },
      ratio: 0.1,
    });
    const { data, status: code } = await connector.call(callOf('getThing'));
    expect(code).toBe(0);
    expect(data).toMatchObject({
      thing_id: 't1',
      big_number: '9223372036854775807',
      huge_number: '18446744073709551615',
      raw_bytes: 'AP+J',
      color: 'COLOR_RED',
      counts: [{ key: 'a', value: '9007199254740993' }],
      colors: [{ key: '-9007199254740993', value: 'COLOR_RED' }],
      ratio: 0.1,
      sub_things: [],
      times: [],
      child: null,
      made_at: null,
      target: null,
      maybe: null,
      flag: null,
    });
  });

  it('mesh#5277 has the defaults of proto3, and tells a zero that was sent from one that was not', async () => {
    handler = () => ({ maybe: 0, maybe_color: 0 });
    const { data, bytes } = await connector.call(callOf('getThing'));
    expect(data).toMatchObject({
      thing_id: '',
      big_number: '0',
      huge_number: '0',
      raw_bytes: '',
      color: 'COLOR_UNSPECIFIED',
      ratio: 0,
      constructor: '',
      maybe: 0,
      maybe_color: 'COLOR_UNSPECIFIED',
    });
    expect(bytes).toBe(5);
  });

  it('shows well-known types as plain values, at any depth', async () => {
    const time = { seconds: '1709204400', nanos: 120_000_000 };
    const thing = {
      made_at: time,
      took: { seconds: '-1', nanos: -500_000_000 },
      nick_name: { value: '' },
      wrapped: { value: '9007199254740993' },
      blob: { value: Buffer.from([255]) },
      times: [{ seconds: '-1', nanos: 1 }, {}],
      mask: { paths: ['thing_id', 'child.made_at'] },
      extra: { fields: { a: { listValue: { values: [{ numberValue: 1.5 }, { nullValue: 0 }] } } } },
      value: { structValue: { fields: {} } },
    };
    handler = () => ({ ...thing, child: thing, sub_things: [{ made_at: time, child: { took: { seconds: '3' } } }] });
    const shown = {
      made_at: '2024-02-29T11:00:00.120Z',
      took: '-1.500s',
      nick_name: '',
      wrapped: '9007199254740993',
      blob: '/w==',
      times: ['1969-12-31T23:59:59.000000001Z', '1970-01-01T00:00:00Z'],
      mask: 'thingId,child.madeAt',
      extra: { a: [1.5, null] },
      value: {},
    };
    expect((await connector.call(callOf('getThing'))).data).toMatchObject({
      ...shown,
      child: shown,
      sub_things: [{ made_at: '2024-02-29T11:00:00.120Z', child: { took: '3s', nick_name: null } }],
    });
  });

  it.each([
    ['by_name', '', { by_name: '' }],
    ['by_color', 0, { by_color: 'COLOR_UNSPECIFIED' }],
    ['by_nothing', {}, { by_nothing: true }],
    ['by_number', '9007199254740993', { by_number: '9007199254740993' }],
  ])('says which member of a oneof it has: %s', async (member, value, shown) => {
    handler = () => ({ [member]: value });
    expect((await connector.call(callOf('getThing'))).data).toHaveProperty('target', { '@case': member, ...shown });
  });

  it('has a number that the contract does not know as UNRECOGNIZED', async () => {
    handler = () => ({ color: 77, palette: [5, 78], by_color: 79, colors: { 1: 80 } });
    const { data } = await connector.call(callOf('getThing'));
    expect(data).toMatchObject({
      color: 'UNRECOGNIZED',
      palette: ['COLOR_RED', 'UNRECOGNIZED'],
      target: { by_color: 'UNRECOGNIZED' },
      colors: [{ key: '1', value: 'UNRECOGNIZED' }],
    });
  });

  it('has the default of a map value that was not sent, messages too', async () => {
    // Field 16, an entry of two bytes with the key alone.
    handler = () => Buffer.from([0x82, 0x01, 0x03, 0x0a, 0x01, 0x78]);
    const { data } = await connector.call(callOf('getThing'));
    expect(data).toMatchObject({ things_by_name: [{ key: 'x', value: { thing_id: '', child: null } }] });
  });

  it('comes from methods of any name (mesh#6573 a method named Close)', async () => {
    handler = () => ({ thing_id: 'x' });
    expect((await connector.call(callOf('thingsConstructor'))).data).toMatchObject({ thing_id: 'x' });
    handler = () => ({});
    expect((await connector.call(callOf('thingsClose'))).data).toBeNull();
  });

  it('that is no such message is a bad payload', async () => {
    handler = () => Buffer.from([0x10, 0xff]);
    const error = await failureOf(connector.call(callOf('getThing')));
    expect(error.code).toBe('UPSTREAM_BAD_PAYLOAD');
  });

  it('that is too large is a bad payload', async () => {
    await using small = openConnector('grpc', await options({ endpoints: [upstream.address], maxBodyBytes: 1000 }));
    handler = () => ({ thing_id: 'x'.repeat(900) });
    expect((await small.call(callOf('getThing'))).bytes).toBe(903);
    handler = () => ({ thing_id: 'x'.repeat(1000) });
    expect((await failureOf(small.call(callOf('getThing')))).code).toBe('UPSTREAM_BAD_PAYLOAD');
  });
});
