import { fileURLToPath } from 'node:url';
import { isFresh } from '../../lib/fresh.ts';
import { readManifest } from '../../lib/install.ts';
import { cores, launch, root, run } from '../../lib/launch.ts';
import type { Peer, UpstreamPorts } from '../../types.ts';
import { assemblePosts, postsProject } from './project.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const entry = `${root}dist/gateway/main.js`;
const buildLimitMs = 180_000;

export const peer: Peer = {
  name: 'tributary',
  note: 'This gateway, built for production, with its defaults: one log line per operation included.',
  command: 'node dist/gateway/main.js serve --dir <workload>',
  setups: [
    { workload: 'posts', forward: false },
    { workload: 'posts', forward: true },
    { workload: 'shop', forward: false },
  ],
  versions: async () => ({ tributary: (await readManifest(root)).version ?? 'unknown' }),
  install: async () => {
    const inputs = [`${root}gateway`, `${root}tsconfig.build.json`, `${root}package.json`];
    if (!isFresh(entry, inputs)) await run('npm', ['run', 'build'], root, buildLimitMs);
    // The shop is the project itself, schemas/ and all.
    await assemblePosts();
    await run(process.execPath, [entry, 'schema', '--write', '--dir', postsProject], root, buildLimitMs);
  },
  start: async (setup, ports) => {
    const env = {
      ...endpointEnv(ports.upstream),
      PORT: String(ports.server),
      ADMIN_PORT: String(ports.admin),
      TRIBUTARY_CONFIG: `${folder}${setup.forward ? 'gateway.forward.yaml' : 'gateway.yaml'}`,
    };
    const args = [entry, 'serve', '--dir', setup.workload === 'posts' ? postsProject : root];
    const launched = launch(process.execPath, args, { core: cores.server, env });
    return { ...launched, url: `http://127.0.0.1:${ports.server}/graphql` };
  },
};

/** Endpoints as `.meshrc.yaml` reads them: a URL, and host:port for gRPC. */
function endpointEnv(upstream: UpstreamPorts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(upstream).map(([source, port]) => [
      `${source.toUpperCase()}_ENDPOINT`,
      `${source === 'inventory' ? '' : 'http://'}127.0.0.1:${port}`,
    ]),
  );
}
