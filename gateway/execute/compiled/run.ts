import { isNonNullType } from 'graphql';
import type { RequestContext } from '../../context.ts';
import { isAsyncIterable } from '../../lib/iterables.ts';
import { createBatchSchedule } from '../schedule.ts';
import { whatWasSaid } from './again.ts';
import { argumentsIn } from './arguments.ts';
import { asError } from './faults.ts';
import type { Introspected } from './introspection.ts';
import { jsonText } from './json-text.ts';
import type { Asked, Program } from './program.ts';
import type { Frame, Run, Written } from './words.ts';

export type RunOptions = {
  readonly context: RequestContext;
  /** Coerced values of the operation's variables. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Answers the operation's questions about the schema. */
  readonly introspect: () => Introspected;
};

/**
 * Runs a program. Root fields of a query are asked for at once, those of a mutation one after the other, each with all that is below
 * it (GraphQL spec §6.2.2). Answers are gone through as they come, so that a branch goes on when its own are there; all is written
 * when the last one is. Where nothing is asked nothing is waited for.
 */
export function runProgram({ plan, roots, again }: Program, options: RunOptions): Written | Promise<Written> {
  const values: { value: unknown; frame: Frame }[] = [];
  const parts: string[] = [];
  const isSerial = plan.operation.operation === 'mutation';
  let introspected: Introspected | undefined;
  let started = 0;
  let isVoid = false;
  let waitingFor = 0;
  let resolve: ((written: Written) => void) | undefined;
  let reject: ((error: unknown) => void) | undefined;

  const run: Run = {
    plan,
    variables: options.variables,
    context: options.context,
    loaders: new Map(),
    schedule: createBatchSchedule(),
    errors: [],
    at: [],
    hasFailed: false,
    isLater: false,
    joins: [],
    args: [],
    open() {
      waitingFor += 1;
    },
    close() {
      waitingFor -= 1;
      if (waitingFor > 0) return;
      const written = proceed();
      if (written) resolve?.(written);
    },
    crash: (error) => reject?.(error),
  };
  options.context.execution = run;

  /** Whether others may follow: not when one that has to be there has failed already. */
  function start(index: number): boolean {
    const { asked } = roots[index] ?? {};
    if (!asked) return true;
    let answer: unknown = argumentsIn(run, asked.args);
    if (!(answer instanceof Error)) answer = call(asked, answer as Readonly<Record<string, unknown>>);
    if (!(answer instanceof Promise)) {
      arrive(index, asked, answer);
      const isLost = answer === null || answer instanceof Error;
      return !isLost || !isNonNullType(asked.node.field.type);
    }
    run.open();
    answer.then(
      (value) => finish(index, asked, value),
      (error) => finish(index, asked, asError(error)),
    );
    return true;
  }

  function call({ call: ask, node }: Asked, args: Readonly<Record<string, unknown>>): unknown {
    try {
      const answer = ask?.({ context: options.context, execution: run, node }, args) ?? null;
      return isAsyncIterable(answer) ? collect(answer) : answer;
    } catch (error) {
      return asError(error);
    }
  }

  function finish(index: number, asked: Asked, value: unknown): void {
    try {
      arrive(index, asked, value);
      run.close();
    } catch (error) {
      run.crash(error);
    }
  }

  function arrive(index: number, { gather }: Asked, value: unknown): void {
    const isThere = gather && value !== null && value !== undefined;
    values[index] = { value, frame: isThere ? gather(value as never, run) : undefined };
  }

  /** Writes what is there and starts what comes next, until something has to be waited for or all is written. */
  function proceed(): Written | undefined {
    for (;;) {
      const said = again && started === roots.length ? sayings() : undefined;
      const before = said && again?.find(said);
      if (before) return before;
      while (parts.length < started && !isVoid) write(parts.length);
      if (isVoid || started === roots.length) {
        const written = { text: isVoid ? 'null' : `{${parts.join()}}`, errors: run.errors, body: newBody() };
        if (said && run.errors.length === 0) again?.keep(said, written);
        return written;
      }
      let goesOn = !isSerial;
      do {
        goesOn = start(started) && goesOn;
        started += 1;
      } while (goesOn && started < roots.length);
      if (waitingFor > 0) return undefined;
    }
  }

  function sayings(): unknown[] | undefined {
    const asked = roots.flatMap((root, index) => (root.asked ? [values[index]?.value] : []));
    return run.errors.length > 0 ? undefined : whatWasSaid(asked, run);
  }

  function write(index: number): void {
    const { key = '', constant, asked } = roots[index] ?? {};
    const { value, frame } = values[index] ?? {};
    const text = constant ?? (asked ? asked.write(value as never, frame, run) : answerOwn(key));
    if (text === undefined) isVoid = true;
    else parts.push(`${jsonText(key)}:${text}`);
  }

  function answerOwn(key: string): string | undefined {
    if (!introspected) {
      introspected = options.introspect();
      run.errors.push(...introspected.errors);
    }
    return introspected.answers?.get(key);
  }

  const written = proceed();
  if (written) return written;
  return new Promise((onWritten, onCrash) => {
    resolve = onWritten;
    reject = onCrash;
  });
}

function newBody(): Written['body'] {
  return { bytes: undefined, isAsked: false };
}

/** A list that its upstream streams; what ends it by force is its last item. */
async function collect(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  try {
    for await (const item of items) all.push(item);
  } catch (error) {
    all.push(asError(error));
  }
  return all;
}
