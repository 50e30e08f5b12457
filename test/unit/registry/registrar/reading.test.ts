/** Who may read what: files of a source hold keys and passwords. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contractWith, type Opened, OTHER, openRegistrar, ROOT, TEAM } from './registrar-kit.ts';

const KEY = '-----BEGIN PRIVATE KEY-----';
let opened: Opened;

beforeAll(async () => {
  opened = await openRegistrar({});
  const upload = {
    ...{ contract: contractWith('name'), endpoint: 'http://127.0.0.1:9', policy: 'owner: team-a\n' },
    files: new Map([['client.key', Buffer.from(KEY)]]),
  };
  await opened.registrar.submit({ name: 'orders', what: 'add', upload }, TEAM);
}, 120_000);

afterAll(() => opened[Symbol.asyncDispose]());

it('who may change a source gets it whole', async () => {
  for (const actor of [TEAM, ROOT]) {
    const { body } = await opened.registrar.export('orders', actor);
    expect(body['files']).toEqual({ 'client.key': `base64:${Buffer.from(KEY).toString('base64')}` });
    expect((await opened.registrar.show('orders', actor))?.files['client.key']).toBe(KEY);
  }
});

it('others get no file of it, and are told whose it is', async () => {
  await expect(opened.registrar.export('orders', OTHER)).rejects.toMatchObject({
    kind: 'forbidden',
    message: 'orders belongs to team-a; ci-b changes sources of team-b.',
  });
  expect(await opened.registrar.show('orders', OTHER)).toMatchObject({ name: 'orders', version: 1, files: {} });
});

it('what has no owner is for who may change all', async () => {
  const upload = { contract: contractWith('name'), endpoint: 'http://127.0.0.1:9' };
  await opened.registrar.submit({ name: 'stock', what: 'add', upload }, ROOT);
  await expect(opened.registrar.export('stock', TEAM)).rejects.toMatchObject({ kind: 'forbidden' });
  expect((await opened.registrar.show('stock', TEAM))?.files).toEqual({});
}, 120_000);

it('the name of a source that was taken out stays its team’s', async () => {
  const upload = { contract: contractWith('name'), endpoint: 'http://127.0.0.1:9', policy: 'owner: team-b\n' };
  await opened.registrar.withdraw('orders', {}, TEAM);
  await expect(opened.registrar.submit({ name: 'orders', what: 'add', upload }, OTHER)).rejects.toMatchObject({
    kind: 'forbidden',
    message: expect.stringContaining('orders belongs to team-a'),
  });
  await opened.registrar.submit(
    { name: 'orders', what: 'add', upload: { ...upload, policy: 'owner: team-a\n' } },
    TEAM,
  );
}, 120_000);
