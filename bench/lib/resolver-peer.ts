import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { Peer, Setup } from '../types.ts';
import { isFresh } from './fresh.ts';
import { installedVersions, installPackages } from './install.ts';
import { cores, launch, portEnv, root } from './launch.ts';

/** The schema, resolvers and loaders that every server of resolvers shares; only what stands around them differs. */
const shared = fileURLToPath(new URL('../peers/hand-written/server', import.meta.url));

const allSetups: readonly Setup[] = [
  { workload: 'posts', forward: false },
  { workload: 'posts', forward: true },
  { workload: 'shop', forward: false },
];

/**
 * A GraphQL server for Node under test: `server.mjs` in its folder, around the resolvers of the hand-written peer, which are
 * laid beside it as `dist/` so that they find the packages of that folder.
 *
 * @param folder of the peer, with a slash at its end
 */
export function createResolverPeer({
  name,
  note,
  folder,
  setups = allSetups,
}: {
  name: string;
  note: string;
  folder: string;
  setups?: readonly Setup[];
}): Peer {
  return {
    name,
    note,
    command: 'node server.mjs',
    setups,
    versions: () => installedVersions(folder),
    install: async () => {
      await installPackages(folder);
      await layBeside(join(folder, 'dist'));
    },
    start: async (setup, ports) => {
      const env = {
        ...portEnv({ ...ports.upstream, server: ports.server }),
        BENCH_WORKLOAD: setup.workload,
        BENCH_FORWARD: String(setup.forward),
        BENCH_PROTO: `${root}sources/inventory/inventory.proto`,
      };
      const launched = launch(process.execPath, ['server.mjs'], { cwd: folder, core: cores.server, env });
      return { ...launched, url: `http://127.0.0.1:${ports.server}/graphql` };
    },
  };
}

async function layBeside(target: string): Promise<void> {
  if (isFresh(join(target, 'made.js'), [shared])) return;
  await mkdir(target, { recursive: true });
  const compilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2023,
    rewriteRelativeImportExtensions: true,
  };
  for (const file of await readdir(shared)) {
    const { outputText } = ts.transpileModule(await readFile(join(shared, file), 'utf8'), { compilerOptions });
    await writeFile(join(target, file.replace(/\.ts$/, '.js')), outputText);
  }
}
