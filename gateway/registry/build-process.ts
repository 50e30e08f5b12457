import type { ChildProcess } from 'node:child_process';
import type { BuildLimits } from '../config/build.ts';
import { putTogether } from './answer-pieces.ts';
import { tellChild } from './build-child.ts';
import type { BuildNews, Outcome, Piece, Step } from './job.ts';
import type { Task } from './task.ts';

/** How one try of a build ended; without an answer `step` says what it was at, and `outcomes` what it had read by then. */
export type Attempt<Answer> =
  | { answer: Answer }
  | { died: 'time' | 'memory' | 'fault' | 'stopped'; message?: string; step: Step; outcomes: Map<string, Outcome> };

/**
 * Tries a task in a process of its own: whatever a contract does to its reader, the serving process goes on, and its processor and
 * memory are not shared. The process is gone when this resolves.
 */
export function attempt<Answer>(
  task: Task,
  child: ChildProcess,
  limits: BuildLimits,
  signal: AbortSignal,
): Promise<Attempt<Answer>> {
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
    tellChild(child, task, limits);
    if (signal.aborted) stop();
  });
}
