import { fileURLToPath } from 'node:url';
import { isFresh } from '../../lib/fresh.ts';
import { installedVersions, installPackages } from '../../lib/install.ts';
import { cores, launch, portEnv, root, run } from '../../lib/launch.ts';
import type { Peer } from '../../types.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const entry = `${folder}dist/main.js`;
const buildLimitMs = 120_000;

export const peer: Peer = {
  name: 'hand-written',
  note: 'The floor: a server written by hand for each workload (node:http, graphql-js `execute`, DataLoader, undici, grpc-js), parsed documents kept by text.',
  command: 'node dist/main.js',
  setups: [
    { workload: 'posts', forward: false },
    { workload: 'posts', forward: true },
    { workload: 'shop', forward: false },
  ],
  versions: () => installedVersions(folder),
  install: async () => {
    await installPackages(folder);
    if (isFresh(entry, [`${folder}server`, `${folder}tsconfig.json`])) return;
    await run(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-p', folder], root, buildLimitMs);
  },
  start: async (setup, ports) => {
    const env = {
      ...portEnv({ ...ports.upstream, server: ports.server }),
      BENCH_WORKLOAD: setup.workload,
      BENCH_FORWARD: String(setup.forward),
      BENCH_PROTO: `${root}sources/inventory/inventory.proto`,
    };
    const launched = launch(process.execPath, [entry], { cwd: folder, core: cores.server, env });
    return { ...launched, url: `http://127.0.0.1:${ports.server}/graphql` };
  },
};
