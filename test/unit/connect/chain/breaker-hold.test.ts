/** What an operator makes of breakers, with a policy or without. */
import { expect, it } from 'vitest';
import { policySchema } from '../../../../gateway/config/policy.ts';
import { createBreakers } from '../../../../gateway/connect/chain/breakers.ts';
import { openConnector } from '../../../../gateway/connect/open.ts';
import { callOf, failureOf, optionsOf } from '../kit.ts';

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
