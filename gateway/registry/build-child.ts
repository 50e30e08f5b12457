/** Processes that build: one that is started when there is a task, and one that waits for the next. */
import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import type { BuildLimits } from '../config/build.ts';
import type { Environment } from '../config/env.ts';
import { OWN_COMMANDS, ownProgram } from '../lib/program.ts';
import type { ToHost } from './build-host.ts';

export type ChildLimits = Pick<BuildLimits, 'maxMemoryMb' | 'niceness'>;

/** Heap of all memory that a build may take; the rest is for the process itself. */
const HEAP_SHARE = 0.9;

/** @param env what Mesh fills `${…}` of `.meshrc.yaml` from: the environment the tree was read with */
export function startChild(env: Environment, { niceness }: ChildLimits): ChildProcess {
  const { file, execArgv } = ownProgram();
  const child = fork(file, [OWN_COMMANDS.build], {
    execArgv: [...execArgv],
    env: Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  yieldTo(child, niceness);
  return child;
}

/** Sends what it is to do. */
export function tellChild(child: ChildProcess, task: ToHost['task'], { maxMemoryMb }: ChildLimits): void {
  const message: ToHost = { ...(task ? { task } : {}), maxHeapMb: Math.floor(maxMemoryMb * HEAP_SHARE) };
  child.send(message, (error) => {
    // It is gone already: its exit says why.
    if (error) child.kill('SIGKILL');
  });
}

/** One process that has loaded what builds need and waits for a task. It does one, as every other: no contract meets what another one left. */
export type Reserve = {
  /** The one that waits, or a new one. */
  take(env: Environment): ChildProcess;
  /** Has one wait for the next task with this environment, for `readyMs` at most. */
  refill(env: Environment): void;
  /** Ends the one that waits. */
  empty(): void;
};

export function createReserve(limits: ChildLimits & Pick<BuildLimits, 'readyMs'>, start = startChild): Reserve {
  let waiting: { child: ChildProcess; env: Environment; stopTimer(): void } | undefined;

  function empty(): void {
    waiting?.stopTimer();
    waiting?.child.kill('SIGKILL');
    waiting = undefined;
  }

  return {
    take(env) {
      if (waiting?.env !== env || !waiting.child.connected) {
        empty();
        return start(env, limits);
      }
      const { child, stopTimer } = waiting;
      waiting = undefined;
      stopTimer();
      child.removeAllListeners();
      child.ref();
      child.channel?.ref();
      return child;
    },
    refill(env) {
      if (waiting || limits.readyMs === 0) return;
      const child = start(env, limits);
      const forget = (): void => {
        if (waiting?.child === child) empty();
      };
      const timer = setTimeout(forget, limits.readyMs).unref();
      child.once('error', forget);
      child.once('exit', forget);
      // It keeps nobody alive.
      child.unref();
      child.channel?.unref();
      tellChild(child, undefined, limits);
      waiting = { child, env, stopTimer: () => clearTimeout(timer) };
    },
    empty,
  };
}

/** Threads of the process take over what holds when they begin, so this comes before there are any. */
function yieldTo(child: ChildProcess, niceness: number): void {
  try {
    if (child.pid !== undefined) setPriority(child.pid, niceness);
  } catch {
    // Gone already, or not allowed here: it only costs speed.
  }
}
