import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connector } from '../../../gateway/connect/connector.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import { type GrpcHandler, startGrpcUpstream } from './grpc-kit.ts';
import { options, PROTO } from './grpc-things.ts';
import { callOf, failureOf } from './kit.ts';

let upstream: Awaited<ReturnType<typeof startGrpcUpstream>>;
let connector: Connector;
let handler: GrpcHandler;
let received: Record<string, unknown> | undefined;

beforeAll(async () => {
  const handle: GrpcHandler = (message, call) => {
    received = message;
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
    expect(received).toEqual({
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
    expect(received).toEqual({
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
    expect(received).toEqual({});
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
