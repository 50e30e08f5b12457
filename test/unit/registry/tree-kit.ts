/** A project of two sources, built once and laid out anew for each test: to be broken and mended. */
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { buildTree } from '../../../gateway/registry/build.ts';
import { warmBuilder } from '../../kit/builder.ts';
import { type Described, listOf, object, openapi, ref, string, writeSources } from '../../merge/services.ts';

const shop: Described = {
  kind: 'openapi',
  contract: openapi(
    { things: { answer: listOf(ref('Thing')), params: { ids: listOf(string) } } },
    { Thing: object({ id: string }) },
  ),
  handlers: {},
};
export const notes: Described = {
  kind: 'graphql',
  contract: 'type Note { id: ID! thingId: ID! } type Query { notes: [Note!]! }',
  handlers: {},
  joins: `extend type Note { thing: Thing @resolveTo(sourceName: "shop", sourceFieldName: "things", keyField: "thingId", keysArg: "ids", valueKeyField: "id") }`,
};

/** Folders: the one to work on, the one it is copied from, and one beside that tests may fill. */
export type StandingTree = { dir: string; built: string; readonly extra: string };

export function standingTree() {
  const builder = warmBuilder();
  const tree: StandingTree = { dir: '', built: '', extra: join(tmpdir(), `tributary-extra-${process.pid}`) };
  beforeAll(async () => {
    tree.built = await mkdtemp(join(tmpdir(), 'tributary-built-'));
    await writeSources(tree.built, { shop, notes }, { shop: 'http://127.0.0.1:1', notes: 'http://127.0.0.1:2' });
    await buildTree({ dir: tree.built, env: {}, write: true, builder });
  });
  beforeEach(async () => {
    if (tree.dir !== '') await rm(tree.dir, { recursive: true, force: true });
    tree.dir = await mkdtemp(join(tmpdir(), 'tributary-tree-'));
    await cp(tree.built, tree.dir, { recursive: true });
  });
  afterAll(async () => {
    for (const folder of [tree.built, tree.dir, tree.extra]) await rm(folder, { recursive: true, force: true });
  });

  /** All files and what they hold. */
  async function snapshot(): Promise<Record<string, string>> {
    const entries = await readdir(tree.dir, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return Object.fromEntries(
      await Promise.all(files.sort().map(async (file) => [file, await readFile(file, 'utf8')] as const)),
    );
  }

  const at = (...parts: string[]): string => join(tree.dir, ...parts);
  return { builder, tree, at, snapshot };
}
