import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { registry } from '../../../../gateway/config/registry.ts';
import { openStore } from '../../../../gateway/registry/store/open.ts';
import { makeBlob, makeRevision } from './places.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tributary-store-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

it('opens a folder of the project, or any other, with the limits of gateway.yaml', async () => {
  const options = { dir, now: Date.now, onFault: fail };
  await using store = await openStore(registry.parse({ bundleBytes: 1024, keepRevisions: 10 }), options);
  for (let number = 1; number <= 12; number += 1) await store.append(makeRevision(number));
  expect(await store.history({ limit: 100 })).toHaveLength(10);
  const { hash, bytes } = makeBlob('x'.repeat(1025));
  await expect(store.putBlob(hash, bytes)).rejects.toMatchObject({ status: 413 });
  expect(existsSync(join(dir, '.tributary/registry/revisions'))).toBe(true);
  await using other = await openStore(registry.parse({ dir: join(dir, 'other') }), { ...options, dir: '/nowhere' });
  await other.append(makeRevision(1));
  expect(existsSync(join(dir, 'other/revisions'))).toBe(true);
});

it('opens a Redis that is not there: its calls say so, and nobody waits for them', async () => {
  const faults: unknown[] = [];
  const config = registry.parse({ kind: 'redis', redis: { url: 'redis://127.0.0.1:1', timeoutMs: 50 } });
  await using store = await openStore(config, { dir, now: Date.now, onFault: (fault) => faults.push(fault) });
  await expect(store.head()).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE', status: 503, retryable: true });
  await expect(store.append(makeRevision(1))).rejects.toMatchObject({
    message: expect.stringContaining('look whether'),
  });
  expect(String(faults[0])).toContain('ECONNREFUSED');
});

function fail(fault: unknown): never {
  throw fault;
}
