import { type BuildLimits, buildDefaults, type ContractLimits } from '../config/build.ts';
import type { Environment } from '../config/env.ts';
import { GatewayError } from '../errors.ts';
import { createReserve } from './build-child.ts';
import { type Attempt, attempt as attemptIn } from './build-process.ts';
import type { BuildAnswer, BuildJob, LayoutAnswer, LayoutJob, Outcome, Step } from './job.ts';
import type { LayoutPlan } from './layout.ts';
import { settled, withOutcomes } from './outcomes.ts';
import type { ChangeAnswer, ChangeJob } from './registrar/change-job.ts';
import type { Task } from './task.ts';

/** Reads contracts and unites them. */
export type ContractBuilder = {
  readonly limits: ContractLimits;
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
};

/** Does what contracts have to be read for, one task at a time, beside the process that serves. */
export type Builder = ContractBuilder & {
  readonly limits: BuildLimits;
  /**
   * What a change of one source would come to. One that is refused, or whose contract a build dies of, is told as such.
   * @throws as above
   */
  change(job: Omit<ChangeJob, 'limits' | 'outcomes'>, env: Environment): Promise<ChangeAnswer>;
  /** Ends the process that waits for the next task: the processor is needed for something else. */
  rest(): void;
  /** Ends the task that is done and those that wait. */
  stop(): void;
};

export type BuilderOptions = {
  readonly limits?: BuildLimits;
  /** Tries one task; in a process of its own unless given. */
  readonly attempt?: TryTask;
};

export type TryTask = <Answer>(
  task: Task,
  env: Environment,
  limits: BuildLimits,
  signal: AbortSignal,
) => Promise<Attempt<Answer>>;

/** Time after a task until a process for the next one is started, in ms: what the task gave is taken up first. */
const REFILL_MS = 1000;

/** Where nobody is served beside it, a build need not stand back, and none is expected to follow. */
const ALONE: BuildLimits = { ...buildDefaults, niceness: 0, readyMs: 0 };

export function createBuilder({ limits = ALONE, attempt }: BuilderOptions = {}): Builder {
  const stopped = new AbortController();
  const reserve = createReserve(limits);
  const tryTask: TryTask =
    attempt ?? ((task, env, bounds, signal) => attemptIn(task, reserve.take(env), bounds, signal));
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let refill: NodeJS.Timeout | undefined;

  function rest(): void {
    clearTimeout(refill);
    reserve.empty();
  }

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

  async function tryOnce<Answer>(task: Task, env: Environment): Promise<Attempt<Answer>> {
    if (stopped.signal.aborted) throw new GatewayError('DRAINING');
    clearTimeout(refill);
    const tried = await tryTask<Answer>(task, env, limits, stopped.signal);
    if ('died' in tried && tried.died === 'stopped') throw new GatewayError('DRAINING');
    if (!attempt && !stopped.signal.aborted) refill = setTimeout(() => reserve.refill(env), REFILL_MS).unref();
    return tried;
  }

  async function make(job: BuildJob, env: Environment): Promise<BuildAnswer> {
    let next: BuildJob = { ...job, limits };
    for (;;) {
      const tried = await tryOnce<BuildAnswer>({ kind: 'build', job: next }, env);
      if ('answer' in tried) return tried.answer;
      const { step, outcomes } = tried;
      if (step.kind !== 'read') return { reports: [], failed: [], fault: sentence(step, tried, limits) };
      // Each try that fails settles one source more, so this ends.
      next = withOutcomes(next, settled(outcomes, step.source, sentence(step, tried, limits)));
    }
  }

  async function makeChange(job: ChangeJob, env: Environment): Promise<ChangeAnswer> {
    let outcomes: ReadonlyMap<string, Outcome> = new Map();
    for (;;) {
      const task: Task = { kind: 'change', job: { ...job, outcomes: [...outcomes] } };
      const tried = await tryOnce<ChangeAnswer>(task, env);
      if ('answer' in tried) return tried.answer;
      const { step } = tried;
      const message = sentence(step, tried, limits);
      if (step.kind !== 'read' || step.source === job.name)
        return { refused: { kind: 'invalid', message, details: {} } };
      outcomes = settled(new Map([...outcomes, ...tried.outcomes]), step.source, message);
    }
  }

  async function plan(job: LayoutJob, env: Environment): Promise<LayoutPlan> {
    const tried = await tryOnce<LayoutAnswer>({ kind: 'layout', job }, env);
    const step: Step = { kind: 'read', source: '' };
    const answer = 'answer' in tried ? tried.answer : { fault: sentence(step, tried, limits) };
    if ('plan' in answer) return answer.plan;
    throw new GatewayError('BAD_REQUEST', { message: answer.fault });
  }

  return {
    limits,
    build: (job, env) => inTurn(() => make(job, env)),
    layOut: (job, env) => inTurn(() => plan({ ...job, limits }, env)),
    change: (job, env) => inTurn(() => makeChange({ ...job, limits, outcomes: [] }, env)),
    rest,
    stop() {
      stopped.abort();
      rest();
    },
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
