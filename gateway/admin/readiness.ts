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
