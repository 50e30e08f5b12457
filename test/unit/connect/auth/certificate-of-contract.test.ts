/** A contract that wants a certificate beside another credential. */
import { expect, it } from 'vitest';
import type { ContractSecrets } from '../../../../gateway/config/auth.ts';
import { Secret } from '../../../../gateway/config/secret.ts';
import { readContractSecurity } from '../../../../gateway/connect/auth/contract-security.ts';
import { create } from '../../../../gateway/connect/auth/from-contract.ts';
import { callOf, optionsOf } from '../kit.ts';

const TLS = { cert: 'cert', key: new Secret('key') };
const schemes = [
  { name: 'cert', type: 'mutualTLS' },
  { name: 'key', type: 'apiKey', in: 'header', parameter: 'X-Key' },
  { name: 'query', type: 'apiKey', in: 'query', parameter: 'api_key' },
];
const requirements = [[{ scheme: 'cert' }, { scheme: 'key' }], [{ scheme: 'query' }]];
const sdl = 'type Query { item: JSON @httpOperation(subgraph: "shop", path: "/item", httpMethod: "GET", params: []) }';

/** Headers and query of the one operation. */
async function sent(tls: typeof TLS | undefined, secrets: ContractSecrets) {
  const { policy, ...options } = optionsOf({
    sdl,
    security: readContractSecurity({ security: { schemes, requirements } }),
  });
  const contract = { ...options, policy: tls ? { ...policy, tlsMaterial: tls } : policy };
  const credentials = create(secrets, { source: 'shop', now: Date.now, contract });
  return [Object.fromEntries(await credentials.headersFor(callOf('item'))), credentials.queryOf?.('item')];
}

const secrets = { key: new Secret('k1'), query: new Secret('q1') };

it('gets the other one where the policy has a certificate', async () => {
  expect(await sent(TLS, secrets)).toEqual([{ 'x-key': 'k1' }, '']);
});

it('is taken at its next alternative where it has none', async () => {
  expect(await sent(undefined, secrets)).toEqual([{}, 'api_key=q1']);
});

it('is no place for a secret: where certificates belong is said', async () => {
  await expect(sent(TLS, { cert: new Secret('x'), ...secrets })).rejects.toThrow('tls.certFile');
});
