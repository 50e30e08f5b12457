/** Where generations come from, and what happens when the tree is not as it should be. One project, built once, broken and mended. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Generation } from '../../../gateway/compose/generation.ts';
import { createEvents } from '../../../gateway/observe/events.ts';
import { createLog } from '../../../gateway/observe/log.ts';
import { createMetrics } from '../../../gateway/observe/metrics.ts';
import { addSource, removeSource } from '../../../gateway/registry/add-source.ts';
import { buildTree } from '../../../gateway/registry/build.ts';
import { checkTree } from '../../../gateway/registry/check.ts';
import { openSupply, type Supply } from '../../../gateway/registry/supply.ts';
import { readSettings } from '../../kit/app.ts';
import { warmBuilder } from '../../kit/builder.ts';
import { type Described, listOf, object, openapi, ref, string, writeSources } from '../../merge/services.ts';

// The first build waits until Mesh is loaded: seconds alone, more where the machine is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const builder = warmBuilder();

const shop: Described = {
  kind: 'openapi',
  contract: openapi(
    { things: { answer: listOf(ref('Thing')), params: { ids: listOf(string) } } },
    { Thing: object({ id: string }) },
  ),
  handlers: {},
};
const notes: Described = {
  kind: 'graphql',
  contract: 'type Note { id: ID! thingId: ID! } type Query { notes: [Note!]! }',
  handlers: {},
  joins: `extend type Note { thing: Thing @resolveTo(sourceName: "shop", sourceFieldName: "things", keyField: "thingId", keysArg: "ids", valueKeyField: "id") }`,
};

let built = '';
let dir = '';
const extra = join(tmpdir(), `tributary-extra-${process.pid}`);
beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), 'tributary-built-'));
  await writeSources(built, { shop, notes }, { shop: 'http://127.0.0.1:1', notes: 'http://127.0.0.1:2' });
  await buildTree({ dir: built, env: {}, write: true, builder });
});
beforeEach(async () => {
  if (dir !== '') await rm(dir, { recursive: true, force: true });
  dir = await mkdtemp(join(tmpdir(), 'tributary-tree-'));
  await cp(built, dir, { recursive: true });
});
afterAll(async () => {
  for (const folder of [built, dir, extra]) await rm(folder, { recursive: true, force: true });
});

function open(): Promise<Supply> {
  const events = createEvents({ log: createLog({ level: 'silent', pretty: 'off' }), metrics: createMetrics() });
  return openSupply({ dir, env: {}, config: readSettings({}), events, now: Date.now, watch: false, builder });
}

function at(...parts: string[]): string {
  return join(dir, ...parts);
}

function statesOf(generation: Generation | undefined): Record<string, string> {
  return Object.fromEntries((generation?.sources ?? []).map(({ name, state }) => [name, state]));
}

async function snapshot(): Promise<Record<string, string>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(files.sort().map(async (file) => [file, await readFile(file, 'utf8')] as const)),
  );
}

describe('a supply', () => {
  it('starts from schemas/ alone, without any contract', async () => {
    await rm(at('sources', 'shop', 'openapi.json'));
    await rm(at('sources', 'notes', 'schema.graphql'));
    await using supply = await open();
    expect(statesOf(supply.current())).toEqual({ shop: 'active', notes: 'active' });
    expect(supply.current()?.publicSdl).toContain('thing: Thing');
  });

  it('does not swap when nothing has changed, and hands over old and new when something has', async () => {
    await using supply = await open();
    const first = supply.current();
    const swaps: [Generation, Generation | undefined][] = [];
    supply.onSwap((next, previous) => {
      // The new one is told of before it is current, so that whoever serves takes it over first.
      expect(supply.current()).toBe(first);
      swaps.push([next, previous]);
    });
    expect(await supply.refresh('again')).toEqual({ ok: true, generation: first?.id });
    expect(swaps).toEqual([]);
    await writeFile(at('sources', 'shop', 'policy.yaml'), 'deadlineMs: 5\n');
    const [a, b] = await Promise.all([supply.refresh('one'), supply.refresh('two')]);
    expect(swaps).toEqual([[supply.current(), first]]);
    expect(a).toEqual(b);
    expect(supply.current()?.id).not.toBe(first?.id);
    await first?.[Symbol.asyncDispose]();
  });

  it('keeps the old generation when whoever serves cannot take the new one', async () => {
    await using supply = await open();
    const first = supply.current();
    const off = supply.onSwap(() => {
      throw new Error('no place');
    });
    await writeFile(at('sources', 'shop', 'policy.yaml'), 'deadlineMs: 5\n');
    expect(await supply.refresh('change')).toMatchObject({ ok: false });
    expect(supply.current()).toBe(first);
    off();
  });

  it('goes on with the old generation when .meshrc.yaml is broken, and says where', async () => {
    await using supply = await open();
    const first = supply.current();
    await writeFile(at('.meshrc.yaml'), 'sources: [\n');
    const result = await supply.refresh('broken');
    expect(result).toMatchObject({ ok: false, message: expect.stringContaining('.meshrc.yaml') });
    expect(supply.current()).toBe(first);
    expect(supply.faults().join()).toContain('.meshrc.yaml');
  });

  it('serves a source by its last good policy while its policy is broken', async () => {
    await writeFile(at('sources', 'shop', 'policy.yaml'), 'names: { operations: { "GET /things": goods } }\n');
    await writeFile(at('sources', 'notes', 'joins.graphql'), '');
    await buildTree({ dir, env: {}, write: true, builder });
    await using supply = await open();
    expect(supply.current()?.publicSdl).toContain('goods(');
    await writeFile(at('sources', 'shop', 'policy.yaml'), 'unknown: key\n');
    await supply.refresh('broken policy');
    expect(statesOf(supply.current())).toEqual({ shop: 'degraded', notes: 'active' });
    expect(supply.current()?.publicSdl).toContain('goods(');
    await using fresh = await open();
    expect(statesOf(fresh.current())).toEqual({ shop: 'degraded', notes: 'active' });
    expect(fresh.current()?.publicSdl).toContain('goods(');
  });

  it('serves the committed text when joins are broken at start', async () => {
    await writeFile(at('sources', 'notes', 'joins.graphql'), 'extend type Note {');
    await using supply = await open();
    expect(supply.current()?.publicSdl).toContain('thing: Thing');
    expect(supply.faults().join()).toMatch(/sources\/notes\/joins\.graphql:1: Syntax Error/);
    expect(statesOf(supply.current())['notes']).toBe('degraded');
  });

  it('rebuilds what is stale, keeps a broken source by its old text, and recovers', async () => {
    await using supply = await open();
    const contract = await readFile(at('sources', 'shop', 'openapi.json'), 'utf8');
    await writeFile(
      at('sources', 'notes', 'schema.graphql'),
      notes.contract.replace('id: ID!', 'id: ID! title: String'),
    );
    await writeFile(at('sources', 'shop', 'openapi.json'), '{ broken');
    expect(await supply.refresh('both changed')).toMatchObject({ ok: true });
    expect(statesOf(supply.current())).toEqual({ shop: 'degraded', notes: 'active' });
    expect(supply.current()?.publicSdl).toContain('title: String');
    expect(supply.current()?.publicSdl).toContain('thing: Thing');
    expect(supply.faults()).toEqual([expect.stringMatching(/^shop: The OpenAPI contract cannot be parsed/)]);
    await writeFile(at('sources', 'shop', 'openapi.json'), contract);
    await supply.refresh('mended');
    expect(statesOf(supply.current())).toEqual({ shop: 'active', notes: 'active' });
    expect(supply.faults()).toEqual([]);
  });

  it('starts without a source that has never been read; its joins are left out', async () => {
    await rm(at('schemas'), { recursive: true });
    await writeFile(at('sources', 'shop', 'openapi.json'), '{ broken');
    await using supply = await open();
    expect(statesOf(supply.current())).toEqual({ shop: 'degraded', notes: 'active' });
    expect(supply.current()?.publicSdl).toContain('notes: [Note!]!');
    expect(supply.current()?.publicSdl).not.toContain('Thing');
  });
});

describe('the drift check', () => {
  it('names the file and line that differ, and no other', async () => {
    const file = at('schemas', 'unified.graphql');
    await writeFile(file, (await readFile(file, 'utf8')).replace('thing: Thing', 'thing: Thong'));
    const { ok, faults } = await checkTree({ dir, env: {}, builder });
    expect(ok).toBe(false);
    expect(faults).toEqual([expect.stringMatching(/^schemas\/unified\.graphql:\d+: differs/)]);
  });
});

describe('source add and rm', () => {
  const given = (more: object): Parameters<typeof addSource>[0] => ({
    dir,
    env: {},
    contract: join(extra, 'stars.graphql'),
    endpoint: 'http://127.0.0.1:3',
    kind: undefined,
    name: undefined,
    dryRun: false,
    builder,
    ...more,
  });
  beforeAll(async () => {
    await cp(join(built, 'sources', 'notes'), extra, { recursive: true });
    await writeFile(join(extra, 'stars.graphql'), 'type Star { name: String! } type Query { stars: [Star!]! }');
    await writeFile(join(extra, 'broken.graphql'), 'type Star {');
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
    await removeSource({ dir, env: {}, name: 'stars', dryRun: false, builder });
    expect(await snapshot()).toEqual(before);
  });

  it.each([
    ['a contract that cannot be read', { contract: join(extra, 'broken.graphql') }, /broken/],
    ['a file that is not there', { contract: join(extra, 'none.graphql') }, /There is no file/],
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
    await expect(removeSource({ dir, env: {}, name: 'shop', dryRun: false, builder })).rejects.toThrow(
      /joins\.graphql/,
    );
    expect(await snapshot()).toEqual(before);
  });
});
