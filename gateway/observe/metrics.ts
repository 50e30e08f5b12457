/**
 * Metrics under names Prometheus accepts. Labels are bounded: what a client can write (operation names, ids) is never a label,
 * and what a contract can write (its operations) is cut off at a limit.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ErrorCode } from '../errors.ts';
import type { MetricValues } from './metrics-together.ts';

export type OperationKind = 'query' | 'mutation' | 'subscription' | 'unknown';
/** `ok`, or the code of the table; the only values an outcome label has. */
export type Outcome = 'ok' | ErrorCode;

export type MetricsOptions = {
  /** Also CPU, memory, garbage collection and event-loop lag of the process. Once per process: its observers cannot be taken down. */
  readonly process?: boolean;
  /** Most distinct source operations that get series of their own; later ones are counted as `other`. Default 2000. */
  readonly maxOperations?: number;
};

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const callCounts = [0, 1, 2, 3, 5, 8, 13, 21, 50, 100];

/** prom-client gives these gauges names that are reserved for counters; `promtool check metrics` refuses them. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

export type Metrics = ReturnType<typeof createMetrics>;

/** One registry with every metric of the gateway; `expose` gives the text format. */
export function createMetrics(options: MetricsOptions = {}) {
  const registry = new Registry();
  const registers = [registry];
  if (options.process === true) {
    collectDefaultMetrics({ register: registry });
    for (const name of misnamed) registry.removeSingleMetric(name);
  }
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter<Label>({ name, help, labelNames, registers });
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge<Label>({ name, help, labelNames, registers });
  const histogram = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    buckets = seconds,
  ) => new Histogram<Label>({ name, help, labelNames, registers, buckets });

  return {
    operations: counter('tributary_operations_total', 'Client operations answered, by outcome.', ['kind', 'outcome']),
    operationSeconds: histogram('tributary_operation_duration_seconds', 'Time from request to answer.', ['kind']),
    operationCalls: histogram('tributary_operation_calls', 'Upstream calls one operation took.', ['kind'], callCounts),
    operationsInFlight: gauge('tributary_operations_in_flight', 'Client operations being answered now.'),
    entries: counter('tributary_entries_total', 'Requests over HTTP, by the way in that they took: short or long.', [
      'entry',
    ]),
    sharedOperations: counter(
      'tributary_operations_shared_total',
      'Operations answered by the run of an equal one under way.',
    ),
    executionFallbacks: counter(
      'tributary_execution_fallbacks_total',
      'Operations that the compiled executor left to the reference executor, by why.',
      ['reason'],
    ),
    streams: gauge('tributary_streams_open', 'Subscriptions and answers with @defer or @stream open now.'),
    payloads: counter('tributary_stream_payloads_total', 'Parts of such answers: events, patches, items.', ['kind']),
    sockets: gauge('tributary_websocket_connections', 'WebSocket connections open now.'),
    socketRefusals: counter('tributary_websocket_refusals_total', 'WebSocket connections refused, by status.', [
      'status',
    ]),
    errors: counter('tributary_errors_total', 'Errors in answers, by code and source.', ['code', 'source']),
    calls: counter('tributary_calls_total', 'Upstream calls finished.', ['source', 'operation', 'outcome']),
    callSeconds: histogram('tributary_call_duration_seconds', 'Time of one upstream call.', ['source', 'operation']),
    callBytes: counter('tributary_call_received_bytes_total', 'Bytes of upstream answers.', ['source', 'operation']),
    callsSaved: counter(
      'tributary_calls_saved_total',
      'Calls that were not made: shared (coalesce) or answered from the store (cache).',
      ['source', 'by'],
    ),
    callRetries: counter('tributary_call_retries_total', 'Attempts beyond the first.', ['source', 'operation']),
    callRowsDropped: counter(
      'tributary_call_rows_dropped_total',
      'Rows of bulk answers that nobody asked for or that have no key.',
      ['source', 'operation'],
    ),
    callUnplacedErrors: counter(
      'tributary_call_unplaced_errors_total',
      'Errors of GraphQL sources that have no place of their own in the data beside them.',
      ['source', 'operation'],
    ),
    callStoreFaults: counter('tributary_call_store_faults_total', 'Faults of the store of answers.'),
    operationStoreFaults: counter(
      'tributary_operation_store_faults_total',
      'Faults of the store of recorded operations.',
    ),
    proofsRefused: counter('tributary_proofs_refused_total', 'Proofs of identity that were not accepted.', ['kind']),
    identityFaults: counter(
      'tributary_identity_faults_total',
      'Faults of where keys come from: issuers, files, Redis.',
    ),
    answers: counter('tributary_answers_total', 'Operations by what the cache of whole answers did.', ['outcome']),
    answerDrops: counter('tributary_answer_drops_total', 'Names that kept answers were dropped by.'),
    answerStoreFaults: counter('tributary_answer_store_faults_total', 'Faults of the store of whole answers.'),
    limitRefusals: counter(
      'tributary_limit_refusals_total',
      'Operations that a rule refused, or would have were it no shadow.',
      ['rule', 'shadow'],
    ),
    limitStoreFaults: counter('tributary_limit_store_faults_total', 'Times the store of budgets did not answer.'),
    persistedStoreFaults: counter(
      'tributary_persisted_store_faults_total',
      'Faults of the store of registered operations.',
    ),
    generation: gauge('tributary_generation_info', 'The generation that serves (value 1).', ['generation']),
    generationSwaps: counter('tributary_generation_swaps_total', 'Generations taken into service.'),
    generationRefusals: counter('tributary_generation_refusals_total', 'Changes refused; the old generation went on.'),
    generationBuildSeconds: gauge('tributary_generation_build_seconds', 'Time the serving generation took to build.'),
    contractChecks: counter('tributary_contract_checks_total', 'Looks at published contracts, by what came of them.', [
      'source',
      'outcome',
    ]),
    registryFaults: counter('tributary_registry_faults_total', 'Times the registry could not be reached or read.'),
    registryRevision: gauge('tributary_registry_revision', 'Revision of the registry that this replica serves.'),
    swapBlockSeconds: gauge('tributary_generation_swap_block_seconds', 'Longest event-loop block of the last swap.'),
    workersLost: counter(
      'tributary_workers_lost_total',
      'Processes that ended by themselves, and in whose place another one was started (workers in gateway.yaml).',
    ),
    sourceDegraded: gauge('tributary_source_degraded', 'Whether a source serves an old bundle or none (1).', [
      'source',
    ]),
    operationLabel: createLabelLimit(options.maxOperations ?? 2000),
    contentType: registry.contentType as string,
    /** The Prometheus text format. */
    expose: (): Promise<string> => registry.metrics(),
    /** The same as values, for `exposeTogether`. */
    values: async (): Promise<MetricValues> => await registry.getMetricsAsJSON(),
  };
}

/** A function that lets the first `limit` distinct (source, operation) pairs through and names the rest `other`. */
function createLabelLimit(limit: number): (source: string, operation: string) => string {
  const known = new Set<string>();
  return (source, operation) => {
    const key = `${source}/${operation}`;
    if (known.has(key)) return operation;
    if (known.size >= limit) return 'other';
    known.add(key);
    return operation;
  };
}
