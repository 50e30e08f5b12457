import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue } from 'prom-client';

/** Every metric of one process, as plain data. */
export type MetricValues = readonly MetricObjectWithValues<MetricValue<string>>[];

/**
 * The text format of several processes. Each series says of which worker it is: one that is started again begins at nothing, and
 * Prometheus would take a sum that falls for one that began at nothing as well.
 */
export function exposeTogether(
  all: readonly { readonly worker: number; readonly values: MetricValues }[],
): Promise<string> {
  const labelled = all.map(({ worker, values }) =>
    values.map((metric) => ({
      ...metric,
      aggregator: 'sum',
      values: metric.values.map((value) => ({ ...value, labels: { ...value.labels, worker } })),
    })),
  );
  return AggregatorRegistry.aggregate(labelled).metrics();
}
