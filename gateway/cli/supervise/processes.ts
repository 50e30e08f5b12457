/**
 * Serving processes that share their ports. node:cluster binds a port once and gives every process the same socket; the system hands each
 * connection to one that listens, so that none passes through the supervisor, and none is lost while one begins and another ends.
 */
import cluster from 'node:cluster';
import { OWN_COMMANDS, ownProgram } from '../../lib/program.ts';
import type { FromServing } from './messages.ts';
import type { Serving } from './supervisor.ts';

/**
 * @param args what `serve` was called with
 * @returns what starts one more process
 */
export function createServing(args: readonly string[]): () => Serving {
  const { file, execArgv } = ownProgram();
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({
    exec: file,
    args: [OWN_COMMANDS.serve, ...args],
    execArgv: [...execArgv],
    serialization: 'advanced',
  });
  return () => {
    const worker = cluster.fork();
    // Its exit tells what there is to tell.
    worker.on('error', () => undefined);
    return {
      send(message) {
        if (worker.isConnected()) worker.send(message, () => undefined);
      },
      kill: (signal) => void worker.process.kill(signal),
      onMessage: (listener) => void worker.on('message', (message: FromServing) => listener(message)),
      onExit: (listener) => void worker.once('exit', listener),
    };
  };
}
