/** Streams and the rules that stand before them. */
import { expect, it } from 'vitest';
import { createBreakers } from '../../../../gateway/connect/chain/breakers.ts';
import type { Connector } from '../../../../gateway/connect/connector.ts';
import { surround } from '../../../../gateway/connect/open.ts';
import { callOf, failureOf, optionsOf } from '../kit.ts';

const grpcMethod =
  '@grpcMethod(subgraph: "shop", rootJsonName: "r", objPath: "o", methodName: "m", requestType: "A", responseType: "B", responseStream: true)';

async function firstOf(messages: AsyncIterable<unknown> | undefined): Promise<unknown> {
  for await (const message of messages ?? []) return message;
  return undefined;
}

/** A transport of two messages a stream: `list` becomes a list, `watch` is a subscription, and all else a call. */
function world(policy: unknown = {}) {
  let opened = 0;
  const transport: Connector = {
    source: 'shop',
    kind: 'grpc',
    call: async () => ({ data: null, status: 0, bytes: 0 }),
    stream: async function* () {
      opened += 1;
      yield 'first';
      yield 'second';
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  const sdl = `type Query { list: [JSON] ${grpcMethod} }`;
  const { operations } = optionsOf({ sdl });
  const watched = operations.map((each) => ({ ...each, name: 'watch', kind: 'subscription' as const, wire: {} }));
  const options = { ...optionsOf({ sdl, policy }), operations: [...operations, ...watched] };
  return { transport, options, opened: () => opened };
}

it('that are held do not begin, those of one operation or all of a source, and what has begun goes on', async () => {
  const breakers = createBreakers();
  const { transport, options, opened } = world();
  await using connector = surround(transport, options, [], { breakers });
  const begun = connector.stream?.(callOf('watch'))[Symbol.asyncIterator]();
  expect((await begun?.next())?.value).toBe('first');
  expect(breakers.list().map(({ operation }) => operation)).toEqual(['list', 'watch']);
  breakers.force('shop', 'watch', 'open');
  expect((await failureOf(firstOf(connector.stream?.(callOf('watch'))))).code).toBe('CIRCUIT_OPEN');
  expect(await firstOf(connector.stream?.(callOf('list')))).toBe('first');
  breakers.force('shop', undefined, 'open');
  expect((await failureOf(firstOf(connector.stream?.(callOf('list'))))).code).toBe('CIRCUIT_OPEN');
  expect((await begun?.next())?.value).toBe('second');
  expect(opened()).toBe(2);
  breakers.force('shop', undefined, undefined);
  expect(await firstOf(connector.stream?.(callOf('watch')))).toBe('first');
});

it('that become lists have a place like a call until they end; events take none', async () => {
  const { transport, options, opened } = world({ concurrency: { maxCalls: 1, maxQueue: 0 } });
  await using connector = surround(transport, options);
  const open = (operation: string) => connector.stream?.(callOf(operation))[Symbol.asyncIterator]();
  const list = open('list');
  expect((await list?.next())?.value).toBe('first');
  expect((await failureOf(firstOf(connector.stream?.(callOf('list'))))).code).toBe('SOURCE_UNAVAILABLE');
  expect((await failureOf(connector.call(callOf('get')))).code).toBe('SOURCE_UNAVAILABLE');
  expect(await firstOf(connector.stream?.(callOf('watch')))).toBe('first');
  await list?.return?.();
  expect((await connector.call(callOf('get'))).data).toBeNull();
  expect(await firstOf(connector.stream?.(callOf('list')))).toBe('first');
  const whole = [];
  for await (const message of connector.stream?.(callOf('list')) ?? []) whole.push(message);
  expect(whole).toEqual(['first', 'second']);
  expect((await connector.call(callOf('get'))).data).toBeNull();
  expect(opened()).toBe(4);
});
