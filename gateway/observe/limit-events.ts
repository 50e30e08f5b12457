/** What limits and registered operations report, a function per event. */
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

export function createLimitEvents({ log, metrics }: { readonly log: Log; readonly metrics: Metrics }) {
  return {
    /** A rule refused an operation, or would have, were it no shadow. Rules are named by configuration, so that they may be labels. */
    limitReached({ rule, shadow }: { readonly rule: string; readonly shadow: boolean }): void {
      metrics.limitRefusals.inc({ rule, shadow: String(shadow) });
      log.debug({ rule, shadow }, 'limit reached');
    },

    /** The store of budgets did not answer: rules go on as their `fail` says. */
    limitStoreFailed({ error }: { readonly error: unknown }): void {
      metrics.limitStoreFaults.inc();
      log.warn({ err: error }, 'the store of budgets failed');
    },

    /** The store of registered operations failed: they are known as far as memory has them. */
    persistedStoreFailed({ error }: { readonly error: unknown }): void {
      metrics.persistedStoreFaults.inc();
      log.warn({ err: error }, 'the store of registered operations failed');
    },
  };
}
