/** Where a source is called: what the team says, else what the contract says with its variables filled in. */
import { describe, expect, it } from 'vitest';
import { endpointsOf } from '../../../gateway/compose/endpoints.ts';
import { buildGeneration } from '../../../gateway/compose/generation.ts';
import { unify } from '../../../gateway/compose/unify.ts';
import { policySchema } from '../../../gateway/config/policy.ts';

const server = {
  url: 'https://{region}.api.example/{version}',
  variables: [
    { name: 'region', default: 'eu', values: ['eu', 'us'] },
    { name: 'version', default: 'v1' },
  ],
};
const transport = { subgraph: 'shop', location: 'https://eu.api.example/v1', options: { server } };
const open = {
  subgraph: 'shop',
  options: { server: { url: 'https://{tenant}.example', variables: [{ name: 'tenant' }] } },
};

function find(given: Record<string, unknown>, variables: Record<string, string>, endpoints: string[] = []) {
  return endpointsOf(given, { policy: policySchema.parse({ endpoints: { variables } }), endpoints });
}

describe('the endpoints of a source', () => {
  it.each([
    ['are what the team names', transport, {}, ['http://h:1'], ['http://h:1']],
    ['are the contract’s server with its defaults', transport, {}, [], ['https://eu.api.example/v1']],
    ['have the policy’s values', transport, { region: 'us' }, [], ['https://us.api.example/v1']],
    [
      'have any value where the contract lists none',
      transport,
      { version: 'v2/beta' },
      [],
      ['https://eu.api.example/v2/beta'],
    ],
    ['need a value where there is no default', open, { tenant: 'a' }, [], ['https://a.example']],
    [
      'are the server without variables',
      { subgraph: 'shop', location: 'https://a.example' },
      {},
      [],
      ['https://a.example'],
    ],
    ['are none where nobody names one', { subgraph: 'shop' }, {}, [], []],
  ])('%s', (_what, given, variables, endpoints, found) => {
    expect(find(given, variables, endpoints)).toEqual(found);
  });

  it.each([
    [
      'a variable that the server does not have',
      transport,
      { regoin: 'eu' },
      [],
      "regoin, which the contract's server does not: it has region, version",
    ],
    [
      'a value that is not allowed',
      transport,
      { region: 'mars' },
      [],
      'endpoints.variables.region must be one of eu, us',
    ],
    ['variables beside an endpoint', transport, { region: 'eu' }, ['http://h:1'], 'leave one of them out'],
    ['a variable without a value', open, {}, [], 'has no value for {tenant}: set it in endpoints.variables'],
    ['variables of a server that has none', { subgraph: 'shop' }, { a: 'b' }, [], 'it has none'],
  ])('are not %s', (_what, given, variables, endpoints, message) => {
    expect(() => find(given, variables, endpoints)).toThrow(message);
  });

  it('never take a value that says more than a variable can', () => {
    for (const value of ['a@b', 'a?b', 'a#b', 'a b', 'a\\b', '{a}', ''])
      expect(policySchema.safeParse({ endpoints: { variables: { region: value } } }).success).toBe(false);
  });
});

describe('a source that is not told enough', () => {
  const text = `extend schema @transport(subgraph: "shop", kind: "rest", options: {
      server: { url: "https://{tenant}.example", variables: [{ name: "tenant" }] }
      security: { schemes: [{ name: "key", type: "apiKey", in: "header", parameter: "X-Key" }], requirements: [[{ scheme: "key" }]] } })
    type Query { a: Int @httpOperation(subgraph: "shop", path: "/a", httpMethod: "GET") }`;

  it.each([
    ['a variable', {}, 'set it in endpoints.variables'],
    ['a scheme of the contract', { auth: { fromContract: { kye: 'k' } } }, 'it has key'],
    ['nothing', { auth: { fromContract: { key: 'k' } } }, undefined],
  ])('for lack of %s is degraded, or else active', async (_what, more, message) => {
    const endpoints = message?.includes('variables') ? {} : { endpoints: { variables: { tenant: 'a' } } };
    const policy = policySchema.parse({ ...more, ...endpoints });
    const { privateText, publicText } = unify([{ name: 'shop', text, joins: '', policy }], new Map(), new Set());
    await using generation = buildGeneration({
      id: 'g',
      privateText,
      publicText,
      settings: new Map([['shop', { policy, endpoints: [], headers: {} }]]),
      states: [{ name: 'shop', kind: 'rest', state: 'active' }],
      headerRules: { forward: [], set: {} },
      limits: { maxCallsPerOperation: 1, maxCallsPerSource: 1 },
      maxBodyBytes: 1000,
      now: Date.now,
      onCall: () => undefined,
    });
    const [state] = generation.sources;
    expect(state?.state).toBe(message === undefined ? 'active' : 'degraded');
    expect(state?.message ?? '').toContain(message ?? '');
  });
});
