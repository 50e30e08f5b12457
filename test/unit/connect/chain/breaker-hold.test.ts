/** What an operator makes of breakers, with a policy or without. */
import { expect, it } from 'vitest';
import { policySchema } from '../../../../gateway/config/policy.ts';
import { createBreakers } from '../../../../gateway/connect/chain/breakers.ts';
import type { Connector } from '../../../../gateway/connect/connector.ts';
import { openConnector, surround } from '../../../../gateway/connect/open.ts';
import { callOf, failureOf, optionsOf } from '../kit.ts';

const grpcMethod =
  '@grpcMethod(subgraph: "shop", rootJsonName: "r", objPath: "o", methodName: "m", requestType: "A", responseType: "B", responseStream: true)';

async function firstOf(messages: AsyncIterable<unknown> | undefined): Promise<unknown> {
  for await (const message of messages ?? []) return message;
  return undefined;
}

it('keeps streams from beginning, those of one operation or all of a source, and leaves what has begun', async () => {
  const breakers = createBreakers();
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
  await using connector = surround(transport, { ...optionsOf({ sdl }), operations: [...operations, ...watched] }, [], {
    breakers,
  });
  const begun = connector.stream?.(callOf('watch'))[Symbol.asyncIterator]();
  expect((await begun?.next())?.value).toBe('first');
  expect(breakers.list().map(({ operation }) => operation)).toEqual(['list', 'watch']);
  breakers.force('shop', 'watch', 'open');
  expect((await failureOf(firstOf(connector.stream?.(callOf('watch'))))).code).toBe('CIRCUIT_OPEN');
  expect(await firstOf(connector.stream?.(callOf('list')))).toBe('first');
  breakers.force('shop', undefined, 'open');
  expect((await failureOf(firstOf(connector.stream?.(callOf('list'))))).code).toBe('CIRCUIT_OPEN');
  expect((await begun?.next())?.value).toBe('second');
  expect(opened).toBe(2);
  breakers.force('shop', undefined, undefined);
  expect(await firstOf(connector.stream?.(callOf('watch')))).toBe('first');
});

const httpOperation = '@httpOperation(subgraph: "shop", path: "/", httpMethod: "POST", params: [])';

it('needs no policy to be held open, one or all of a source, also through a change of the policy', async () => {
  const sdl = `type Query { get: JSON ${httpOperation} } type Mutation { put: JSON ${httpOperation} }`;
  const options = optionsOf({ sdl, endpoints: ['http://127.0.0.1:9'] });
  const breakers = createBreakers();
  await using connector = openConnector('rest', options, [], { breakers });
  const codes = async (): Promise<string[]> => [
    (await failureOf(connector.call(callOf('get')))).code,
    (await failureOf(connector.call(callOf('put')))).code,
  ];
  expect(breakers.list()).toMatchObject([{ operation: 'get', automatic: false }, { operation: 'put' }]);
  breakers.force('shop', 'get', 'open');
  expect(await codes()).toEqual(['CIRCUIT_OPEN', 'UPSTREAM_UNREACHABLE']);
  expect(breakers.force('shop', undefined, 'open')).toHaveLength(2);
  expect(await codes()).toEqual(['CIRCUIT_OPEN', 'CIRCUIT_OPEN']);
  expect(breakers.force('other', undefined, 'open')).toEqual([]);
  const policy = policySchema.parse({ breaker: {} });
  await using next = openConnector('rest', { ...options, policy }, [], { breakers });
  expect((await failureOf(next.call(callOf('get')))).code).toBe('CIRCUIT_OPEN');
  breakers.force('shop', undefined, undefined);
  expect((await failureOf(next.call(callOf('get')))).code).toBe('UPSTREAM_UNREACHABLE');
  expect(breakers.list()).toMatchObject([{ automatic: true, failures: 1 }, { automatic: true }]);
});
