/** `serve` as a supervisor: of one process that others may take over from, or of several that serve side by side. */
import type { GatewayConfig } from '../../config/schema.ts';
import { createMemoryLimitStore } from '../../limit/memory-store.ts';
import { createLog } from '../../observe/log.ts';
import type { ExitCode, Io } from '../io.ts';
import { createLimitDesk } from './desk.ts';
import { createServing } from './processes.ts';
import { settingsId } from './settings.ts';
import { type Several, supervise } from './supervisor.ts';
import { createSwitchboard } from './switchboard.ts';

export type SupervisedOptions = { readonly config: GatewayConfig; readonly workers: number };

/** @returns the exit code, when all have ended */
export async function superviseServing(io: Io, { config, workers }: SupervisedOptions): Promise<ExitCode> {
  const start = createServing({
    args: io.argv.slice(1),
    isSeveral: workers > 1,
    execArgv: youngGeneration(io.env['NODE_OPTIONS']),
  });
  const several = workers > 1 ? sideBySide(config, workers) : undefined;
  return await supervise({ start, onSignal: io.onSignal, after, several });
}

function sideBySide(config: GatewayConfig, workers: number): Several {
  const log = createLog({ ...config.log, isShared: true });
  const desk = createLimitDesk(createMemoryLimitStore({ maxKeys: config.limitStore.maxKeys, now: Date.now }));
  return {
    workers,
    board: createSwitchboard(desk),
    settings: settingsId(config),
    now: Date.now,
    onLost({ worker, reason, pauseMs }) {
      if (pauseMs === undefined) log.fatal({ worker, reason }, 'workers end again and again: the gateway ends');
      else log.error({ worker, reason, pauseMs }, 'a worker ended, and is started again');
    },
  };
}

/**
 * What many requests under way leave behind dies young, if the young generation has room for it until it does: with the 16 MB of node
 * much of it is copied twice and kept for long.
 */
function youngGeneration(nodeOptions = ''): readonly string[] {
  return nodeOptions.includes('semi-space') ? [] : ['--max-semi-space-size=32'];
}

function after(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}
