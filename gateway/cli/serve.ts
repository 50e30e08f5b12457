import { formatFaults } from '../config/faults.ts';
import { loadGatewayConfig } from '../config/load.ts';
import type { GatewayConfig } from '../config/schema.ts';
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
    if (!(await needsSupervisor({ ...settings, env: io.env }))) {
      const { serveHere } = await import('./serving.ts');
      return await serveHere(io, settings);
    }
    const [{ supervise }, { createServing }] = await Promise.all([
      import('./supervise/supervisor.ts'),
      import('./supervise/processes.ts'),
    ]);
    return await supervise({ start: createServing(io.argv.slice(1)), onSignal: io.onSignal, after });
  },
};

/** The same in a process that a supervisor looks after; `argv` is what `serve` was called with. */
export async function serveSupervised(io: Io, parent: Parent): Promise<ExitCode> {
  const settings = await read(io, parseLine(serve, io.argv.slice(1)).values);
  if (settings === undefined) return exitCodes.bad;
  const { serveHere } = await import('./serving.ts');
  return await serveHere(io, { ...settings, parent });
}

async function read(
  io: Io,
  values: Values,
): Promise<{ dir: string; config: GatewayConfig; watch: boolean } | undefined> {
  const dir = projectDir(io, values);
  const loaded = await loadGatewayConfig({ dir, env: io.env });
  if (loaded.ok) return { dir, config: loaded.value, watch: loaded.value.watch || values['watch'] === true };
  io.err(`${formatFaults(loaded.faults)}\n`);
  return undefined;
}

function after(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}
