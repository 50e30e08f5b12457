/** Where a generation may call: an address that only the contract names is believed less than one of the operator. */
import { expect, it } from 'vitest';
import { buildGeneration } from '../../../gateway/compose/generation.ts';
import { unify } from '../../../gateway/compose/unify.ts';
import { policySchema } from '../../../gateway/config/policy.ts';
import { source } from './kit.ts';

const LOCAL = 'http://127.0.0.1:4101';

function stateOf(contractServer: string, endpoints: string[], policy: unknown = {}) {
  const given = source('shop', { sdl: 'type Query { things: Int; }' });
  const text = given.text.replace('http://shop.internal', contractServer);
  const { privateText, publicText } = unify([{ ...given, text }], new Map(), new Set());
  const generation = buildGeneration({
    id: 'g',
    privateText,
    publicText,
    settings: new Map([['shop', { policy: policySchema.parse(policy), endpoints, headers: {} }]]),
    states: [{ name: 'shop', kind: 'rest', state: 'active' }],
    headerRules: { forward: [], set: {} },
    limits: { maxCallsPerOperation: 1, maxCallsPerSource: 1 },
    maxBodyBytes: 1000,
    now: Date.now,
    onCall: () => undefined,
  });
  return generation.sources[0];
}

it.each<[string, ReturnType<typeof stateOf>, string]>([
  ['the contract names an internal address', stateOf(LOCAL, []), 'degraded'],
  ['the contract names an outside one', stateOf('https://shop.example.com', []), 'active'],
  ['.meshrc.yaml or the policy names an internal one', stateOf('https://shop.example.com', [LOCAL]), 'active'],
  [
    'the policy allows what the contract names',
    stateOf(LOCAL, [], { endpoints: { allowInternal: ['127.0.0.1'] } }),
    'active',
  ],
  ['anybody names cloud metadata', stateOf(LOCAL, ['http://169.254.169.254']), 'degraded'],
])('when %s', (_what, given, state) => {
  expect(given?.state).toBe(state);
  if (state === 'degraded') expect(given?.message).toMatch(/^The address of this source is .*endpoints\.allowInternal/);
});
