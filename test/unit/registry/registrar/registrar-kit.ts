/** A registrar over a registry in a folder, with what builds for tests. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gatewaySchema } from '../../../../gateway/config/schema.ts';
import { createRegistrar, type Registrar } from '../../../../gateway/registry/registrar/registrar.ts';
import type { Actor } from '../../../../gateway/registry/registrar/types.ts';
import { openFileStore } from '../../../../gateway/registry/store/file-store.ts';
import type { RegistryStore } from '../../../../gateway/registry/store/store.ts';
import { warmBuilder } from '../../../kit/builder.ts';

export const ROOT: Actor = { name: 'root', owners: ['*'] };
export const TEAM: Actor = { name: 'ci-a', owners: ['team-a'] };
export const OTHER: Actor = { name: 'ci-b', owners: ['team-b'] };

export type Opened = AsyncDisposable & { registrar: Registrar; store: RegistryStore; dir: string };

/**
 * An empty project; the time goes on by a second with every look at it.
 * @param publicSdl what clients see now
 */
export async function openRegistrar(config: object = {}, publicSdl?: string): Promise<Opened> {
  const dir = await mkdtemp(join(tmpdir(), 'tributary-registrar-'));
  await writeFile(join(dir, '.meshrc.yaml'), 'sources: []\n');
  let time = 0;
  const now = (): number => {
    time += 1000;
    return time;
  };
  const store = openFileStore({
    ...{ dir: join(dir, '.tributary', 'registry'), pollMs: 60_000, keepRevisions: 100, maxBlobBytes: 10_000_000 },
    now,
    onFault: () => undefined,
  });
  const supply = {
    current: () => (publicSdl === undefined ? undefined : ({ publicSdl, sources: [] } as never)),
    refresh: async () => ({ ok: true as const, generation: 'g' }),
    isHandedOver: () => false,
  };
  const registrar = createRegistrar({
    ...{ dir, env: {}, store, supply, operations: undefined, builder: warmBuilder(), now },
    config: gatewaySchema.parse(config),
    events: { sourceChanged: () => undefined },
  });
  return {
    ...{ registrar, store, dir },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** A contract with one field. */
export function contractWith(field: string): { files: Map<string, Buffer>; main: string } {
  const answer = `{ description: ok, content: { application/json: { schema: { type: object, properties: { ${field}: { type: string } } } } } }`;
  const text = [
    'openapi: 3.0.3',
    "info: { title: orders, version: '1' }",
    'paths:',
    `  /order: { get: { operationId: getOrder, responses: { '200': ${answer} } } }`,
    '',
  ].join('\n');
  return { files: new Map([['openapi.yaml', Buffer.from(text)]]), main: 'openapi.yaml' };
}
