import { setImmediate } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Call, Connector } from '../../../gateway/connect/connector.ts';
import { openConnector } from '../../../gateway/connect/open.ts';
import { GatewayError } from '../../../gateway/errors.ts';
import { type GrpcCall, type GrpcHandler, type GrpcUpstream, Refusal, startGrpcUpstream } from './grpc-kit.ts';
import { options, PROTO } from './grpc-things.ts';
import { callOf, failureOf, publicText } from './kit.ts';

let upstream: GrpcUpstream;
let connector: Connector;
let handler: GrpcHandler;
/** The upstream's side of the last call. */
let seen: GrpcCall | undefined;

beforeAll(async () => {
  const handle: GrpcHandler = (message, call) => {
    seen = call;
    return handler(message, call);
  };
  upstream = await startGrpcUpstream(PROTO, 'test.v1.Things', {
    ...{ GetThing: handle, WatchThings: handle, ChatThings: handle, WatchNothing: handle, SendThings: handle },
  });
  connector = openConnector('grpc', await options({ endpoints: [upstream.address] }));
});

afterAll(async () => {
  await connector[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

beforeEach(() => {
  seen = undefined;
  handler = () => [{ thing_id: 'a' }, { thing_id: 'b' }];
});

/** A call without an end, as a subscription is. */
function endless(operation: string, args: Record<string, unknown> = {}, rest: Partial<Call> = {}): Call {
  return { ...callOf(operation, args), deadline: Number.POSITIVE_INFINITY, ...rest };
}

function open(call: Call, from: Connector = connector): AsyncIterator<unknown> {
  if (!from.stream) throw new Error('the connector has no stream');
  return from.stream(call)[Symbol.asyncIterator]();
}

async function readAll(call: Call, from?: Connector): Promise<unknown[]> {
  const messages = open(call, from);
  const read: unknown[] = [];
  for (let step = await messages.next(); !step.done; step = await messages.next()) read.push(step.value);
  return read;
}

/** Gives one message and then never another; resolves `gone` when the client has left. */
function hanging(): { gone: Promise<void> } {
  let leave = (): void => undefined;
  const gone = new Promise<void>((resolve) => {
    leave = resolve;
  });
  handler = async function* (_message, call) {
    call.once('cancelled', leave);
    yield { thing_id: 'first' };
    await gone;
  };
  return { gone };
}

describe('a stream of answers', () => {
  it('gives a message for each the upstream sends, in the form of a single answer, and ends with it', async () => {
    const read = await readAll(endless('watchThings', { input: { thingId: 'x' } }));
    expect(read).toMatchObject([
      { thing_id: 'a', big_number: '0', target: null },
      { thing_id: 'b', counts: [] },
    ]);
  });

  it('may be empty, or of messages that say nothing', async () => {
    handler = () => [];
    expect(await readAll(endless('watchThings'))).toEqual([]);
    handler = () => [{}, {}];
    expect(await readAll(endless('watchNothing'))).toEqual([null, null]);
  });

  it('answers a list of requests where both sides are streams', async () => {
    handler = (messages) => messages;
    const input = Array.from({ length: 50 }, (_, index) => ({ thingId: String(index) }));
    const read = await readAll(endless('chatThings', { input }));
    expect(read).toMatchObject(input.map(({ thingId }) => ({ thing_id: thingId })));
  });

  it('fails with our code after what came before, and the upstream says nothing to clients', async () => {
    handler = async function* () {
      yield { thing_id: 'a' };
      await setImmediate();
      throw new Refusal(status.PERMISSION_DENIED, 'row 7 of secret_things');
    };
    const messages = open(endless('watchThings'));
    const error = await failureOf(readRest(messages));
    expect(error).toMatchObject({ code: 'UPSTREAM_REJECTED', source: 'shop' });
    expect(publicText(error)).not.toMatch(/secret_things|127\.0\.0\.1/);
    expect(await messages.next()).toEqual({ done: true, value: undefined });
  });

  it('that breaks its contract is a bad payload, and so is a message that is too large', async () => {
    handler = () => [Buffer.from([0x10, 0xff])];
    expect((await failureOf(readAll(endless('watchThings')))).code).toBe('UPSTREAM_BAD_PAYLOAD');
    await using small = openConnector('grpc', await options({ endpoints: [upstream.address], maxBodyBytes: 100 }));
    handler = () => [{ thing_id: 'x'.repeat(101) }];
    expect((await failureOf(readAll(endless('watchThings'), small))).code).toBe('UPSTREAM_BAD_PAYLOAD');
  });

  it('is refused for arguments that make no message before anything is sent', async () => {
    const error = await failureOf(readAll(endless('watchThings', { input: { took: 'long' } })));
    expect(error.code).toBe('BAD_REQUEST');
    expect(seen).toBeUndefined();
  });

  it('is no answer to `call`', async () => {
    expect((await failureOf(connector.call(callOf('watchThings')))).code).toBe('INTERNAL');
  });
});

describe('leaving', () => {
  it('cancels the call when reading stops between two messages', async () => {
    const { gone } = hanging();
    for await (const message of { [Symbol.asyncIterator]: () => open(endless('watchThings')) }) {
      expect(message).toMatchObject({ thing_id: 'first' });
      break;
    }
    await gone;
  });

  it('cancels the call when reading stops while a message is waited for', async () => {
    const { gone } = hanging();
    const messages = open(endless('watchThings'));
    await messages.next();
    const pending = messages.next();
    await messages.return?.();
    await gone;
    expect(await pending).toEqual({ done: true, value: undefined });
  });

  it('ends without an error when the signal is aborted, and cancels the call', async () => {
    const { gone } = hanging();
    const controller = new AbortController();
    const messages = open(endless('watchThings', {}, { signal: controller.signal }));
    await messages.next();
    const pending = messages.next();
    controller.abort();
    expect(await pending).toEqual({ done: true, value: undefined });
    await gone;
  });

  it('sends nothing when the signal was aborted before', async () => {
    expect(await readAll(endless('watchThings', {}, { signal: AbortSignal.abort() }))).toEqual([]);
    expect(seen).toBeUndefined();
  });

  it('tells who reads when the upstream goes away', async () => {
    await using other = await startGrpcUpstream(PROTO, 'test.v1.Things', {
      WatchThings: async function* () {
        yield { thing_id: 'first' };
        await new Promise(() => undefined);
      },
    });
    await using watching = openConnector('grpc', await options({ endpoints: [other.address] }));
    const messages = open(endless('watchThings'), watching);
    await messages.next();
    const pending = failureOf(messages.next());
    await other[Symbol.asyncDispose]();
    expect(['UPSTREAM_UNREACHABLE', 'UPSTREAM_FAILED']).toContain((await pending).code);
  });
});

describe('time', () => {
  it('mesh#5295 a call tells the upstream its deadline, a stream without one does not', async () => {
    handler = () => ({});
    await connector.call(callOf('getThing'));
    expect(Number(seen?.getDeadline())).toBeLessThan(Number.POSITIVE_INFINITY);
    handler = () => [];
    await readAll(endless('watchThings'));
    expect(Number(seen?.getDeadline())).toBe(Number.POSITIVE_INFINITY);
    await readAll(callOf('watchThings'));
    expect(Number(seen?.getDeadline())).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  it.each([
    ['DEADLINE_EXCEEDED', {}],
    ['UPSTREAM_TIMEOUT', { deadlineMs: 10 }],
  ])('that is up ends a stream with %s', async (code, policy) => {
    const { gone } = hanging();
    await using timed = openConnector('grpc', await options({ endpoints: [upstream.address], policy }));
    const messages = open({ ...callOf('watchThings'), deadline: Date.now() + 200 }, timed);
    expect(await failureOf(readRest(messages))).toMatchObject({ code, source: 'shop' });
    await gone;
  });
});

describe('a slow reader', () => {
  it('holds the upstream back', async () => {
    let produced = 0;
    handler = async function* () {
      for (;;) {
        produced += 1;
        yield { thing_id: 'x'.repeat(10_000) };
      }
    };
    const messages = open(endless('watchThings'));
    await messages.next();
    // Both sides run in this process: when nothing has moved for many turns, nothing will.
    for (let still = 0, before = 0; still < 300; still = produced === before ? still + 1 : 0) {
      before = produced;
      await setImmediate();
    }
    // Sixteen here, sixteen there, and what the windows of HTTP/2 hold.
    expect(produced).toBeLessThan(200);
    const held = produced;
    for (let read = 0; read < 300; read += 1) expect((await messages.next()).done).toBe(false);
    expect(produced).toBeGreaterThan(held);
    await messages.return?.();
  });

  it('leaves nothing behind on the signal of its call', async () => {
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    for (let run = 0; run < 10; run += 1) await readAll(endless('watchThings', {}, { signal }));
    await open(endless('watchThings', {}, { signal })).return?.();
    expect(listeners).toBe(0);
  });
});

async function readRest(messages: AsyncIterator<unknown>): Promise<void> {
  for (let step = await messages.next(); !step.done; step = await messages.next())
    if (step.value === null) throw new GatewayError('INTERNAL');
}
