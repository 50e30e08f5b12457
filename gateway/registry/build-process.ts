import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import type { BuildLimits } from '../config/build.ts';
import type { Environment } from '../config/env.ts';
import { OWN_COMMANDS, ownProgram } from '../lib/program.ts';
import { putTogether } from './answer-pieces.ts';
import type { BuildNews, Outcome, Piece, Step, Task } from './job.ts';

/** How one try of a build ended; without an answer `step` says what it was at, and `outcomes` what it had read by then. */
export type Attempt<Answer> =
  | { answer: Answer }
  | { died: 'time' | 'memory' | 'fault' | 'stopped'; message?: string; step: Step; outcomes: Map<string, Outcome> };

/** Heap of all memory that a build may take; the rest is for the process itself. */
const HEAP_SHARE = 0.9;

/**
 * Tries a task in a process of its own: whatever a contract does to its reader, the serving process goes on, and its processor and
 * memory are not shared. The process is gone when this resolves.
 *
 * @param env what Mesh fills `${…}` of `.meshrc.yaml` from: the environment the tree was read with
 */
export function attempt<Answer>(
  task: Task,
  env: Environment,
  limits: BuildLimits,
  signal: AbortSignal,
): Promise<Attempt<Answer>> {
  const { file, execArgv } = ownProgram();
  const child = fork(file, [OWN_COMMANDS.build], {
    execArgv: [...execArgv],
    env: Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  yieldTo(child, limits.niceness);
  return new Promise((resolve) => {
    let step: Step = { kind: 'start' };
    let result: Attempt<Answer> | undefined;
    const outcomes = new Map<string, Outcome>();
    const pieces: Piece[] = [];
    const end = (how: Attempt<Answer>): void => {
      result ??= how;
      // Nothing that it would have to put away is its own, and a contract may keep it from listening.
      child.kill('SIGKILL');
    };
    const die = (died: 'time' | 'memory' | 'fault' | 'stopped', message?: string): void =>
      end({ died, ...(message === undefined ? {} : { message }), step, outcomes });
    const stop = (): void => die('stopped');
    let timer = setTimeout(die, limits.maxMs, 'time');
    signal.addEventListener('abort', stop, { once: true });
    child.on('message', (message) => {
      const news = message as BuildNews<Answer>;
      if ('piece' in news) pieces.push(news);
      else if ('answer' in news) end({ answer: putTogether(news.answer, pieces) });
      else if ('died' in news) die(news.died, news.message);
      else if ('outcome' in news) outcomes.set(news.source, news.outcome);
      else {
        step = news.step;
        clearTimeout(timer);
        timer = setTimeout(die, limits.maxMs, 'time');
      }
    });
    child.once('error', (error) => die('fault', error.message));
    const gone = (_code: number | null, bySignal?: string | null): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      // V8 aborts, and the system kills, what has too much.
      die(bySignal === 'SIGABRT' || bySignal === 'SIGKILL' ? 'memory' : 'fault');
      resolve(result as Attempt<Answer>);
    };
    child.once('exit', gone);
    if (child.pid === undefined) child.once('error', () => gone(null));
    child.send({ task, maxHeapMb: Math.floor(limits.maxMemoryMb * HEAP_SHARE) }, (error) => {
      // It is gone already: its exit says why.
      if (error) child.kill('SIGKILL');
    });
    if (signal.aborted) stop();
  });
}

/** Threads of the process take over what holds when they begin, so this comes before there are any. */
function yieldTo(child: ChildProcess, niceness: number): void {
  try {
    if (child.pid !== undefined) setPriority(child.pid, niceness);
  } catch {
    // Gone already, or not allowed here: it only costs speed.
  }
}
