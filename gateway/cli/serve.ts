import { formatFaults } from '../config/faults.ts';
import { loadGatewayConfig } from '../config/load.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { workersOf } from '../config/workers.ts';
import type { Command, Values } from './command.ts';
import { dirOption, parseLine, projectDir } from './command.ts';
import type { ExitCode, Io, Parent } from './io.ts';
import { exitCodes } from './io.ts';
import { needsSupervisor } from './supervise/needed.ts';

/** Serves until SIGTERM or SIGINT; SIGHUP takes up what changed in the project folder. */
export const serve: Command = {
  name: 'serve',
  summary: 'Serve the project as one GraphQL API, until SIGTERM or Ctrl-C',
  options: {
    dir: dirOption,
    watch: { type: 'boolean', description: 'take up changes of .meshrc.yaml and sources/ while serving' },
  },
  examples: ['tributary serve', 'tributary serve --dir examples/shop --watch', 'PORT=8080 tributary serve'],
  async run(io, values) {
    const settings = await read(io, values);
    if (settings === undefined) return exitCodes.bad;
    if (settings.workers > 1 || (await needsSupervisor({ ...settings, env: io.env }))) {
      const { superviseServing } = await import('./supervise/index.ts');
      return await superviseServing(io, settings);
    }
    const { serveHere } = await import('./serving.ts');
    return await serveHere(io, settings);
  },
};

/** The same in a process that a supervisor looks after; `argv` is what `serve` was called with. */
export async function serveSupervised(io: Io, parent: Parent): Promise<ExitCode> {
  const settings = await read(io, parseLine(serve, io.argv.slice(1)).values);
  if (settings === undefined) return exitCodes.bad;
  const { serveHere } = await import('./serving.ts');
  return await serveHere(io, { ...settings, parent });
}

type Settings = { dir: string; config: GatewayConfig; watch: boolean; workers: number };

async function read(io: Io, values: Values): Promise<Settings | undefined> {
  const dir = projectDir(io, values);
  const loaded = await loadGatewayConfig({ dir, env: io.env });
  if (loaded.ok) {
    const { value: config } = loaded;
    const workers = workersOf(config.workers, io.cores ?? 1);
    return { dir, config, workers, watch: config.watch || values['watch'] === true };
  }
  io.err(`${formatFaults(loaded.faults)}\n`);
  return undefined;
}
