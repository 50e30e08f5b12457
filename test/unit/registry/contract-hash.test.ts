/** What of a policy shapes the text of its source, so that the contract is read again when it changes. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { policySchema } from '../../../gateway/config/policy.ts';
import { contractHash } from '../../../gateway/registry/contract-hash.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tributary-hash-'));
  await mkdir(join(dir, 'sources/api'), { recursive: true });
  await writeFile(join(dir, 'sources/api/openapi.yaml'), 'openapi: 3.0.3\n');
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function hashWith(policy: object): Promise<string | undefined> {
  const handler = { kind: 'openapi', options: { source: './sources/api/openapi.yaml' } } as const;
  const limits = { maxFiles: 10, maxContractBytes: 1000 };
  return (await contractHash(dir, 'api', handler, policySchema.parse(policy), limits)).hash;
}

it.each([
  { include: [{ tags: ['public'] }] },
  { exclude: [{ tags: ['public'] }] },
  { nullability: 'strict' },
  { operations: { a: { exclude: true } } },
  { operations: { a: { exclude: false } } },
  { names: { types: { A: 'B' } } },
])('%j does', async (policy) => {
  expect(await hashWith(policy)).not.toBe(await hashWith({}));
});

it.each([{ deadlineMs: 100 }, { operations: { a: { batchSize: 5 } } }])('%j does not', async (policy) => {
  expect(await hashWith({})).toMatch(/^\w+/);
  expect(await hashWith(policy)).toBe(await hashWith({}));
});
