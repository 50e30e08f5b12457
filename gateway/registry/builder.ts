import { type BuildLimits, buildDefaults } from '../config/build.ts';
import type { Environment } from '../config/env.ts';
import { GatewayError } from '../errors.ts';
import { type Attempt, attempt as attemptInProcess } from './build-process.ts';
import type { BuildAnswer, BuildJob, LayoutAnswer, LayoutJob, Outcome, Step } from './job.ts';
import type { LayoutPlan } from './layout.ts';

/** Does what contracts have to be read for, one task at a time, beside the process that serves. */
export type Builder = {
  readonly limits: BuildLimits;
  /**
   * A contract that a build dies of is left out of it, with the reason, and the others are built.
   * @throws GatewayError RATE_LIMITED when too many wait already, DRAINING after `stop`
   */
  build(job: BuildJob, env: Environment): Promise<BuildAnswer>;
  /**
   * Which files a contract consists of.
   * @throws GatewayError BAD_REQUEST for a contract that cannot be read; and as above
   */
  layOut(job: Omit<LayoutJob, 'limits'>, env: Environment): Promise<LayoutPlan>;
  /** Ends the task that is done and those that wait. */
  stop(): void;
};

export type BuilderOptions = {
  readonly limits?: BuildLimits;
  /** Tries one task; in a process of its own unless given. */
  readonly attempt?: typeof attemptInProcess;
};

/** Where nobody is served beside it, a build need not stand back. */
const ALONE: BuildLimits = { ...buildDefaults, niceness: 0 };

export function createBuilder({ limits = ALONE, attempt = attemptInProcess }: BuilderOptions = {}): Builder {
  const stopped = new AbortController();
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (waiting > limits.maxWaiting) {
      const message = `${limits.maxWaiting} builds wait already: try again when they are made.`;
      throw new GatewayError('RATE_LIMITED', { message });
    }
    waiting += 1;
    const done = last.then(work);
    last = done.catch(() => undefined);
    return await done.finally(() => {
      waiting -= 1;
    });
  }

  async function tryOnce<Answer>(task: Parameters<typeof attempt>[0], env: Environment): Promise<Attempt<Answer>> {
    if (stopped.signal.aborted) throw new GatewayError('DRAINING');
    const tried = await attempt<Answer>(task, env, limits, stopped.signal);
    if ('died' in tried && tried.died === 'stopped') throw new GatewayError('DRAINING');
    return tried;
  }

  async function make(job: BuildJob, env: Environment): Promise<BuildAnswer> {
    let next: BuildJob = { ...job, limits };
    for (;;) {
      const tried = await tryOnce<BuildAnswer>({ worker: 'build-worker', job: next }, env);
      if ('answer' in tried) return tried.answer;
      const { step, outcomes } = tried;
      if (step.kind !== 'read') return { reports: [], failed: [], fault: sentence(step, tried, limits) };
      // Each try that fails settles one source more, so this ends.
      next = withOutcomes(next, outcomes, step.source, sentence(step, tried, limits));
    }
  }

  async function plan(job: LayoutJob, env: Environment): Promise<LayoutPlan> {
    const tried = await tryOnce<LayoutAnswer>({ worker: 'layout-worker', job }, env);
    const step: Step = { kind: 'read', source: '' };
    const answer = 'answer' in tried ? tried.answer : { fault: sentence(step, tried, limits) };
    if ('plan' in answer) return answer.plan;
    throw new GatewayError('BAD_REQUEST', { message: answer.fault });
  }

  return {
    limits,
    build: (job, env) => inTurn(() => make(job, env)),
    layOut: (job, env) => inTurn(() => plan({ ...job, limits }, env)),
    stop: () => stopped.abort(),
  };
}

type Death = Exclude<Attempt<never>, { answer: unknown }>;

/** Why there is no result, and what to change. */
function sentence({ kind }: Step, { died, message }: Death, limits: BuildLimits): string {
  const [who, advice] = {
    start: ['The build could not begin: it', 'give it more'],
    read: ['The contract', 'make it smaller, or split it'],
    unite: ['Uniting the sources', 'give it more, or fewer sources'],
  }[kind] as [string, string];
  if (died === 'time') return `${who} takes longer than ${limits.maxMs / 1000} s (build.maxMs): ${advice}.`;
  if (died === 'memory')
    return `${who} takes more than ${limits.maxMemoryMb} MiB of memory (build.maxMemoryMb): ${advice}.`;
  return `${who} ended the process that read it${message === undefined ? '' : `: ${message}`}.`;
}

/** The job again, with what is known of its contracts already. */
export function withOutcomes(
  job: BuildJob,
  outcomes: ReadonlyMap<string, Outcome>,
  culprit: string,
  refused: string,
): BuildJob {
  const sources = job.sources.map((source) => {
    const outcome = source.name === culprit ? { refused } : (source.outcome ?? outcomes.get(source.name));
    return outcome ? { ...source, outcome } : source;
  });
  return { ...job, sources };
}
