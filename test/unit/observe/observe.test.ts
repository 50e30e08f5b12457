import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { errorTable, GatewayError } from '../../../gateway/errors.ts';
import { createEvents } from '../../../gateway/observe/events.ts';
import type { LogOptions } from '../../../gateway/observe/log.ts';
import { createLog } from '../../../gateway/observe/log.ts';
import { createMetrics } from '../../../gateway/observe/metrics.ts';
import { lintMetrics } from './lint-metrics.ts';

function capture(options: Partial<LogOptions> = {}) {
  let text = '';
  const destination = new Writable({
    write(chunk, _, done) {
      text += String(chunk);
      done();
    },
  });
  const log = createLog({ level: 'debug', pretty: 'off', ...options, destination });
  const lines = (): Record<string, unknown>[] =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { log, lines, text: () => text };
}

describe('log', () => {
  it('writes one JSON line with level, time and message', () => {
    const { log, lines } = capture();
    log.info({ a: 1 }, 'hello');
    expect(lines()).toEqual([{ level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/), a: 1, msg: 'hello' }]);
  });

  it.each(['authorization', 'cookie', 'set-cookie', 'x-api-key', 'password', 'token', 'secret'])(
    'never shows %s',
    (key) => {
      const { log, text } = capture();
      log.info({ [key]: 'hunter2', a: { [key]: 'hunter2', b: { [key]: 'hunter2', c: { [key]: 'hunter2' } } } }, 'x');
      expect(text()).not.toContain('hunter2');
      expect(text().split('[secret]')).toHaveLength(5);
    },
  );

  it('writes text for people when asked, without colours into a file', () => {
    const { log, text } = capture({ pretty: 'on' });
    log.info({ ms: 3, authorization: 'hunter2' }, 'operation');
    expect(text()).toMatch(/^\[\d\d:\d\d:\d\d\.\d+\] INFO: operation \{.*"ms":3.*\}\n$/);
    expect(text()).not.toContain('hunter2');
  });

  it('drops what is below the level', () => {
    const { log, lines } = capture({ level: 'warn' });
    log.info('no');
    log.warn('yes');
    expect(lines()).toHaveLength(1);
  });
});

function setUp(maxOperations?: number) {
  const captured = capture();
  const metrics = createMetrics(maxOperations === undefined ? {} : { maxOperations });
  return { ...captured, metrics, events: createEvents({ log: captured.log, metrics }) };
}

const operation = { requestId: 'r1', operationName: 'Shop', kind: 'query', ms: 12.3456, calls: 3, errors: [] } as const;

describe('events', () => {
  it('tells one operation in one line and its metrics', async () => {
    const { events, lines, metrics } = setUp();
    events.operationStarted();
    events.operationFinished(operation);
    expect(lines()).toMatchObject([
      { level: 'info', requestId: 'r1', operation: 'Shop', kind: 'query', ms: 12.35, calls: 3 },
    ]);
    const text = await metrics.expose();
    expect(text).toContain('tributary_operations_total{kind="query",outcome="ok"} 1');
    expect(text).toContain('tributary_operations_in_flight 0');
    expect(text).toContain('tributary_operation_calls_sum{kind="query"} 3');
  });

  it('puts an operation at the level of its worst error and counts each error', async () => {
    const { events, lines, metrics } = setUp();
    const errors = [
      { code: 'UPSTREAM_TIMEOUT', source: 'orders' },
      { code: 'UPSTREAM_BAD_PAYLOAD', source: 'catalog' },
      { code: 'UPSTREAM_TIMEOUT', source: 'orders' },
    ] as const;
    events.operationFinished({ ...operation, errors });
    expect(lines()).toMatchObject([{ level: 'error', codes: ['UPSTREAM_TIMEOUT', 'UPSTREAM_BAD_PAYLOAD'] }]);
    const text = await metrics.expose();
    expect(text).toContain('tributary_operations_total{kind="query",outcome="UPSTREAM_TIMEOUT"} 1');
    expect(text).toContain('tributary_errors_total{code="UPSTREAM_TIMEOUT",source="orders"} 2');
  });

  it('cuts what a client wrote, and keeps it out of labels', async () => {
    const { events, lines, metrics } = setUp();
    events.operationFinished({ ...operation, operationName: 'x'.repeat(10_000) });
    expect(lines()[0]?.['operation']).toHaveLength(200);
    expect(await metrics.expose()).not.toContain('xxx');
  });

  it('tells a failed call with its cause, a good one at debug only', () => {
    const { events, lines } = setUp();
    const call = { source: 'orders', operation: 'listOrders', ms: 1, bytes: 10 };
    events.callFinished({ ...call, outcome: 'ok' });
    events.callFinished({ ...call, outcome: 'UPSTREAM_FAILED', cause: new Error('503 from http://10.0.0.1') });
    expect(lines().map((line) => line['level'])).toEqual(['debug', errorTable.UPSTREAM_FAILED.level]);
    expect(lines()[1]).toMatchObject({ err: { message: '503 from http://10.0.0.1' } });
  });

  it('warns of errors that a source told without a place, with its words for the log alone', async () => {
    const { events, lines, metrics } = setUp();
    const call = { source: 'orders', operation: 'o', ms: 1, bytes: 1, outcome: 'ok', unplacedErrors: 2 } as const;
    events.callFinished({ ...call, cause: new Error('boom') });
    events.callFinished({ ...call, coalesced: true });
    expect(lines()).toMatchObject([{ level: 'warn', unplacedErrors: 2, err: { message: 'boom' } }, { level: 'debug' }]);
    const text = await metrics.expose();
    expect(text).toContain('tributary_call_unplaced_errors_total{source="orders",operation="o"} 2');
  });

  it('counts rows that nobody asked for where they came, not where they were shared', async () => {
    const { events, metrics } = setUp();
    const call = {
      source: 'orders',
      operation: 'listOrders',
      ms: 1,
      bytes: 10,
      outcome: 'ok',
      unrequested: 3,
    } as const;
    events.callFinished(call);
    events.callFinished({ ...call, coalesced: true });
    const text = await metrics.expose();
    expect(text).toContain('tributary_call_rows_dropped_total{source="orders",operation="listOrders"} 3');
  });

  it('bounds the operations that get series of their own', async () => {
    const { events, metrics } = setUp(2);
    for (let i = 0; i < 50; i += 1) {
      events.callFinished({ source: 's', operation: `op${i}`, ms: 1, bytes: 1, outcome: 'ok' });
    }
    const text = await metrics.expose();
    expect(text.match(/^tributary_calls_total\{.*$/gm)).toEqual([
      'tributary_calls_total{source="s",operation="op0",outcome="ok"} 1',
      'tributary_calls_total{source="s",operation="op1",outcome="ok"} 1',
      'tributary_calls_total{source="s",operation="other",outcome="ok"} 48',
    ]);
  });

  it('shows one generation at a time, and what became of sources', async () => {
    const { events, metrics, lines } = setUp();
    events.generationSwapped({ generation: 'g1', sources: ['a'], buildMs: 5 });
    events.generationSwapped({ generation: 'g2', sources: ['a'], buildMs: 5, longestBlockMs: 20 });
    events.generationRefused({ serving: 'g2', reasons: ['a.yaml:1:1 broken'] });
    events.sourceDegraded({ source: 'a', message: 'x', servesOld: true });
    events.sourceDegraded({ source: 'b', message: 'x', servesOld: false });
    events.sourceRecovered({ source: 'a' });
    events.sourceRemoved({ source: 'b' });
    const text = await metrics.expose();
    expect(text.match(/^tributary_(generation_info|source_degraded)\{.*$/gm)).toEqual([
      'tributary_generation_info{generation="g2"} 1',
      'tributary_source_degraded{source="a"} 0',
    ]);
    expect(text).toContain('tributary_generation_swaps_total 2');
    expect(text).toContain('tributary_generation_refusals_total 1');
    expect(text).toContain('tributary_generation_swap_block_seconds 0.02');
    expect(lines().map((line) => line['level'])).toEqual(['info', 'info', 'error', 'warn', 'warn', 'info', 'info']);
  });

  it('logs what the client may not see, once, with the request id', () => {
    const { events, lines } = setUp();
    const cause = new TypeError('x is not a function');
    events.unknownError({ requestId: 'r9', error: new GatewayError('INTERNAL', { cause }) });
    expect(lines()).toMatchObject([
      { level: 'error', requestId: 'r9', err: { type: 'TypeError', message: cause.message } },
    ]);
  });

  it('tells start, drain and stop', () => {
    const { events, lines } = setUp();
    events.started({ graphql: 'http://localhost:4000/graphql' });
    events.draining({ reason: 'SIGTERM', inFlight: 2, limitMs: 100 });
    events.stopped({ reason: 'SIGTERM', abandoned: 1, ms: 100 });
    expect(lines().map((line) => line['msg'])).toEqual(['gateway started', 'draining', 'gateway stopped']);
    expect(lines()[2]?.['level']).toBe('warn');
  });
});

describe('the metrics page', () => {
  it('breaks no naming rule of Prometheus', async () => {
    const { events, metrics } = setUp();
    events.operationFinished(operation);
    events.generationSwapped({ generation: 'g', sources: [], buildMs: 1 });
    expect(lintMetrics(await metrics.expose())).toEqual([]);
  });

  it('breaks none with the process metrics either, and they are there', async () => {
    const text = await createMetrics({ process: true }).expose();
    expect(lintMetrics(text)).toEqual([]);
    expect(text).toContain('process_cpu_seconds_total');
    expect(text).toContain('process_resident_memory_bytes');
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
  });

  it('would be told of a gauge named like a counter', () => {
    expect(lintMetrics('# HELP a_total x\n# TYPE a_total gauge\na_total 1\n')).toHaveLength(1);
    expect(lintMetrics('# TYPE requests counter\nrequests 1\n')).toHaveLength(2);
  });
});
