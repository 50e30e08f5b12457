/** What the audit says of each change, and who made a version, through the life of a source. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decodeRevision, encodeRevision } from '../../../../gateway/registry/store/revision-text.ts';
import { contractWith, type Opened, openRegistrar, ROOT, TEAM } from './registrar-kit.ts';

let opened: Opened;

beforeAll(async () => {
  opened = await openRegistrar({});
  const { dir } = opened;
  const { files } = contractWith('name');
  await mkdir(join(dir, 'sources', 'stock'), { recursive: true });
  await writeFile(join(dir, 'sources', 'stock', 'openapi.yaml'), files.get('openapi.yaml') ?? '');
  const entry = (name: string): string =>
    `  - { name: ${name}, handler: { openapi: { source: ./sources/${name}/openapi.yaml, endpoint: "http://127.0.0.1:9" } } }\n`;
  await cp(join(dir, 'sources', 'stock'), join(dir, 'sources', 'parts'), { recursive: true });
  await writeFile(join(dir, '.meshrc.yaml'), `sources:\n${entry('stock')}${entry('parts')}`);
});

afterAll(() => opened[Symbol.asyncDispose]());

it('says the state and the bundle of every change, and a version keeps who made it', { timeout: 240_000 }, async () => {
  const { registrar } = opened;
  const policy = 'owner: team-a\n';
  const upload = { contract: contractWith('name'), endpoint: 'http://127.0.0.1:9', policy };
  const first = await registrar.submit({ name: 'orders', what: 'add', upload }, TEAM);
  const made = (await registrar.show('orders', ROOT))?.versions[0];
  const next = { contract: contractWith('title') };
  const second = await registrar.submit({ name: 'orders', what: 'update', upload: next }, TEAM);
  await registrar.rollback('orders', 1, { reason: 'too early' }, ROOT);
  await registrar.setState({ name: 'orders', state: 'quarantined', reason: 'it lies' }, ROOT);
  await registrar.setState({ name: 'orders', state: 'deprecated' }, ROOT);
  await registrar.withdraw('orders', {}, ROOT);

  const [one, two] = [first.bundle, second.bundle];
  const expected = [
    { number: 6, by: 'root', what: 'withdraw', state: 'withdrawn', bundle: one },
    { number: 5, by: 'root', what: 'state', state: 'deprecated', bundle: one },
    { number: 4, by: 'root', what: 'state', state: 'quarantined', bundle: one, reason: 'it lies' },
    { number: 3, by: 'root', what: 'rollback', state: 'active', bundle: one, reason: 'too early' },
    { number: 2, by: 'ci-a', what: 'update', state: 'active', bundle: two },
    { number: 1, by: 'ci-a', what: 'add', state: 'active', bundle: one },
  ];
  expect(await registrar.audit({ source: 'orders', limit: 10 })).toMatchObject(expected);
  const shown = await registrar.show('orders', ROOT);
  expect(shown?.changes).toMatchObject(expected);
  expect(made).toMatchObject({ version: 1, by: 'ci-a' });
  expect(shown?.versions.find(({ version }) => version === 1)).toEqual(made);
});

it('says that of a source of the folder, too', { timeout: 240_000 }, async () => {
  const { registrar } = opened;
  await registrar.setState({ name: 'stock', state: 'quarantined' }, ROOT);
  await registrar.withdraw('parts', {}, ROOT);
  const [withdrawn, state] = await registrar.audit({ limit: 2 });
  expect(state).toMatchObject({ what: 'state', state: 'quarantined', bundle: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(withdrawn).toMatchObject({ source: 'parts', what: 'withdraw', state: 'withdrawn' });
  expect(withdrawn).not.toHaveProperty('bundle');
  // What waits before anything serves is no version that serves.
  const upload = { contract: contractWith('name'), endpoint: 'http://127.0.0.1:9' };
  const held = await registrar.submit({ name: 'later', what: 'add', upload, hold: true }, ROOT);
  const [holding] = await registrar.audit({ limit: 1 });
  expect(holding).toMatchObject({ what: 'hold', source: 'later', bundle: held.bundle });
  await registrar.promote('later', {}, { ...ROOT, name: 'another' });
  expect((await registrar.show('later', ROOT))?.versions).toMatchObject([{ version: 1, by: 'root' }]);
});

it('says of a change that broke what may be in use that it was forced', { timeout: 120_000 }, async () => {
  await using served = await openRegistrar({}, 'type Query { gone: String }');
  const upload = { contract: contractWith('name'), endpoint: 'http://127.0.0.1:9' };
  const wish = { name: 'orders', what: 'add' as const, upload };
  await expect(served.registrar.submit(wish, ROOT)).rejects.toMatchObject({ kind: 'breaking' });
  await served.registrar.submit({ ...wish, force: true, reason: 'nobody asks for it' }, ROOT);
  expect(await served.registrar.audit({ limit: 5 })).toMatchObject([{ forced: true, reason: 'nobody asks for it' }]);
});

it('reads what an older gateway wrote, which says neither', () => {
  const old = { number: 1, at: 1, by: 'ci', what: 'state' as const, source: 'orders', sources: {} };
  expect(decodeRevision(encodeRevision(old).text, 1, 'here')).toEqual(old);
  const told = { ...old, state: 'quarantined' as const, forced: true as const, bundle: 'a'.repeat(64) };
  expect(decodeRevision(encodeRevision(told).text, 1, 'here')).toEqual(told);
});
