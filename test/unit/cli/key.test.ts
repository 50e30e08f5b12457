import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { hashKey } from '../../../gateway/identify/key-store.ts';
import { startMasters } from '../../kit/redis-groups.ts';
import { openWhoami } from '../../security/whoami.ts';
import { run } from './run.ts';

let cwd = '';
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'key-'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const key = (...argv: string[]) => run(['key', ...argv], { cwd });
const keyIn = (out: string): string => /trb_[\w-]{43}/.exec(out)?.[0] ?? '';
const statusOf = async (shown: string, file: string): Promise<number> => {
  const { who, app } = openWhoami({ apiKeys: { file } });
  const { status } = await who({ 'x-api-key': shown });
  await app[Symbol.asyncDispose]();
  return status;
};

const cluster = await startMasters(1);
if (!cluster) process.stderr.write('no redis-server: API keys of a Cluster are not written\n');
afterAll(async () => await cluster?.[Symbol.asyncDispose]());

describe('tributary key', () => {
  it('create shows the key once, and its record with the hash alone', async () => {
    const given = ['--name', 'Web shop', '--scopes', 'orders:read, b', '--roles', 'web', '--tenant', 'acme'];
    const { code, out } = await key('create', ...given, '--claim', 'level=3', '--expires', '2027-01-31T00:00:00Z');
    expect(code).toBe(0);
    const made = keyIn(out);
    const [record] = parse(out.slice(out.indexOf('  - id'))) as unknown[];
    expect(record).toEqual({
      id: 'web-shop',
      name: 'Web shop',
      tenant: 'acme',
      roles: ['web'],
      scopes: ['orders:read', 'b'],
      claims: { level: '3' },
      secrets: [{ hash: hashKey(made), expiresAt: '2027-01-31T00:00:00.000Z' }],
    });
    expect(out.split(made)).toHaveLength(2);
    expect(keyIn((await key('create', '--name', 'Web shop')).out)).not.toBe(made);
  });

  it('writes a file whose comments stay, rotates with two keys that hold, and takes keys back', async () => {
    const file = join(cwd, 'keys.yaml');
    await writeFile(file, `# ours\nkeys:\n  # of the first\n  - id: first\n    secrets: [{ hash: ${hashKey('x')} }]\n`);
    const first = keyIn((await key('create', '--id', 'app', '--file', 'keys.yaml')).out);
    expect(await key('create', '--id', 'app', '--file', 'keys.yaml')).toMatchObject({
      code: 2,
      err: expect.stringContaining('already'),
    });
    const second = keyIn((await key('rotate', '--id', 'app', '--file', 'keys.yaml')).out);
    expect([await statusOf(first, file), await statusOf(second, file)]).toEqual([200, 200]);
    const third = keyIn((await key('rotate', '--id', 'app', '--keep', '0m', '--file', 'keys.yaml')).out);
    const { secrets } = (parse(await readFile(file, 'utf8')) as { keys: { secrets: unknown[] }[] }).keys[1] ?? {
      secrets: [],
    };
    expect(secrets).toEqual([{ hash: hashKey(second), expiresAt: expect.any(String) }, { hash: hashKey(third) }]);
    expect([await statusOf(first, file), await statusOf(third, file)]).toEqual([401, 200]);
    expect(await key('revoke', '--id', 'app', '--file', 'keys.yaml')).toMatchObject({ code: 0 });
    expect(await statusOf(third, file)).toBe(401);
    const text = await readFile(file, 'utf8');
    expect(text).toContain('# ours');
    expect(text).toContain('# of the first');
    expect(text).not.toContain('app');
  });

  it('writes the file that gateway.yaml names', async () => {
    const dir = await mkdtemp(join(cwd, 'filed-'));
    await writeFile(join(dir, 'gateway.yaml'), 'identity: { apiKeys: { file: own.yaml } }\n');
    await writeFile(join(dir, 'own.yaml'), 'keys: []\n');
    const made = keyIn((await key('create', '--id', 'app', '--configured', '--dir', dir)).out);
    expect(await statusOf(made, join(dir, 'own.yaml'))).toBe(200);
  });

  it.runIf(cluster !== undefined)('writes the Redis that gateway.yaml names, be it a Cluster', async () => {
    const dir = await mkdtemp(join(cwd, 'cluster-'));
    const redis = { ...cluster?.settings, timeoutMs: 5000 };
    await writeFile(join(dir, 'gateway.yaml'), JSON.stringify({ identity: { apiKeys: { redis } } }));
    const keyThere = (...argv: string[]) => key(...argv, '--id', 'app', '--configured', '--dir', dir);
    const first = keyIn((await keyThere('create')).out);
    const second = keyIn((await keyThere('rotate', '--keep', '0m')).out);
    const { who, app } = openWhoami({ apiKeys: { redis } });
    const statuses = [];
    for (const made of [first, second]) statuses.push((await who({ 'x-api-key': made })).status);
    expect(statuses).toEqual([401, 200]);
    expect(await keyThere('revoke')).toMatchObject({ code: 0 });
    expect(await keyThere('revoke')).toMatchObject({ code: 2, err: expect.stringContaining('there is no key of app') });
    await app[Symbol.asyncDispose]();
  });

  it('gives programs one JSON value', async () => {
    const { out } = await key('create', '--id', 'a', '--json');
    const { key: made, record } = JSON.parse(out) as { key: string; record: { secrets: { hash: string }[] } };
    expect(record.secrets[0]?.hash).toBe(hashKey(made));
  });

  it.each([
    [[], 'key wants `create`, `rotate` or `revoke`'],
    [['create'], 'key create wants --name'],
    [['create', '--id', 'a b'], '--id must begin with'],
    [['create', '--id', 'a', '--scopes', 'a b'], '--scopes must be a scope'],
    [['create', '--id', 'a', '--expires', 'soon'], '"soon" is no time'],
    [['create', '--id', 'a', '--claim', 'x'], '--claim wants NAME=VALUE'],
    [['create', '--id', 'a', '--file', 'f', '--redis', 'r'], '--file, --redis and --configured exclude each other'],
    [['create', '--id', 'a', '--redis', 'r', '--configured'], '--file, --redis and --configured exclude each other'],
    [['create', '--id', 'a', '--configured'], '--configured wants identity.apiKeys.redis or .file in gateway.yaml'],
    [['rotate', '--id', 'a'], 'key rotate wants --id, and --file, --redis or --configured'],
    [['revoke', '--id', 'nobody', '--file', 'keys.yaml'], 'there is no key of nobody'],
    [['create', 'more', 'too'], '"more" is too much'],
  ])('%j is wrong usage: %s', async (argv, message) => {
    const { code, out, err } = await key(...argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });

  it('tells faults of a file by their place, and of Redis without its address', async () => {
    await writeFile(join(cwd, 'bad.yaml'), 'keys: [{ id: a }]\n');
    expect(await key('create', '--id', 'b', '--file', 'bad.yaml')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/bad\.yaml:1:\d+ keys\.0\.secrets/),
    });
    const gone = await key('revoke', '--id', 'b', '--redis', 'redis://:password@127.0.0.1:1');
    expect([gone.code, gone.err]).toEqual([1, 'tributary: Redis did not do it: look at its address and prefix.\n']);
  });
});
