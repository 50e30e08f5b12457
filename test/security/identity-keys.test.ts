/** API keys, proofs of the connection, and what becomes of connections whose proof is bad or ends. */
import { mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyRecord } from '../../gateway/config/api-keys.ts';
import { Secret } from '../../gateway/config/secret.ts';
import { hashKey } from '../../gateway/identify/key-store.ts';
import { createRedisKeys } from '../../gateway/identify/redis-keys.ts';
import { findFreePorts, findProgram, startSoftware } from '../kit/software.ts';
import { bearer, openWhoami } from './whoami.ts';

const redisServer = findProgram('redis-server', 'redis-server');

const shown = (key: string): Record<string, string> => ({ 'x-api-key': key });
const secret = (key: string, expiresAt?: string) => ({ hash: hashKey(key), ...(expiresAt && { expiresAt }) });
const record = (id: string, ...secrets: object[]) => ({ id, secrets });

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'keys-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('an API key', () => {
  const keys = [
    {
      ...record('shop-web', secret('old', '2026-01-01T01:00:00Z'), secret('new')),
      tenant: 'acme',
      roles: ['web'],
      scopes: ['a'],
      claims: { level: 3 },
    },
    record('gone', secret('gone', '2025-12-31T23:59:59Z')),
  ];

  it('tells who asks by its hash; two secrets of one id are the same principal while both hold', async () => {
    const { who, clock, app } = openWhoami({ apiKeys: { keys } });
    const { principal } = await who(shown('new'));
    expect(principal).toEqual({
      kind: 'key',
      id: 'key:shop-web',
      tenant: 'acme',
      roles: ['web'],
      scopes: ['a'],
      claims: { level: 3, tenant: 'acme', sub: 'shop-web' },
      keyId: hashKey('new').slice(7, 15),
    });
    expect((await who(shown('old'))).principal).toMatchObject({
      id: 'key:shop-web',
      expiresAt: Date.UTC(2026, 0, 1, 1),
    });
    clock.advance(3_600_000);
    expect(await who(shown('old'))).toMatchObject({ status: 401, message: 'The API key has expired.' });
    expect(await who(shown('new'))).toMatchObject({ status: 200 });
    await app[Symbol.asyncDispose]();
  });

  it.each(['wrong', 'gone', '', 'ne w', 'new, new', 'x'.repeat(600), hashKey('new')])('is refused: %j', async (key) => {
    const { who, app } = openWhoami({ apiKeys: { keys } });
    const told = await who(shown(key));
    expect(told).toMatchObject({
      status: 401,
      code: 'UNAUTHENTICATED',
      challenge: expect.stringMatching(/^ApiKey realm="tributary", error="invalid_token"/),
    });
    await app[Symbol.asyncDispose]();
  });

  it('is one proof, and there is room for one', async () => {
    const jwt = [{ issuer: 'https://a.test', audience: ['x'], secret: 's'.repeat(32) }];
    const { who, app } = openWhoami({ apiKeys: { header: 'X-Shop-Key', keys }, jwt });
    expect(await who({ 'x-shop-key': 'new' })).toMatchObject({ status: 200 });
    expect(await who({ 'x-shop-key': 'new', ...bearer('a.b.c') })).toMatchObject({
      status: 401,
      message: 'Send one proof of identity, not two.',
      challenge:
        'Bearer realm="tributary", error="invalid_request", error_description="Send one proof of identity, not two", ApiKey realm="tributary"',
    });
    // No header of ours: nothing that proves anything.
    expect(await who({ ...shown('new'), authorization: 'Basic YTpi' })).toMatchObject({
      principal: { id: 'anonymous' },
    });
    await app[Symbol.asyncDispose]();
  });

  it('may stand in a file, which is read again when it changes, and only then', async () => {
    const file = join(dir, 'keys.yaml');
    let version = 0;
    const write = async (text: string): Promise<void> => {
      version += 1;
      await writeFile(`${file}.new`, text);
      await utimes(`${file}.new`, version, version);
      await rename(`${file}.new`, file);
    };
    const fileOf = (...ids: string[]) => JSON.stringify({ keys: ids.map((id) => record(id, secret(`of-${id}`))) });
    await write(fileOf('a', 'b'));
    const { who, clock, app } = openWhoami({ apiKeys: { file, refreshMs: 5000 } });
    const statuses = async () => [(await who(shown('of-a'))).status, (await who(shown('of-b'))).status];
    expect(await statuses()).toEqual([200, 200]);
    await write(fileOf('b'));
    expect(await statuses()).toEqual([200, 200]);
    clock.advance(5000);
    expect(await statuses()).toEqual([401, 200]);
    await write('keys: [{ id: }]');
    clock.advance(5000);
    expect(await statuses()).toEqual([401, 200]);
    await rm(file);
    clock.advance(5000);
    expect(await statuses()).toEqual([401, 200]);
    expect(
      app.lines.filter(({ msg }) => msg === 'proofs of identity cannot be checked as they should').length,
    ).toBeGreaterThan(1);
    await write(fileOf());
    clock.advance(5000);
    expect(await statuses()).toEqual([401, 401]);
    await app[Symbol.asyncDispose]();
    const fresh = openWhoami({ apiKeys: { file: join(dir, 'nowhere') } });
    expect(await fresh.who(shown('of-a'))).toMatchObject({ status: 503 });
    await fresh.app[Symbol.asyncDispose]();
  });

  it.runIf(redisServer !== undefined)(
    'may stand in Redis, whose last word goes on for a while when it is gone',
    async () => {
      const [port = 0] = await findFreePorts(1);
      const args = () => ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
      const server = await startSoftware(redisServer ?? '', args, /Ready to accept connections/);
      const place = { prefix: 't:{k}:', timeoutMs: 5000 };
      const url = `redis://127.0.0.1:${port}`;
      const redis = { url, ...place, keepMs: 5000, keepStaleMs: 60_000 };
      const store = createRedisKeys({ ...place, url: new Secret(url), now: Date.now, onFault: () => undefined });
      for (const id of ['a', 'b']) await store.put(keyRecord.parse(record(id, secret(`of-${id}`))));
      const { who, clock, app } = openWhoami({ apiKeys: { redis } });
      const statuses = async () => [(await who(shown('of-a'))).status, (await who(shown('of-b'))).status];
      expect(await statuses()).toEqual([200, 200]);
      await store.delete('b');
      expect(await statuses()).toEqual([200, 200]);
      clock.advance(5000);
      expect(await statuses()).toEqual([200, 401]);
      await store[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      clock.advance(64_000);
      expect(await statuses()).toEqual([200, 503]);
      clock.advance(1001);
      expect(await statuses()).toEqual([503, 503]);
      await app[Symbol.asyncDispose]();
    },
  );

  it('in Redis that cannot be reached is nobody’s fault', async () => {
    const { who, app } = openWhoami({ apiKeys: { redis: { url: 'redis://127.0.0.1:1' } } });
    expect(await who(shown('a'))).toMatchObject({ status: 503, code: 'SOURCE_UNAVAILABLE' });
    await app[Symbol.asyncDispose]();
  });
});

describe('no proof', () => {
  it('is anonymous, or refused without an error of its own where one is needed', async () => {
    const open = openWhoami({});
    expect(await open.who()).toEqual({
      status: 200,
      principal: { kind: 'anonymous', id: 'anonymous', roles: [], scopes: [] },
    });
    const closed = openWhoami({ anonymous: false, apiKeys: { keys: [record('a', secret('k'))] }, realm: 'shop' });
    expect(await closed.who()).toEqual({
      status: 401,
      code: 'UNAUTHENTICATED',
      message: 'A proof of identity is needed here.',
      challenge: 'ApiKey realm="shop"',
    });
    expect(await closed.who(shown('k'))).toMatchObject({ status: 200 });
    const response = await closed.app.explain(
      new Request('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-tributary-explain': 'plan' },
        body: '{"query":"{ me }"}',
      }),
    );
    expect(response.status).toBe(200);
    for (const { app } of [open, closed]) await app[Symbol.asyncDispose]();
  });

  it('is told apart in the metrics, and no proof stands in the log', async () => {
    const { who, app } = openWhoami({ apiKeys: { keys: [record('a', secret('k'))] } });
    await who(shown('stolen-secret'));
    expect((await app.metrics.expose()).split('\n')).toContain('tributary_proofs_refused_total{kind="key"} 1');
    expect(JSON.stringify(app.lines)).not.toContain('stolen-secret');
    await app[Symbol.asyncDispose]();
  });
});
