/** Serving processes that share their ports, by node:cluster: it binds a port once, and every process listens on it. */
import type { ChildProcess } from 'node:child_process';
import cluster from 'node:cluster';
import { OWN_COMMANDS, ownProgram } from '../../lib/program.ts';
import type { FromServing } from './messages.ts';
import type { Serving } from './seats.ts';

export type ServingOptions = {
  /** What `serve` was called with. */
  readonly args: readonly string[];
  /** Whether several serve side by side. */
  readonly isSeveral: boolean;
  /** What node is told before the program. */
  readonly execArgv: readonly string[];
};

/** What is sent on is a connection, closed here once it was taken. */
type Sent = { readonly close: () => void };

/**
 * One process, and who takes over from it, get the same socket: the system hands each connection to one that listens, so that none passes
 * through the supervisor, and none is lost while one begins and another ends. Several get connections in turn, from the supervisor: left
 * to the system, one of eight gets thirty of a hundred, another one (decision 011).
 *
 * @returns what starts one more process
 */
export function createServing({ args, isSeveral, execArgv }: ServingOptions): () => Serving {
  const program = ownProgram();
  cluster.schedulingPolicy = isSeveral ? cluster.SCHED_RR : cluster.SCHED_NONE;
  cluster.setupPrimary({
    exec: program.file,
    args: [OWN_COMMANDS.serve, ...args],
    execArgv: [...program.execArgv, ...execArgv],
    serialization: 'advanced',
  });
  return () => {
    const worker = cluster.fork();
    const closeSent = rememberSent(worker.process);
    // Its exit tells what there is to tell.
    worker.on('error', () => undefined);
    return {
      send(message) {
        if (worker.isConnected()) worker.send(message, () => undefined);
      },
      kill: (signal) => void worker.process.kill(signal),
      onMessage: (listener) => void worker.on('message', (message: FromServing) => listener(message)),
      onExit(listener) {
        worker.once('exit', (code, signal) => {
          closeSent();
          listener(code, signal);
        });
      },
    };
  };
}

/**
 * A process that dies before it has taken the connection that it was sent would leave the client waiting for ever: node:cluster keeps the
 * connection open until it hears of it. It sends one at a time for each port, so the last ones are all there can be.
 *
 * @returns what closes them; those that were taken are closed already
 */
function rememberSent(child: ChildProcess): () => void {
  const sent = new Map<string, Sent>();
  const send = child.send as (...all: unknown[]) => boolean;
  child.send = (...all: unknown[]): boolean => {
    const [message, handle] = all as [{ act?: string; key?: string } | undefined, Sent | undefined];
    if (message?.act === 'newconn' && message.key !== undefined && handle) sent.set(message.key, handle);
    return send.apply(child, all);
  };
  return () => {
    for (const handle of sent.values()) handle.close();
  };
}
