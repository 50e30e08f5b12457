/** Where generations come from, and what happens when the tree is not as it should be. One project, built once, broken and mended. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import type { Generation } from '../../../gateway/compose/generation.ts';
import { createEvents } from '../../../gateway/observe/events.ts';
import { createLog } from '../../../gateway/observe/log.ts';
import { createMetrics } from '../../../gateway/observe/metrics.ts';
import { buildTree } from '../../../gateway/registry/build.ts';
import type { RegistryStore } from '../../../gateway/registry/store/store.ts';
import { openSupply, type Supply, type SupplyOptions } from '../../../gateway/registry/supply.ts';
import { readSettings } from '../../kit/app.ts';
import { notes, standingTree } from './tree-kit.ts';

// The first build waits until Mesh is loaded: seconds alone, more where the machine is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const { builder, at, tree } = standingTree();

function open(more: Partial<SupplyOptions> = {}): Promise<Supply> {
  const events = createEvents({ log: createLog({ level: 'silent', pretty: 'off' }), metrics: createMetrics() });
  return openSupply({
    dir: tree.dir,
    env: {},
    config: readSettings({}),
    events,
    now: Date.now,
    watch: false,
    builder,
    ...more,
  });
}

function statesOf(generation: Generation | undefined): Record<string, string> {
  return Object.fromEntries((generation?.sources ?? []).map(({ name, state }) => [name, state]));
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

  it('says that a revision serves once it does, and not while its generation is made', async () => {
    const head = { number: 1, at: 0, by: 'test', what: 'state' as const, source: 'shop', sources: {} };
    const store = { head: async () => ({ ...head }), watch: () => () => undefined } as unknown as RegistryStore;
    await using supply = await open({ store });
    expect(supply.revision()).toBe(1);
    const seen: unknown[] = [];
    const off = supply.onSwap(() => {
      seen.push(supply.revision());
      throw new Error('no place');
    });
    head.number = 2;
    await writeFile(at('sources', 'shop', 'policy.yaml'), 'deadlineMs: 5\n');
    expect(await supply.refresh('refused')).toMatchObject({ ok: false });
    expect([seen, supply.revision()]).toEqual([[1], 1]);
    off();
    expect(await supply.refresh('taken')).toMatchObject({ ok: true });
    expect(supply.revision()).toBe(2);
    head.number = 3;
    expect(await supply.refresh('nothing to make')).toMatchObject({ ok: true });
    expect(supply.revision()).toBe(3);
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
    await buildTree({ dir: tree.dir, env: {}, write: true, builder });
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
