import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadGatewayConfig } from '../../../gateway/config/load.ts';
import { readManifest } from '../../../gateway/config/manifest.ts';

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');

describe('a manifest', () => {
  const apollo = (operations: unknown) =>
    JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations });

  it('is read in the form of Apollo, and as a map of hash to text', () => {
    const expected = { manifest: new Map([[hashOf('{ a }'), '{ a }']]) };
    expect(readManifest(apollo([{ id: hashOf('{ a }'), name: 'A', type: 'query', body: '{ a }' }]))).toEqual(expected);
    expect(readManifest(JSON.stringify({ [hashOf('{ a }')]: '{ a }' }))).toEqual(expected);
    expect(readManifest(JSON.stringify({ [`sha256:${hashOf('{ a }')}`]: '{ a }' }))).toEqual(expected);
  });

  it.each([
    ['no JSON', '{', 'is not JSON'],
    ['a list', '[]', 'is neither'],
    ['another version', '{"format":"apollo-persisted-query-manifest","version":2,"operations":[]}', 'is neither'],
    ['an operation without text', apollo([{ id: hashOf('{ a }') }]), 'without id or body'],
    ['an id of its own making', '{"my-op":"{ a }"}', 'no SHA-256 hash in hex: my-op'],
    ['a text of another hash', JSON.stringify({ [hashOf('{ a }')]: '{ b }' }), 'not the one of its hash'],
  ])('with %s is refused', (_title, text, fault) => {
    expect(readManifest(text)).toEqual({ fault: expect.stringContaining(fault) });
  });

  it('is loaded with the configuration, whose line a fault names', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'tributary-manifest-'));
    await writeFile(join(dir, 'gateway.yaml'), 'persistedOperations:\n  mode: require\n  manifest: trusted.json\n');
    expect(await loadGatewayConfig({ dir, env: {} })).toMatchObject({
      ok: false,
      faults: [
        {
          file: 'gateway.yaml',
          line: 3,
          path: 'persistedOperations.manifest',
          message: 'the file trusted.json does not exist',
        },
      ],
    });
    await writeFile(join(dir, 'trusted.json'), JSON.stringify({ [hashOf('{ a }')]: '{ a }' }));
    const loaded = await loadGatewayConfig({ dir, env: {} });
    expect(loaded.ok && [...(loaded.value.manifest ?? [])]).toEqual([[hashOf('{ a }'), '{ a }']]);
    await rm(dir, { recursive: true });
  });
});
