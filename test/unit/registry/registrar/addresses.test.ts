/** Where a policy has its contract looked for: the operator may name addresses inside the network, a team may not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { policySchema } from '../../../../gateway/config/policy.ts';
import { createEvents } from '../../../../gateway/observe/events.ts';
import { createLog } from '../../../../gateway/observe/log.ts';
import { createMetrics } from '../../../../gateway/observe/metrics.ts';
import { isVouched, vouchFor } from '../../../../gateway/registry/registrar/contract-address.ts';
import type { Actor } from '../../../../gateway/registry/registrar/types.ts';
import { openSupply } from '../../../../gateway/registry/supply.ts';
import { readSettings } from '../../../kit/app.ts';
import { warmBuilder } from '../../../kit/builder.ts';
import { contractWith, type Opened, OTHER, openRegistrar, ROOT, TEAM } from './registrar-kit.ts';

const INSIDE = 'http://127.0.0.1:9/openapi.yaml';
const rules = { allowInternal: ['10.0.0.7'], now: () => 0 };
const policyWith = (contract?: object) => policySchema.parse(contract ? { contract } : {});
const vouch = (actor: Actor, contract: object, more: object = {}) =>
  vouchFor(
    { name: 'orders', actor, before: undefined, policy: policyWith(contract), earlier: undefined, ...more },
    rules,
  );

describe('the address of a published contract', () => {
  it.each([
    { url: INSIDE },
    { url: 'http://localhost/openapi.yaml' },
    { url: 'http://[::ffff:10.0.0.1]/openapi.yaml' },
    { url: 'http://169.254.169.254/latest/meta-data' },
    { reflection: '127.0.0.1:50051' },
    { reflection: 'ipv4:10.0.0.1:50051' },
    { reflection: 'unix:/run/docker.sock' },
  ])('%j is not for a team to name', async (contract) => {
    const refused = { kind: 'invalid', message: expect.stringContaining('registration.allowInternal') };
    await expect(vouch(TEAM, contract)).rejects.toMatchObject(refused);
    await expect(vouch({ ...ROOT, isGuarded: true }, contract)).rejects.toMatchObject(refused);
    await expect(vouch(ROOT, contract)).resolves.toBe(true);
  });

  it.each([{ url: 'http://93.184.216.34/openapi.yaml' }, { url: 'http://10.0.0.7/a' }, { reflection: '10.0.0.7:1' }])(
    '%j a team may name, and nobody stands for it',
    async (contract) => expect(await vouch(TEAM, contract)).toBe(false),
  );

  it('stays whose it was for as long as it stays', async () => {
    const before = { policy: policyWith({ url: INSIDE }), isVouched: true };
    expect(await vouch(TEAM, { url: INSIDE, everyMs: 5000 }, { before })).toBe(true);
    await expect(vouch(TEAM, { url: `${INSIDE}2` }, { before })).rejects.toMatchObject({ kind: 'invalid' });
    expect(await vouch(ROOT, { url: INSIDE }, { before: { ...before, isVouched: false } })).toBe(false);
  });

  it('of a version that comes back is whose it was then', async () => {
    expect(await vouch(TEAM, { url: INSIDE }, { earlier: true })).toBe(true);
    expect(await vouch(ROOT, { url: INSIDE }, { earlier: false })).toBe(false);
    await expect(vouch(TEAM, { url: INSIDE }, { earlier: false })).rejects.toMatchObject({ kind: 'invalid' });
  });
});

describe('a registry', () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openRegistrar({});
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  const policyText = (owner: string, url: string): string => `owner: ${owner}\ncontract: { url: "${url}" }\n`;
  const add = (name: string, policy: string, actor: Actor) => {
    const upload = { contract: contractWith('name'), endpoint: 'http://127.0.0.1:9', policy };
    return opened.registrar.submit({ name, what: 'add', upload }, actor);
  };
  const stands = async (name: string) => isVouched((await opened.store.head())?.sources[name]);

  it('refuses a team’s policy that has a contract looked for inside the network, and remembers who wrote which', {
    timeout: 120_000,
  }, async () => {
    await expect(add('orders', policyText('team-a', INSIDE), TEAM)).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('contract.url of policy.yaml must not be asked: it is internal'),
    });
    await add('stock', policyText('team-b', 'http://93.184.216.34/x'), OTHER);
    expect(await stands('stock')).toBe(false);
    await add('orders', policyText('team-a', INSIDE), ROOT);
    expect(await stands('orders')).toBe(true);
    // A contract that the watch brings, and one that the team brings, leave the address as it is.
    const upload = { contract: contractWith('title') };
    await opened.registrar.submit({ name: 'orders', what: 'update', upload }, TEAM, 'all');
    expect(await stands('orders')).toBe(true);
    expect((await opened.store.head())?.sources['orders']?.version).toBe(2);
    await using supply = await openSupply({
      ...{ dir: opened.dir, env: {}, config: readSettings({}), now: Date.now, watch: false },
      events: createEvents({ log: createLog({ level: 'silent', pretty: 'off' }), metrics: createMetrics() }),
      ...{ store: opened.store, builder: warmBuilder() },
    });
    const guarded = [...supply.watched()].map(([name, { isGuarded }]) => [name, isGuarded]);
    expect(Object.fromEntries(guarded)).toEqual({ orders: false, stock: true });
  });
});
