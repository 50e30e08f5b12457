import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isFresh } from '../../lib/fresh.ts';
import { installedVersions, installPackages } from '../../lib/install.ts';
import { cores, launch, portEnv, root, run } from '../../lib/launch.ts';
import type { Peer, Setup } from '../../types.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const bin = (name: string): string => join(folder, 'node_modules', '.bin', name);
const composeLimitMs = 180_000;

/**
 * Hive Gateway over a supergraph that Mesh Compose makes of the contracts.
 *
 * @param config its configuration file in this folder
 */
export function createHive({ name, note, config }: { name: string; note: string; config: string }): Peer {
  return {
    name,
    note,
    command: `hive-gateway supergraph <supergraph> --config-path ${config} --fork 1`,
    setups: [
      { workload: 'posts', forward: false },
      { workload: 'posts', forward: true },
    ],
    versions: () => installedVersions(folder),
    install: async () => {
      await installPackages(folder);
      for (const forward of [false, true]) await compose(forward);
    },
    start: async (setup, { server, upstream }) => {
      const args = ['supergraph', supergraphOf(setup), '--config-path', config, '--fork', '1'];
      const at = ['--host', '127.0.0.1', '--port', String(server)];
      const options = { cwd: folder, core: cores.server, env: portEnv(upstream) };
      const launched = launch(process.execPath, [bin('hive-gateway'), ...args, ...at], options);
      return { ...launched, url: `http://127.0.0.1:${server}/graphql` };
    },
  };
}

function supergraphOf({ forward }: Pick<Setup, 'forward'>): string {
  return join(folder, '.run', `supergraph${forward ? '-forward' : ''}.graphql`);
}

async function compose(forward: boolean): Promise<void> {
  const target = supergraphOf({ forward });
  const inputs = [join(folder, 'mesh.config.mjs'), join(root, 'bench/workloads/posts')];
  if (isFresh(target, inputs)) return;
  await mkdir(dirname(target), { recursive: true });
  const args = [bin('mesh-compose'), '-c', 'mesh.config.mjs', '-o', target];
  await run('env', [`BENCH_FORWARD=${forward}`, process.execPath, ...args], folder, composeLimitMs);
}
