/** What `/health/ready` says. */
import type { Generation } from '../compose/generation.ts';

export type SourceState = {
  readonly name: string;
  /** `degraded`: an old bundle serves. `failed`: the source is not part of the schema. `quarantined`: it is not called. */
  readonly state: 'serving' | 'degraded' | 'failed' | 'deprecated' | 'quarantined';
  readonly message?: string | undefined;
  /** Version of the registry; absent for the working tree's. */
  readonly version?: number | undefined;
};

export type Readiness = {
  /** True only while a generation serves that knows the registry, and the gateway is not draining. */
  readonly ready: boolean;
  readonly generation?: string | undefined;
  /** The registry's revision that serves, 0 for an empty one. */
  readonly revision?: number | undefined;
  /** What the last change could not be taken up for; what served before goes on. */
  readonly faults?: readonly string[] | undefined;
  readonly sources: readonly SourceState[];
  /** Where several serve side by side: what each of them serves. */
  readonly workers?: readonly WorkerState[] | undefined;
};

export type WorkerState = {
  readonly worker: number;
  readonly state: 'serving' | 'down';
  readonly generation?: string | undefined;
  readonly revision?: number | undefined;
  /** Why it is down. */
  readonly message?: string | undefined;
};

export type ReadinessFacts = {
  draining: boolean;
  /** Null where there is no registry; undefined as long as it could not be read. */
  revision: number | null | undefined;
  faults: readonly string[] | undefined;
};

/** A replica that does not know yet what is registered answers with what it has, but nobody should be sent to it. */
export function readinessOf(
  generation: Generation | undefined,
  { draining, revision, faults }: ReadinessFacts,
): Readiness {
  const sources = (generation?.sources ?? []).map(({ name, state, servesOld, message, version }): SourceState => {
    if (state === 'active') return { name, state: 'serving', version };
    return { name, state: state === 'degraded' && servesOld !== true ? 'failed' : state, message, version };
  });
  const ready = generation !== undefined && !draining && revision !== undefined;
  return { ready, generation: generation?.id, revision: revision ?? undefined, faults: faults ?? [], sources };
}

export type Answered = { readonly worker: number; readonly answer: Readiness };
export type Down = { readonly worker: number; readonly reason: string };

/**
 * What several processes say of themselves, as one answer. As long as one is ready the gateway is: connections go to those that listen.
 * @param all the one that is asked first
 */
export function readinessTogether(
  [own, ...others]: readonly [Answered, ...Answered[]],
  down: readonly Down[],
): Readiness {
  const all = [own, ...others];
  const workers = [
    ...all.map(
      ({ worker, answer: { generation, revision } }): WorkerState => ({
        worker,
        state: 'serving',
        generation,
        revision,
      }),
    ),
    ...down.map(({ worker, reason }): WorkerState => ({ worker, state: 'down', message: reason })),
  ].sort((a, b) => a.worker - b.worker);
  const faults = new Set(own.answer.faults);
  for (const { worker, answer } of others)
    for (const fault of answer.faults ?? []) if (!faults.has(fault)) faults.add(`worker ${worker}: ${fault}`);
  for (const { worker, reason } of down) faults.add(`worker ${worker} is down: ${reason}`);
  const ids = all.map(({ worker, answer }) => `${worker} ${answer.generation ?? 'none'}`);
  if (new Set(all.map(({ answer }) => answer.generation)).size > 1)
    faults.add(`Workers serve different generations: ${ids.join(', ')}.`);
  const ready = own.answer.ready || others.some(({ answer }) => answer.ready);
  return { ...own.answer, ready, faults: [...faults], workers };
}
