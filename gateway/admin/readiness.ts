import type { Generation } from '../compose/generation.ts';
import type { Readiness, SourceState } from './app.ts';

/** What `/health/ready` says of a generation; undefined for none. */
export function readinessOf(generation: Generation | undefined, draining: boolean): Readiness {
  const sources = (generation?.sources ?? []).map(({ name, state, servesOld, message }): SourceState => {
    if (state === 'active') return { name, state: 'serving' };
    return { name, state: servesOld === true ? 'degraded' : 'failed', message };
  });
  return { ready: generation !== undefined && !draining, generation: generation?.id, sources };
}
