import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isFresh } from '../../lib/fresh.ts';
import { installedVersions, installPackages } from '../../lib/install.ts';
import { cores, launch, portEnv, root, run } from '../../lib/launch.ts';
import type { Peer, Setup, WorkloadName } from '../../types.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const mesh = join(folder, 'node_modules', '.bin', 'mesh');
const contracts: Record<WorkloadName, string> = { posts: 'bench/workloads/posts', shop: 'sources' };
const buildLimitMs = 180_000;

export const peer: Peer = {
  name: 'mesh-v0',
  note: 'GraphQL Mesh v0, artifacts from `mesh build`; the same contracts, joins by its own `@resolveTo` with the same keys; gRPC through a thin handler over its own loader and transport; one process (`fork: false`).',
  command: 'mesh start --dir <workload> --port <port>',
  setups: [
    { workload: 'posts', forward: false },
    { workload: 'posts', forward: true },
    { workload: 'shop', forward: false },
  ],
  versions: () => installedVersions(folder),
  install: async () => {
    await installPackages(folder);
    for (const setup of peer.setups) {
      const dir = workloadFolder(setup);
      const built = join(folder, dir, '.mesh', 'index.mjs');
      const inputs = [join(folder, dir, '.meshrc.yaml'), join(root, contracts[setup.workload])];
      if (!isFresh(built, inputs)) await build(dir);
    }
  },
  start: async (setup, { server, upstream }) => {
    const args = [mesh, 'start', '--dir', workloadFolder(setup), '--port', String(server)];
    const launched = launch(process.execPath, args, { cwd: folder, core: cores.server, env: portEnv(upstream) });
    return { ...launched, url: `http://127.0.0.1:${server}/graphql` };
  },
};

function workloadFolder(setup: Setup): string {
  return setup.forward ? `${setup.workload}-forward` : setup.workload;
}

async function build(dir: string): Promise<void> {
  console.log(`mesh build --dir ${dir}`);
  await run(process.execPath, [mesh, 'build', '--dir', dir, '--fileType', 'js'], folder, buildLimitMs);
  // The artifacts import a handler given by relative path from their own folder, whatever the path said.
  const handler = join(folder, dir, 'grpc-handler.cjs');
  if (existsSync(handler)) copyFileSync(handler, join(folder, dir, '.mesh', 'grpc-handler.cjs'));
}
