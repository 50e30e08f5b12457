/** A supply whose large generations another process makes: what it asks for, and what it goes on with. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEvents } from '../../../gateway/observe/events.ts';
import { createLog } from '../../../gateway/observe/log.ts';
import { createMetrics } from '../../../gateway/observe/metrics.ts';
import { buildTree } from '../../../gateway/registry/build.ts';
import type { Successor } from '../../../gateway/registry/successor.ts';
import { openSupply, type SupplyOptions } from '../../../gateway/registry/supply.ts';
import { readSettings } from '../../kit/app.ts';
import { warmBuilder } from '../../kit/builder.ts';
import { listOf, object, openapi, ref, string, writeSources } from '../../merge/services.ts';

// A build reads contracts through Mesh in a worker: seconds alone, more where the machine is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const things = { things: { answer: listOf(ref('Thing')), params: { ids: listOf(string) } } };
const lookUp =
  '@resolveTo(sourceName: "shop", sourceFieldName: "things", keyField: "thingId", keysArg: "ids", valueKeyField: "id")';

const builder = warmBuilder();
let built = '';
let dir = '';
beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), 'tributary-built-'));
  const shop = { kind: 'openapi' as const, contract: openapi(things, { Thing: object({ id: string }) }), handlers: {} };
  const notes = {
    kind: 'graphql' as const,
    contract: 'type Note { id: ID! thingId: ID! } type Query { notes: [Note!]! }',
    handlers: {},
    joins: `extend type Note { thing: Thing ${lookUp} }`,
  };
  await writeSources(built, { shop, notes }, { shop: 'http://127.0.0.1:1', notes: 'http://127.0.0.1:2' });
  await buildTree({ dir: built, env: {}, write: true, builder });
});
beforeEach(async () => {
  if (dir !== '') await rm(dir, { recursive: true, force: true });
  dir = await mkdtemp(join(tmpdir(), 'tributary-tree-'));
  await cp(built, dir, { recursive: true });
});
afterAll(async () => {
  for (const folder of [built, dir]) await rm(folder, { recursive: true, force: true });
});

function common(): SupplyOptions {
  const events = createEvents({ log: createLog({ level: 'silent', pretty: 'off' }), metrics: createMetrics() });
  return { dir, env: {}, config: readSettings({}), events, now: Date.now, watch: false, builder };
}

/** A supply whose generations another process makes; what it is asked for, and what it answers. */
async function openBeside(answers: Awaited<ReturnType<Successor['takeOver']>>[], aboveBytes: number) {
  const asked: unknown[] = [];
  const takeOver: Successor['takeOver'] = async (wanted) => {
    asked.push(wanted);
    return answers.shift() ?? { ok: false, message: 'nobody is left' };
  };
  return { asked, supply: await openSupply({ ...common(), successor: { aboveBytes, takeOver } }) };
}

describe('a supply whose large generations are made elsewhere', () => {
  /** Fields that another source answers are gone: the schema is another, and no contract is read for it. */
  const change = (): Promise<void> => writeFile(join(dir, 'sources', 'notes', 'joins.graphql'), '');

  it('makes the first one itself, and asks for the next; then it takes nothing up any more', async () => {
    const { asked, supply } = await openBeside([{ ok: true }], 1);
    await using opened = supply;
    const [first, swaps] = [opened.current(), [] as unknown[]];
    opened.onSwap((next) => swaps.push(next));
    expect([first === undefined, opened.isHandedOver()]).toEqual([false, false]);
    await change();
    const result = await opened.refresh('test');
    expect(asked).toEqual([{ generation: result.ok && result.generation, revision: 0 }]);
    expect([opened.current() === first, swaps, opened.isHandedOver()]).toEqual([true, [], true]);
    expect(await opened.refresh('again')).toEqual(result);
    expect(asked).toHaveLength(1);
  });

  it('goes on with what it serves when nobody takes over, says why, and may ask again', async () => {
    const { asked, supply } = await openBeside([{ ok: false, message: 'too poor' }, { ok: true }], 1);
    await using opened = supply;
    const first = opened.current();
    await change();
    expect(await opened.refresh('test')).toEqual({ ok: false, message: 'too poor' });
    expect([opened.current() === first, opened.faults(), opened.isHandedOver()]).toEqual([true, ['too poor'], false]);
    expect(await opened.refresh('again')).toMatchObject({ ok: true });
    expect(asked).toHaveLength(2);
  });

  it('asks nobody for what is small, or for what serves already', async () => {
    const { asked, supply } = await openBeside([], 1_000_000);
    await using small = supply;
    await change();
    expect(await small.refresh('test')).toMatchObject({ ok: true });
    expect(small.current()?.publicSdl).not.toContain('thing: Thing');
    const { asked: askedToo, supply: other } = await openBeside([], 1);
    await using large = other;
    expect(await large.refresh('test')).toEqual({ ok: true, generation: large.current()?.id });
    expect([asked, askedToo]).toEqual([[], []]);
  });
});
