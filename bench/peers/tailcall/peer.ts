import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installedVersions, installPackages } from '../../lib/install.ts';
import { cores, launch } from '../../lib/launch.ts';
import type { Peer } from '../../types.ts';
import { configOf } from './config.ts';
import { findLibc } from './libc.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const binary = join(folder, 'node_modules/@tailcallhq/core-linux-x64-gnu/bin/tailcall');
const made = join(folder, '.run');

export const peer: Peer = {
  name: 'tailcall',
  note: 'Tailcall (Rust), its release for Linux from npm, with single flight of calls and of whole operations, as its own benchmark has it; one worker.',
  command: 'tailcall start <config>',
  setups: [
    { workload: 'posts', forward: false },
    { workload: 'posts', forward: true },
  ],
  versions: async () => ({ ...(await installedVersions(folder)), libc6: (await findLibc(made)).version }),
  install: async () => {
    await installPackages(folder);
    await findLibc(made);
  },
  start: async (setup, { server, upstream }) => {
    await mkdir(made, { recursive: true });
    const config = join(made, `posts-${setup.forward}-${server}.graphql`);
    await writeFile(config, configOf({ port: server, upstream, forward: setup.forward }));
    const { command, args } = (await findLibc(made)).runs(binary);
    const env = { TAILCALL_TRACKER: 'false', TAILCALL_LOG_LEVEL: 'error' };
    const launched = launch(command, [...args, 'start', config], { cwd: made, core: cores.server, env });
    return { ...launched, url: `http://127.0.0.1:${server}/graphql` };
  },
};
