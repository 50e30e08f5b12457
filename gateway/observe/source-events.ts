/** What the gateway reports of its sources: generations, states, the registry, contracts. */
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

export type GenerationSwapped = {
  readonly generation: string;
  readonly sources: readonly string[];
  readonly buildMs: number;
  /** Longest time the event loop stood still during the swap, when it was measured. */
  readonly longestBlockMs?: number | undefined;
};

export function createSourceEvents({ log, metrics }: { readonly log: Log; readonly metrics: Metrics }) {
  return {
    generationSwapped(event: GenerationSwapped): void {
      metrics.generation.reset();
      metrics.generation.set({ generation: event.generation }, 1);
      metrics.generationSwaps.inc();
      metrics.generationBuildSeconds.set(event.buildMs / 1000);
      if (event.longestBlockMs !== undefined) metrics.swapBlockSeconds.set(event.longestBlockMs / 1000);
      log.info({ ...event, buildMs: Math.round(event.buildMs * 100) / 100 }, 'generation swapped in');
    },

    /** A change that could not be taken up; the generation that serves goes on. */
    generationRefused(event: { readonly serving?: string | undefined; readonly reasons: readonly string[] }): void {
      metrics.generationRefusals.inc();
      log.error(event, 'change refused, the old generation goes on');
    },

    /** Rules of policies for operations that there are not, as `source.operation`. */
    rulesOfNothing(event: { readonly rules: readonly string[] }): void {
      log.warn(event, 'rules of policies for operations that their sources do not have do nothing');
    },

    /** A change of sources that the registry took here; who made it stands in its history, too. */
    sourceChanged(event: {
      readonly source: string;
      readonly what: string;
      readonly by: string;
      readonly revision: number;
      readonly version: number;
    }): void {
      log.info(event, 'source changed');
    },

    /** The registry could not be reached or read: what serves goes on, and what is registered elsewhere comes later. */
    registryFailed(event: { readonly error: unknown }): void {
      metrics.registryFaults.inc();
      log.warn({ err: event.error }, 'the registry failed');
    },

    /** A published contract was looked at. */
    contractChecked(event: {
      readonly source: string;
      readonly outcome: 'unchanged' | 'applied' | 'held';
      /** Why it is held. */
      readonly reason?: string;
    }): void {
      metrics.contractChecks.inc({ source: event.source, outcome: event.outcome });
      log[event.outcome === 'unchanged' ? 'debug' : event.outcome === 'held' ? 'warn' : 'info'](
        event,
        'contract checked',
      );
    },

    contractCheckFailed(event: { readonly source: string; readonly error: unknown }): void {
      metrics.contractChecks.inc({ source: event.source, outcome: 'failed' });
      log.warn({ source: event.source, err: event.error }, 'a contract could not be checked, or not be taken up');
    },

    /** This replica serves what the registry holds at this revision. */
    registryFollowed(event: { readonly revision: number }): void {
      metrics.registryRevision.set(event.revision);
    },

    sourceDegraded(event: { readonly source: string; readonly message: string; readonly servesOld: boolean }): void {
      metrics.sourceDegraded.set({ source: event.source }, 1);
      log.warn(
        event,
        event.servesOld ? 'source degraded, its last good bundle serves' : 'source degraded, it is left out',
      );
    },

    sourceRecovered(event: { readonly source: string }): void {
      metrics.sourceDegraded.set({ source: event.source }, 0);
      log.info(event, 'source recovered');
    },

    /** A source that is gone takes its series along. */
    sourceRemoved(event: { readonly source: string }): void {
      metrics.sourceDegraded.remove({ source: event.source });
      log.info(event, 'source removed');
    },
  };
}
