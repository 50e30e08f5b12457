import { existsSync } from 'node:fs';
import { isFresh } from '../../lib/fresh.ts';
import { readManifest } from '../../lib/install.ts';
import { cores, launch, root, run } from '../../lib/launch.ts';
import type { Peer, Setup, UpstreamPorts } from '../../types.ts';
import { assemblePosts, copyShop, layOverFile } from './project.ts';

const buildLimitMs = 180_000;

const allSetups: readonly Setup[] = [
  { workload: 'posts', forward: false },
  { workload: 'posts', forward: true },
  { workload: 'posts', forward: false, signed: true },
  { workload: 'shop', forward: false },
];

export const peer: Peer = createTributary({
  name: 'tributary',
  note: 'This gateway, built for production, with its defaults: one log line per operation included.',
  home: root,
});

export type Variant = {
  name: string;
  note: string;
  /** The checkout's folder, with a slash at its end; what it imports is installed there or above. */
  home: string;
  /** Settings of its own beside the defaults; none without it. */
  variant?: {
    /** Laid over policy.yaml of every source. */
    policy: Readonly<Record<string, unknown>>;
    /** The middle of its file's name, beside gateway.yaml: `policies` for gateway.policies.yaml, gateway.policies.forward.yaml. */
    settings?: string;
    /** Laid over that file. */
    config?: Readonly<Record<string, unknown>>;
  };
  setups?: readonly Setup[];
};

/** A checkout of this project as a server under test, with its own sources, workload and settings. */
export function createTributary({ name, note, home, variant, setups = allSetups }: Variant): Peer {
  const folder = `${home}bench/peers/tributary/`;
  const modules = `${home}dist/gateway/main.js`;
  const bundle = `${home}dist/tributary.js`;
  // Made anew for each run, never committed.
  const config = (forward: boolean): string =>
    `${variant?.config ? `${folder}.run/${name}.` : `${folder}gateway${variant?.settings ? `.${variant.settings}` : ''}.`}${forward ? 'forward.' : ''}yaml`;
  const [posts, shop] = [`${folder}.run/${name}-posts`, variant ? `${folder}.run/${name}-shop` : home];
  return {
    name,
    note,
    command: 'node dist/tributary.js serve --dir <workload>',
    setups,
    versions: async () => ({ tributary: (await readManifest(home)).version ?? 'unknown' }),
    install: async () => {
      const inputs = [`${home}gateway`, `${home}scripts`, `${home}tsconfig.build.json`, `${home}package.json`];
      if (!isFresh(modules, inputs)) await run('npm', ['run', 'build'], home, buildLimitMs);
      await assemblePosts(home, posts, variant?.policy);
      await run(process.execPath, [modules, 'schema', '--write', '--dir', posts], home, buildLimitMs);
      // The shop is the project itself, schemas/ and all; with policies of its own it is a copy.
      if (variant) await copyShop(home, shop, variant.policy);
      for (const forward of variant?.config ? [false, true] : [])
        await layOverFile(`${folder}gateway.${forward ? 'forward.' : ''}yaml`, variant?.config ?? {}, config(forward));
    },
    start: async (setup, ports) => {
      const env = {
        ...endpointEnv(ports.upstream),
        PORT: String(ports.server),
        ADMIN_PORT: String(ports.admin),
        TRIBUTARY_CONFIG: config(setup.forward),
      };
      // Commits from before there was one have none.
      const args = [existsSync(bundle) ? bundle : modules, 'serve', '--dir', setup.workload === 'posts' ? posts : shop];
      const launched = launch(process.execPath, args, { core: cores.server, env });
      return { ...launched, url: `http://127.0.0.1:${ports.server}/graphql` };
    },
  };
}

/** Endpoints as `.meshrc.yaml` reads them: a URL, and host:port for gRPC. */
function endpointEnv(upstream: UpstreamPorts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(upstream).map(([source, port]) => [
      `${source.toUpperCase()}_ENDPOINT`,
      `${source === 'inventory' ? '' : 'http://'}127.0.0.1:${port}`,
    ]),
  );
}
