/** Adding and removing sources changes a project whole or not at all; the drift check says where it differs. */
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { addSource, removeSource } from '../../../gateway/registry/add-source.ts';
import { checkTree } from '../../../gateway/registry/check.ts';
import { standingTree } from './tree-kit.ts';

// The first build waits until Mesh is loaded: seconds alone, more where the machine is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const { builder, tree, at, snapshot } = standingTree();

describe('the drift check', () => {
  it('names the file and line that differ, and no other', async () => {
    const file = at('schemas', 'unified.graphql');
    await writeFile(file, (await readFile(file, 'utf8')).replace('thing: Thing', 'thing: Thong'));
    const { ok, faults } = await checkTree({ dir: tree.dir, env: {}, builder });
    expect(ok).toBe(false);
    expect(faults).toEqual([expect.stringMatching(/^schemas\/unified\.graphql:\d+: differs/)]);
  });
});

describe('source add and rm', () => {
  const given = (more: object): Parameters<typeof addSource>[0] => ({
    dir: tree.dir,
    env: {},
    contract: join(tree.extra, 'stars.graphql'),
    endpoint: 'http://127.0.0.1:3',
    kind: undefined,
    name: undefined,
    dryRun: false,
    builder,
    ...more,
  });
  beforeAll(async () => {
    await cp(join(tree.built, 'sources', 'notes'), tree.extra, { recursive: true });
    await writeFile(join(tree.extra, 'stars.graphql'), 'type Star { name: String! } type Query { stars: [Star!]! }');
    await writeFile(join(tree.extra, 'broken.graphql'), 'type Star {');
  });

  it('add a folder, an entry and schemas, keep comments, and take all of it away again', async () => {
    const meshrc = `# why\n${await readFile(at('.meshrc.yaml'), 'utf8')}\n# the end\n`;
    await writeFile(at('.meshrc.yaml'), meshrc);
    const before = await snapshot();
    const added = await addSource(given({}));
    expect(added).toMatchObject({ name: 'stars', kind: 'graphql', report: { operations: { total: 1, imported: 1 } } });
    expect(await readFile(at('schemas', 'unified.graphql'), 'utf8')).toContain('stars: [Star!]!');
    const edited = await readFile(at('.meshrc.yaml'), 'utf8');
    expect(edited).toMatch(/^# why\n/);
    expect(edited).toContain('# the end');
    expect(await readdir(at('sources', 'stars'))).toEqual([
      'README.md',
      'joins.graphql',
      'policy.yaml',
      'schema.graphql',
    ]);
    await removeSource({ dir: tree.dir, env: {}, name: 'stars', dryRun: false, builder });
    expect(await snapshot()).toEqual(before);
  });

  it.each([
    ['a contract that cannot be read', { contract: join(tree.extra, 'broken.graphql') }, /broken/],
    ['a file that is not there', { contract: join(tree.extra, 'none.graphql') }, /There is no file/],
    ['a name that is taken', { name: 'shop' }, /shop is there already/],
    ['a name that is none', { name: '../up' }, /cannot be the name/],
    ['no address', { endpoint: undefined }, /--endpoint/],
  ])('leave the tree as it was after %s', async (_title, more, message) => {
    const before = await snapshot();
    await expect(addSource(given(more))).rejects.toThrow(message);
    expect(await snapshot()).toEqual(before);
  });

  it('write nothing on a dry run, and nothing when others lean on what is removed', async () => {
    const before = await snapshot();
    expect(await addSource(given({ dryRun: true }))).toMatchObject({ name: 'stars' });
    await expect(removeSource({ dir: tree.dir, env: {}, name: 'shop', dryRun: false, builder })).rejects.toThrow(
      /joins\.graphql/,
    );
    expect(await snapshot()).toEqual(before);
  });
});
